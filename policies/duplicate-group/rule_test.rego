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

# Of groups that are made together and are alike, one is told of, and the others with it.
test_warns_of_many_groups_once if {
	many := [sprintf("g%02d", [n]) | some n in numbers.range(1, 20)]
	found := duplicate_group.warn with input as base.doc({"groups": {
		"new": base.group("new", {"sameMembers": many, "sameMembersCount": 45, "alsoMade": many}),
		"g01": base.group("g01", {"sameMembers": many, "sameMembersCount": 45, "alsoMade": null}),
	}})
	count(found) == 1
	some v in found
	startswith(v.msg, "`group/new` is made with exactly the members of `group/g01`, `group/g02`, ")
	endswith(v.msg, "`group/g10` and 35 more")
	count(v.addresses) == 21
	v.addresses[0] == "group/new"
	v.addresses[20] == "group/g20"
}

test_warns_of_ten_groups_by_name if {
	ten := [sprintf("g%02d", [n]) | some n in numbers.range(1, 10)]
	found := duplicate_group.warn with input as made({"sameMembers": ten, "sameMembersCount": 10})
	some v in found
	endswith(v.msg, "`group/g10`")
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
