package guardrails.break_glass_test

import data.guardrails.break_glass

touching(change) := {"changes": [object.union(
	{
		"address": "user/bg-one@example.com",
		"kind": "user",
		"touchesProtected": true,
		"source": {"file": "a.yaml", "line": 3, "column": 5},
	},
	change,
)]}

test_denies_every_action if {
	every action in ["declare", "create", "update", "delete"] {
		count(break_glass.deny) == 1 with input as touching({"action": action})
	}
}

test_denies_a_membership if {
	membership := {"kind": "membership", "address": "membership/ops/bg-one@example.com", "action": "create"}
	count(break_glass.deny) == 1 with input as touching(membership)
}

test_says_which if {
	some v in break_glass.deny with input as touching({"action": "update"})
	v.id == "break-glass"
	v.addresses == ["user/bg-one@example.com"]
	v._loc == {"file": "a.yaml", "line": 3, "column": 5}
	contains(v.msg, "user/bg-one@example.com")
}

test_allows_what_touches_nobody if {
	count(break_glass.deny) == 0 with input as touching({"action": "delete", "touchesProtected": false})
}

test_denies_what_does_not_say if {
	count(break_glass.deny) == 1 with input as {"changes": [{"address": "user/a@example.com", "action": "create"}]}
}

test_denies_what_is_null if {
	count(break_glass.deny) == 1 with input as touching({"action": "create", "touchesProtected": null})
}
