package guardrails.leavers_lose_everything_test

import data.guardrails.leavers_lose_everything as leavers
import data.guardrails.lib_test as base

# Somebody, how they are in the end, and what is done.
about(point, over, changes) := base.doc({
	"point": point,
	"users": {"a@x.org": base.user("a@x.org", over)},
	"changes": changes,
})

membership(action) := base.change("membership/ops/a@x.org", "membership", {
	"action": action,
	"after": {"group": "ops", "user": "a@x.org"},
})

binding(principal) := base.change("binding/user/a@x.org/viewer/-", "binding", {"after": {
	"principal": principal,
	"role": "viewer",
}})

off := {"active": false}

keeps := {"active": false, "groups": ["ops", "dev"], "roles": [{"binding": "b", "via": ""}]}

test_denies_a_membership_made if {
	leavers.deny == {{
		"id": "leavers-lose-everything",
		"msg": "`membership/ops/a@x.org` is made for `user/a@x.org`, who is not active in the end",
		"addresses": ["membership/ops/a@x.org"],
		"_loc": {"file": "a.yaml", "line": 3, "column": 5},
	}} with input as about("plan", off, [membership("create")])
}

test_denies_a_binding_made if {
	{v.msg | some v in leavers.deny} == {concat("", [
		"`binding/user/a@x.org/viewer/-` is made for `user/a@x.org`, ",
		"who is not there in the end",
	])} with input as about("plan", {"present": false}, [binding("user/a@x.org")])
}

# What no membership says: it is given to its user only.
test_denies_a_membership_by_its_user_only if {
	other := base.change("membership/ops/b@x.org", "membership", {"after": {
		"user": "b@x.org",
		"principal": "user/a@x.org",
	}})
	count(leavers.deny) == 0 with input as about("plan", off, [other])
	count(leavers.deny) == 1 with input as about("plan", off, [other, membership("create")])
}

test_denies_an_address_that_is_a_name_too if {
	named := {"users": {"user/a@x.org": base.user("user/a@x.org", {})}}
	joins := base.change("m", "membership", {"after": {"user": "user/a@x.org"}})
	count(leavers.deny) == 1 with input as object.union(about("plan", off, [joins]), named)
	count(leavers.deny) == 0 with input as object.union(about("plan", {}, [joins]), named)
}

to_ops(over) := base.change("binding/group/ops/viewer/-", "binding", object.union(
	{"after": {"principal": "group/ops", "role": "viewer"}},
	over,
))

in_ops(binding) := {"active": false, "roles": [{"binding": binding, "via": "group/ops"}]}

by_ops := in_ops("binding/group/ops/viewer/-")

test_denies_a_role_that_comes_through_a_group if {
	leavers.deny == {{
		"id": "leavers-lose-everything",
		"msg": concat("", [
			"`binding/group/ops/viewer/-` gives a role to `user/a@x.org`, ",
			"who is not active in the end",
		]),
		"addresses": ["binding/group/ops/viewer/-"],
		"_loc": {"file": "a.yaml", "line": 3, "column": 5},
	}} with input as about("plan", by_ops, [to_ops({})])
	count(leavers.warn) == 0 with input as about("plan", by_ops, [to_ops({})])
	more := to_ops({"action": "update", "removes": false})
	count(leavers.deny) == 1 with input as about("plan", by_ops, [more])
}

test_denies_once_a_role_that_is_given_directly if {
	given := binding("user/a@x.org")
	holds := {"active": false, "roles": [{"binding": given.address, "via": ""}]}
	{v.msg | some v in leavers.deny} == {concat("", [
		"`binding/user/a@x.org/viewer/-` is made for `user/a@x.org`, ",
		"who is not active in the end",
	])} with input as about("plan", holds, [given])
	more := object.union(given, {"action": "update", "removes": false})
	count(leavers.deny) == 1 with input as about("plan", holds, [more])
}

test_allows_a_role_that_comes_to_others if {
	count(leavers.deny) == 0 with input as about("plan", off, [to_ops({})])
	count(leavers.deny) == 0 with input as about("plan", in_ops("other"), [to_ops({})])
	stays := object.union(by_ops, {"active": true})
	count(leavers.deny) == 0 with input as about("plan", stays, [to_ops({})])
	named := to_ops({"kind": "group"})
	count(leavers.deny) == 0 with input as about("plan", by_ops, [named])
}

test_allows_less_of_a_role_and_what_stands if {
	less := to_ops({"action": "update", "removes": true})
	count(leavers.deny) == 0 with input as about("plan", by_ops, [less])
	every action in ["delete", "observe", "declare"] {
		shown := to_ops({"action": action, "removes": false})
		count(leavers.deny) == 0 with input as about("plan", by_ops, [shown])
	}
}

test_missing_removal_is_none_of_a_role if {
	bare := to_ops({"action": "update", "removes": null})
	count(leavers.deny) == 1 with input as about("plan", by_ops, [bare])
	unnamed := in_ops(null)
	count(leavers.deny) == 0 with input as about("plan", unnamed, [to_ops({})])
}

test_denies_once_what_is_given_and_kept if {
	count(leavers.deny) == 1 with input as about("plan", keeps, [membership("create")])
	count(leavers.warn) == 0 with input as about("plan", keeps, [membership("create")])
}

test_denies_what_is_declared if {
	leavers.deny == {{
		"id": "leavers-lose-everything",
		"msg": concat("", [
			"`user/a@x.org` is not active in the end, ",
			"and keeps what they had: memberships 2, roles 1",
		]),
		"addresses": ["user/a@x.org"],
		"_loc": {"file": "a.yaml", "line": 3, "column": 5},
	}} with input as about("check", keeps, [])
	count(leavers.warn) == 0 with input as about("check", keeps, [])
}

test_allows_at_check_what_no_file_declares if {
	undeclared := {"declared": false, "present": false, "groups": ["ops"]}
	count(leavers.deny) == 0 with input as about("check", undeclared, [])
	count(leavers.warn) == 0 with input as about("check", undeclared, [])
}

test_warns_of_what_is_kept if {
	every point in ["plan", "end", "live"] {
		leavers.warn == {{
			"id": "leavers-lose-everything",
			"msg": concat("", [
				"`user/a@x.org` is not active in the end, ",
				"and keeps what they had: memberships 2, roles 1",
			]),
			"addresses": ["user/a@x.org"],
			"_loc": {"file": "a.yaml", "line": 3, "column": 5},
		}} with input as about(point, keeps, [])
		count(leavers.deny) == 0 with input as about(point, keeps, [])
	}
}

test_allows_whoever_stays if {
	stays := {"groups": ["ops"], "roles": [{"binding": "b", "via": ""}]}
	shown := [membership("create"), binding("user/a@x.org")]
	count(leavers.deny) == 0 with input as about("plan", stays, shown)
	count(leavers.warn) == 0 with input as about("plan", stays, shown)
	count(leavers.deny) == 0 with input as about("check", stays, [])
}

test_allows_what_takes_away if {
	every action in ["delete", "update", "observe"] {
		count(leavers.deny) == 0 with input as about("plan", off, [membership(action)])
	}
}

test_allows_what_is_for_others if {
	named := object.union(membership("create"), {"kind": "group"})
	bound := object.union(binding("user/a@x.org"), {"kind": "group"})
	count(leavers.deny) == 0 with input as about("plan", off, [binding("group/a@x.org"), named])
	count(leavers.deny) == 0 with input as about("plan", off, [binding("a@x.org"), bound])
}

test_boundary_of_nothing_kept if {
	count(leavers.warn) == 0 with input as about("live", off, [])
	count(leavers.deny) == 0 with input as about("check", off, [])
	count(leavers.warn) == 1 with input as about("live", {"active": false, "groups": ["ops"]}, [])
	count(leavers.warn) == 1 with input as about("live", {"active": false, "roles": [null]}, [])
}

test_missing_users_are_no_leavers if {
	shown := [membership("create"), binding("user/a@x.org")]
	count(leavers.deny) == 0 with input as base.doc({"changes": shown})
}

test_missing_activity_is_none if {
	every active in [null, "true", 1] {
		count(leavers.deny) == 1 with input as about("plan", {"active": active}, [
			membership("create"),
		])
		count(leavers.deny) == 1 with input as about("plan", {"present": active}, [
			membership("create"),
		])
	}
}

test_missing_keys_are_no_error if {
	bare := {"users": {"a": null, "b": {}}, "changes": [
		null,
		{"action": "create"},
		{"action": "create", "kind": "membership"},
		{"action": "create", "kind": "binding", "after": null},
	]}
	count(leavers.deny) == 0 with input as bare
	count(leavers.warn) == 0 with input as bare
	count(leavers.deny) == 0 with input as {}
}

test_missing_declaration_is_none if {
	count(leavers.deny) == 0 with input as about("check", object.union(keeps, {"declared": null}), [])
}
