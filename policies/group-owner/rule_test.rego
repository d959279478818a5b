package guardrails.group_owner_test

import data.guardrails.group_owner
import data.guardrails.lib_test as base

# A group with a role, and how somebody is who may own it.
about(point, over, user) := base.doc({
	"point": point,
	"users": {"o@x.org": base.user("o@x.org", user)},
	"groups": {"ops": base.group("ops", object.union({"roles": ["binding/b"]}, over))},
})

strong := {"privileged": true}

owned := {"privileged": true, "owner": "o@x.org"}

writing(over, change) := object.union(about("plan", over, {}), {"changes": [
	null,
	base.change("binding/b", "binding", change),
]})

test_denies_a_privileged_group_declared_without_owner if {
	group_owner.deny == {{
		"id": "group-owner",
		"msg": "`group/ops` holds roles (1) and has no owner",
		"addresses": ["group/ops"],
		"_loc": {"file": "a.yaml", "line": 3, "column": 5},
	}} with input as about("check", strong, {})
	count(group_owner.warn) == 0 with input as about("check", strong, {})
}

test_denies_a_role_given_by_the_plan if {
	count(group_owner.deny) == 1 with input as writing(strong, {})
	count(group_owner.warn) == 0 with input as writing(strong, {})
}

test_denies_an_owner_who_is_off if {
	{v.msg | some v in group_owner.deny} == {concat("", [
		"`group/ops` holds roles (1) and is owned by `o@x.org`, ",
		"who is not active in the end",
	])} with input as about("check", owned, {"active": false})
}

test_denies_an_owner_who_goes if {
	{v.msg | some v in group_owner.deny} == {concat("", [
		"`group/ops` holds roles (1) and is owned by `o@x.org`, ",
		"who is not there in the end",
	])} with input as object.union(writing(owned, {}), {"users": {"o@x.org": {
		"present": false,
		"declared": false,
	}}})
}

test_warns_of_what_stood_before_the_plan if {
	{v.msg | some v in group_owner.warn} == {
		"`group/ops` holds roles (1) and has no owner",
	} with input as about("plan", strong, {})
	count(group_owner.deny) == 0 with input as about("plan", strong, {})
	every action in ["update", "delete"] {
		count(group_owner.warn) == 1 with input as writing(strong, {"action": action})
		count(group_owner.deny) == 0 with input as writing(strong, {"action": action})
	}
	count(group_owner.deny) == 0 with input as writing(strong, {"address": "binding/other"})
}

test_warns_in_an_audit if {
	every point in ["end", "live"] {
		count(group_owner.warn) == 1 with input as about(point, strong, {})
		count(group_owner.deny) == 0 with input as about(point, strong, {})
	}
	observed := object.union(writing(strong, {"action": "observe"}), {"point": "live"})
	count(group_owner.deny) == 0 with input as observed
	count(group_owner.warn) == 1 with input as observed
}

test_warns_of_a_group_with_small_roles if {
	count(group_owner.warn) == 1 with input as about("check", {}, {})
	count(group_owner.deny) == 0 with input as about("check", {}, {})
	count(group_owner.warn) == 1 with input as about("live", {"owner": "o@x.org"}, {"active": false})
}

test_boundary_of_a_user_without_a_name if {
	nameless := object.union(about("live", {"owner": "o@x.org"}, {}), {"users": {
		"": base.user("", {"active": false}),
		"o@x.org": base.user("o@x.org", {}),
	}})
	count(group_owner.warn) == 0 with input as nameless
	unowned := object.union(nameless, {"groups": {"ops": {"owner": ""}}})
	{v.msg | some v in group_owner.warn} == {"`group/ops` holds roles (1) and has no owner"} with input as unowned
}

stranger := {"privileged": true, "owner": "z@x.org"}

test_denies_an_owner_whom_nobody_knows if {
	{v.msg | some v in group_owner.deny} == {
		"`group/ops` holds roles (1) and is owned by `z@x.org`, whom nobody here knows",
	} with input as writing(stranger, {})
	count(group_owner.warn) == 0 with input as writing(stranger, {})
}

test_warns_of_an_owner_whom_nobody_knows_where_nothing_is_given if {
	every point in ["plan", "end", "live"] {
		count(group_owner.warn) == 1 with input as about(point, stranger, {})
		count(group_owner.deny) == 0 with input as about(point, stranger, {})
	}
	small := {"owner": "z@x.org"}
	count(group_owner.warn) == 1 with input as writing(small, {})
	count(group_owner.deny) == 0 with input as writing(small, {})
}

test_allows_files_to_name_whom_they_do_not_declare if {
	count(group_owner.warn) == 0 with input as about("check", stranger, {})
	count(group_owner.deny) == 0 with input as about("check", stranger, {})
}

test_warns_of_an_owner_who_may_be_a_team if {
	team := {"privileged": true, "owner": "platform"}
	{v.msg | some v in group_owner.warn} == {
		"`group/ops` holds roles (1) and is owned by `platform`, which is no user here",
	} with input as writing(team, {})
	count(group_owner.deny) == 0 with input as writing(team, {})
	count(group_owner.warn) == 0 with input as about("check", team, {})
}

test_warns_of_each_group_for_its_own_owner if {
	groups := {"groups": {"none": base.group("none", {"roles": ["binding/n"]})}}
	{v.msg | some v in group_owner.warn} == {
		"`group/ops` holds roles (1) and is owned by `platform`, which is no user here",
		"`group/none` holds roles (1) and has no owner",
	} with input as object.union(about("live", {"owner": "platform"}, {}), groups)
}

# A group that the files do not declare, and its role.
foreign(point, binding) := object.union(
	about(point, {"declared": false, "privileged": true}, {}),
	{"bindings": {"binding/b": base.binding("binding/b", binding)}},
)

test_allows_at_rest_what_the_files_do_not_tell_of if {
	every point in ["plan", "end", "check"] {
		count(group_owner.warn | group_owner.deny) == 0 with input as foreign(point, {"declared": false})
		count(group_owner.warn | group_owner.deny) == 1 with input as foreign(point, {})
		count(group_owner.warn | group_owner.deny) == 1 with input as foreign(point, {"declared": null})
	}
	count(group_owner.warn) == 1 with input as foreign("live", {"declared": false})
}

test_allows_an_owner_who_is_there if {
	every owner in ["o@x.org", " O@x.org", "user/o@x.org"] {
		count(group_owner.deny) == 0 with input as writing({"owner": owner, "privileged": true}, {})
		count(group_owner.warn) == 0 with input as writing({"owner": owner, "privileged": true}, {})
		count(group_owner.warn) == 0 with input as about("check", {"owner": owner}, {})
	}
}

test_allows_an_owner_whom_files_do_not_tell if {
	elsewhere := {"declared": false, "present": false, "active": false}
	count(group_owner.deny) == 0 with input as about("check", owned, elsewhere)
	count(group_owner.warn) == 0 with input as about("check", owned, elsewhere)
}

test_allows_a_group_that_goes if {
	count(group_owner.warn) == 0 with input as about("live", {"present": false}, {})
	gone := {"groups": {"ops": {"present": false}}}
	count(group_owner.warn | group_owner.deny) == 0 with input as object.union(foreign("plan", {}), gone)
}

test_boundary_of_no_roles if {
	count(group_owner.warn) == 0 with input as about("live", {"roles": []}, {})
	count(group_owner.warn) == 1 with input as about("live", {"roles": ["a", "b"]}, {})
}

test_boundary_of_blank_owners if {
	every owner in ["", "  ", "user/", null, 1] {
		count(group_owner.deny) == 1 with input as about("check", {
			"owner": owner,
			"privileged": true,
		}, {})
		count(group_owner.warn) == 1 with input as about("live", {"owner": owner}, {})
	}
}

test_missing_keys_are_no_error if {
	count(group_owner.deny) == 0 with input as {}
	count(group_owner.warn) == 0 with input as {"groups": {"a": null, "b": {}}}
	count(group_owner.warn) == 1 with input as {"groups": {"a": {
		"present": true,
		"roles": [null],
		"owner": "o",
	}}}
	count(group_owner.deny) == 1 with input as about("check", owned, {"active": null})
}

test_missing_marks if {
	unsaid := {"present": null, "privileged": true}
	count(group_owner.deny) == 1 with input as about("check", unsaid, {})
	untold := object.union(foreign("plan", {"declared": false}), {"groups": {"ops": {"declared": null}}})
	count(group_owner.warn) == 1 with input as untold
	count(group_owner.deny) == 0 with input as about("check", {"privileged": null}, {})
	{v.msg | some v in group_owner.warn} == {concat("", [
		"`group/ops` holds roles (1) and is owned by `o@x.org`, ",
		"who is not there in the end",
	])} with input as about("live", {"owner": "o@x.org"}, {"present": null})
}
