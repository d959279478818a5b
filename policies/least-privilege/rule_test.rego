package guardrails.least_privilege_test

import data.guardrails.least_privilege
import data.guardrails.lib_test

denied(doc) := found if found := least_privilege.deny with input as doc

warned(doc) := found if found := least_privilege.warn with input as doc

address := "binding/group/ops/viewer/prod"

narrow := {"principal": "group/ops", "role": "viewer", "workspace": "prod"}

bound(after, over) := lib_test.doc({"changes": [lib_test.change(address, "binding", object.union(
	{"after": object.union(narrow, after)},
	over,
))]})

said(about, msg) := {
	"id": "least-privilege",
	"msg": sprintf("`%v` %v", [about, msg]),
	"addresses": [about],
	"_loc": lib_test.source,
}

wildcard(role) := said(address, sprintf("binds the role `%v`, which is a wildcard or no role's name", [role]))

unreasoned := said(address, "holds in the whole organization, and no reason is given")

test_denies_a_wildcard if {
	every action in ["declare", "create", "update", "observe"] {
		denied(bound({"role": "compute.*"}, {"action": action})) == {wildcard("compute.*")}
	}
	denied(bound({"role": "*"}, {})) == {wildcard("*")}
	denied(bound({"role": ""}, {})) == {wildcard("")}
}

test_allows_a_narrow_role if {
	denied(bound({}, {})) == set()
	warned(bound({}, {})) == set()
}

test_allows_the_removal_and_other_kinds if {
	denied(bound({"role": "*", "workspace": ""}, {"action": "delete"})) == set()
	denied(bound({"role": "*", "workspace": ""}, {"kind": "user"})) == set()
}

test_denies_organization_wide_without_a_reason if {
	every reason in ["", "  "] {
		denied(bound({"workspace": ""}, {"grant": {"reason": reason}})) == {unreasoned}
	}
}

test_allows_organization_wide_with_a_reason if {
	denied(bound({"workspace": ""}, {"grant": {"reason": "INC-4411"}})) == set()
}

by_hand(action, name) := object.union(
	bound({"workspace": "", "principal": "user/bg@x.org"}, {"action": action}),
	{"breakGlass": {name: {}}},
)

test_allows_a_break_glass_account_that_is_seen if {
	denied(by_hand("observe", "bg@x.org")) == set()
	denied(by_hand("observe", "other@x.org")) == {unreasoned}
	denied(by_hand("create", "bg@x.org")) == {unreasoned}
}

# Of `n` roles.
roles(n) := [sprintf("binding/group/ops/r%v/prod", [i]) | some i in numbers.range(1, n)]

group_doc(point, n, changes) := lib_test.doc({
	"point": point,
	"changes": changes,
	"groups": {"ops": lib_test.group("ops", {"roles": roles(n)})},
})

group_over(n, most) := said("group/ops", sprintf("holds %v roles; the most is %v", [n, most]))

change_of(action) := lib_test.change("binding/group/ops/r1/prod", "binding", {
	"action": action,
	"after": narrow,
})

test_denies_a_group_of_many_roles if {
	every point in ["check", "end", "live"] {
		denied(group_doc(point, 9, [])) == {group_over(9, 8)}
		warned(group_doc(point, 9, [])) == set()
	}
}

test_denies_a_plan_that_adds_to_a_group if {
	denied(group_doc("plan", 9, [change_of("create")])) == {group_over(9, 8)}
	warned(group_doc("plan", 9, [change_of("create")])) == set()
}

test_warns_of_a_group_that_a_plan_finds_so if {
	every changes in [[], [change_of("update")], [change_of("delete")]] {
		warned(group_doc("plan", 9, changes)) == {group_over(9, 8)}
		denied(group_doc("plan", 9, changes)) == set()
	}
}

paths(n) := [{"binding": held, "via": "group/ops"} | some held in roles(n)]

person_doc(point, now, before) := lib_test.doc({
	"point": point,
	"users": {"a@x.org": lib_test.user("a@x.org", {"roles": now, "rolesBefore": before})},
})

person_over(n, most) := said("user/a@x.org", sprintf("holds %v roles; the most is %v", [n, most]))

test_denies_a_person_of_many_roles if {
	every point in ["check", "end", "live"] {
		denied(person_doc(point, paths(21), paths(21))) == {person_over(21, 20)}
		warned(person_doc(point, paths(21), paths(21))) == set()
	}
}

test_denies_a_plan_that_adds_to_a_person if {
	denied(person_doc("plan", paths(21), paths(20))) == {person_over(21, 20)}
	warned(person_doc("plan", paths(21), paths(20))) == set()
}

test_warns_of_a_person_that_a_plan_finds_so if {
	every before in [21, 22] {
		warned(person_doc("plan", paths(21), paths(before))) == {person_over(21, 20)}
		denied(person_doc("plan", paths(21), paths(before))) == set()
	}
}

test_boundary_of_the_roles_of_a_group if {
	denied(group_doc("live", 8, [])) == set()
	settings := {"settings": {"least-privilege": {"maxRolesPerGroup": 3}}}
	denied(object.union(group_doc("live", 3, []), settings)) == set()
	denied(object.union(group_doc("live", 4, []), settings)) == {group_over(4, 3)}
}

test_boundary_of_the_roles_of_a_person if {
	denied(person_doc("live", paths(20), [])) == set()
	twice := array.concat(paths(20), paths(20))
	denied(person_doc("live", twice, [])) == set()
	settings := {"settings": {"least-privilege": {"maxRolesPerPerson": 3}}}
	denied(object.union(person_doc("live", paths(3), []), settings)) == set()
	denied(object.union(person_doc("live", paths(4), []), settings)) == {person_over(4, 3)}
}

test_boundary_of_a_role_that_is_listed_twice if {
	twice := array.concat(roles(8), roles(8))
	doc := {"point": "live", "groups": {"ops": lib_test.group("ops", {"roles": twice})}}
	denied(lib_test.doc(doc)) == set()
}

test_missing_parameters_are_strict if {
	every n in [0, -1, null, "99"] {
		both := {"maxRolesPerGroup": n, "maxRolesPerPerson": n}
		settings := {"settings": {"least-privilege": both}}
		denied(object.union(group_doc("live", 9, []), settings)) == {group_over(9, 8)}
		denied(object.union(person_doc("live", paths(21), []), settings)) == {person_over(21, 20)}
	}
}

test_missing_fields_are_denied if {
	every after in [null, {"role": null, "workspace": null}] {
		denied(bound({}, {"after": after})) == {wildcard(""), unreasoned}
	}
	every grant in [null, {"reason": null}, {"reason": 1}] {
		denied(bound({"workspace": ""}, {"grant": grant})) == {unreasoned}
	}
	denied(person_doc("plan", paths(21), null)) == {person_over(21, 20)}
	denied(group_doc(null, 9, [])) == {group_over(9, 8)}
	denied(group_doc("plan", 9, [change_of(null)])) == {group_over(9, 8)}
	denied(lib_test.doc({"users": {"a": null}, "groups": {"g": null}})) == set()
}

test_missing_fields_of_the_last_change_silence_nothing if {
	first := bound({"role": "*"}, {}).changes[0]
	{v.addresses | some v in denied(lib_test.doc({"changes": [first, {}]}))} == {[address], [""]}
}

test_boundary_of_the_strictest_parameters if {
	settings := {"settings": {"least-privilege": {"maxRolesPerGroup": 1, "maxRolesPerPerson": 1}}}
	denied(object.union(group_doc("live", 2, []), settings)) == {group_over(2, 1)}
	denied(object.union(person_doc("live", paths(2), []), settings)) == {person_over(2, 1)}
}
