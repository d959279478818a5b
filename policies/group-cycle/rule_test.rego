package guardrails.group_cycle_test

import data.guardrails.group_cycle
import data.guardrails.lib_test as base

elsewhere := {"file": "b.yaml", "line": 9, "column": 1}

about(point, changes) := base.doc({
	"point": point,
	"groups": {
		"b": base.group("b", {"cycle": ["b", "a"], "source": elsewhere}),
		"a": base.group("a", {"cycle": ["a", "b"]}),
		"c": base.group("c", {}),
	},
	"changes": changes,
})

nesting(group, user, action) := [base.change("membership/x", "membership", {
	"action": action,
	"after": {"group": group, "user": user},
})]

test_denies_a_circle_once if {
	every point in ["check", "end", "live"] {
		group_cycle.deny == {{
			"id": "group-cycle",
			"msg": "groups are members of each other in a circle: `group/a`, `group/b`",
			"addresses": ["group/a", "group/b"],
			"_loc": {"file": "a.yaml", "line": 3, "column": 5},
		}} with input as about(point, [])
		count(group_cycle.warn) == 0 with input as about(point, [])
	}
}

test_denies_a_circle_closed_by_the_plan if {
	every user in ["b", "group/b"] {
		count(group_cycle.deny) == 1 with input as about("plan", nesting("a", user, "create"))
		count(group_cycle.warn) == 0 with input as about("plan", nesting("a", user, "create"))
	}
	every action in ["create", "update"] {
		shown := [base.change("group/a", "group", {"action": action})]
		count(group_cycle.deny) == 1 with input as about("plan", shown)
	}
}

test_denies_each_circle if {
	group_cycle.deny == {
		{
			"id": "group-cycle",
			"msg": "groups are members of each other in a circle: `group/a`",
			"addresses": ["group/a"],
			"_loc": null,
		},
		{
			"id": "group-cycle",
			"msg": "groups are members of each other in a circle: `group/b`, `group/c`",
			"addresses": ["group/b", "group/c"],
			"_loc": null,
		},
	} with input as {"groups": {"a": {"cycle": ["a"]}, "b": {"cycle": ["c"]}, "c": {"cycle": ["b"]}}}
}

test_warns_of_what_stood_before_the_plan if {
	{v.addresses | some v in group_cycle.warn} == {["group/a", "group/b"]} with input as about(
		"plan",
		[],
	)
	count(group_cycle.deny) == 0 with input as about("plan", [])
	count(group_cycle.deny) == 0 with input as about("plan", nesting("a", "u@x.org", "create"))
	count(group_cycle.deny) == 0 with input as about("plan", nesting("a", "b", "delete"))
	shown := [base.change("group/c", "group", {}), base.change("group/a", "binding", {})]
	count(group_cycle.deny) == 0 with input as about("plan", shown)
	count(group_cycle.deny) == 0 with input as about("plan", [base.change("group/a", "group", {
		"action": "delete",
	})])
	count(group_cycle.deny) == 0 with input as about("plan", [base.change("x", "binding", {"after": {
		"user": "b",
	}})])
}

test_allows_groups_in_no_circle if {
	count(group_cycle.deny) == 0 with input as base.doc({
		"point": "live",
		"groups": {"c": base.group("c", {"parents": ["d"], "children": ["e"]})},
	})
}

test_boundary_of_a_group_in_itself if {
	count(group_cycle.deny) == 1 with input as {"groups": {"a": {"cycle": ["a"]}}}
	count(group_cycle.deny) == 0 with input as {"groups": {"a": {"cycle": []}}}
}

test_missing_keys_are_no_error if {
	count(group_cycle.deny) == 0 with input as {}
	count(group_cycle.deny) == 0 with input as {"groups": {"a": null, "b": {"cycle": null}}}
	count(group_cycle.deny) == 1 with input as {
		"groups": {"a": {"cycle": [null, 1]}},
		"changes": [null, {"kind": "membership", "after": null}],
	}
}
