package guardrails.duplicate_group_test

import data.guardrails.duplicate_group
import data.guardrails.lib_test as base

made(over) := base.doc({"groups": {
	"old": base.group("old", {}),
	"new": base.group("new", over),
}})

test_warns_of_a_group_like_others if {
	duplicate_group.warn == {{
		"id": "duplicate-group",
		"msg": "`group/new` is made with exactly the members of `group/elder`, `group/old`",
		"addresses": ["group/new"],
		"_loc": {"file": "a.yaml", "line": 3, "column": 5},
	}} with input as made({"sameMembers": ["old", "elder"]})
}

test_allows_a_group_of_its_own if count(duplicate_group.warn) == 0 with input as made({})

test_boundary_of_empty_groups if {
	count(duplicate_group.warn) == 0 with input as made({"sameMembers": ["old"], "members": 0})
	count(duplicate_group.warn) == 1 with input as made({"sameMembers": ["old"], "members": 1})
	count(duplicate_group.warn) == 1 with input as made({"sameMembers": ["old"], "members": -1})
}

test_missing_keys_are_no_error if {
	count(duplicate_group.warn) == 0 with input as {}
	count(duplicate_group.warn) == 0 with input as {"groups": null}
	count(duplicate_group.warn) == 0 with input as {"groups": {"a": null, "b": {"sameMembers": 1}}}
	count(duplicate_group.warn) == 1 with input as {"groups": {"a": {"sameMembers": [null, 1]}}}
}
