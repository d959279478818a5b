package guardrails.blast_radius_test

import data.guardrails.blast_radius
import data.guardrails.lib_test

denied(doc) := found if found := blast_radius.deny with input as doc

admins := "binding/group/ops/admin/prod"

owners := "binding/group/ops/owner/prod"

shown := {
	admins: lib_test.binding(admins, {"role": "admin", "privileged": true}),
	owners: lib_test.binding(owners, {"role": "owner", "privileged": true}),
}

gained(name, over) := lib_test.access(name, object.union({"binding": admins, "privileged": true}, over))

many(n, over) := [gained(sprintf("u%v@x.org", [i]), over) | some i in numbers.range(1, n)]

plan(gains) := lib_test.doc({"bindings": shown, "access": {"gained": gains}})

said(address, role, people, most) := {
	"id": "blast-radius",
	"msg": sprintf("`%v` gives the privileged role `%v` to %v persons who lack it; the most is %v", [
		address,
		role,
		people,
		most,
	]),
	"addresses": [address],
	"_loc": lib_test.source,
}

test_denies_a_crowd if {
	denied(plan(many(25, {}))) == {said(admins, "admin", 25, 10)}
}

test_denies_each_binding_by_itself if {
	both := array.concat(many(11, {}), many(12, {"binding": owners}))
	denied(plan(both)) == {said(admins, "admin", 11, 10), said(owners, "owner", 12, 10)}
}

test_allows_what_is_not_privileged if {
	denied(plan(many(25, {"privileged": false}))) == set()
}

test_allows_who_had_it_before if {
	denied(plan(many(25, {"already": true}))) == set()
	denied(plan(array.concat(many(25, {"already": true}), [gained("new@x.org", {})]))) == set()
}

test_allows_two_bindings_of_a_few_each if {
	denied(plan(array.concat(many(6, {}), many(6, {"binding": owners})))) == set()
}

test_allows_a_plan_that_gives_nothing if {
	denied(plan([])) == set()
	denied(lib_test.doc({"access": {"gained": [], "lost": many(25, {})}})) == set()
}

test_boundary_of_the_number if {
	denied(plan(many(10, {}))) == set()
	denied(plan(many(11, {}))) == {said(admins, "admin", 11, 10)}
}

test_boundary_of_one_person_by_many_ways if {
	denied(plan(array.concat(many(10, {}), many(10, {"via": "group/other"})))) == set()
}

test_boundary_of_a_parameter if {
	settings := {"settings": {"blast-radius": {"people": 3}}}
	denied(object.union(plan(many(3, {})), settings)) == set()
	denied(object.union(plan(many(4, {})), settings)) == {said(admins, "admin", 4, 3)}
}

test_missing_parameters_are_strict if {
	every people in [0, -1, null, "99"] {
		settings := {"settings": {"blast-radius": {"people": people}}}
		denied(object.union(plan(many(11, {})), settings)) == {said(admins, "admin", 11, 10)}
	}
}

test_missing_fields_are_denied if {
	denied(plan(many(11, {"privileged": null}))) == {said(admins, "admin", 11, 10)}
	denied(plan(many(11, {"already": null}))) == {said(admins, "admin", 11, 10)}
	unknown := object.union(said(admins, "", 11, 10), {"_loc": null})
	denied(lib_test.doc({"access": {"gained": many(11, {})}})) == {unknown}
	denied(plan(array.concat(many(11, {}), [null, {}]))) == {said(admins, "admin", 11, 10)}
	denied(lib_test.doc({"access": null})) == set()
}

test_boundary_of_the_strictest_parameter if {
	settings := {"settings": {"blast-radius": {"people": 1}}}
	denied(object.union(plan(many(2, {})), settings)) == {said(admins, "admin", 2, 1)}
}
