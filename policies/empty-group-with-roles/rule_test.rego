package guardrails.empty_group_with_roles_test

import data.guardrails.empty_group_with_roles as rule
import data.guardrails.lib_test as base

about(over) := base.doc({"groups": {"ops": base.group("ops", object.union(
	{"members": 0, "roles": ["binding/a", "binding/b"]},
	over,
))}})

test_warns_of_roles_for_nobody if {
	rule.warn == {{
		"id": "empty-group-with-roles",
		"msg": "`group/ops` has no members in the end, and holds roles (2)",
		"addresses": ["group/ops"],
		"_loc": {"file": "a.yaml", "line": 3, "column": 5},
	}} with input as about({})
}

test_allows_a_group_without_roles if count(rule.warn) == 0 with input as about({"roles": []})

test_allows_a_group_that_goes if count(rule.warn) == 0 with input as about({"present": false})

test_boundary_of_members if {
	count(rule.warn) == 0 with input as about({"members": -1})
	count(rule.warn) == 1 with input as about({"members": 0})
	count(rule.warn) == 0 with input as about({"members": 1})
}

test_missing_members_are_not_known if {
	count(rule.warn) == 0 with input as about({"members": null})
	count(rule.warn) == 0 with input as {"groups": {"a": {"present": true, "roles": ["b"]}}}
	count(rule.warn) == 0 with input as {"groups": {"a": null, "b": {}, "c": {"roles": null}}}
	count(rule.warn) == 0 with input as {}
	count(rule.warn) == 1 with input as {"groups": {"a": {
		"present": true,
		"roles": [null],
		"members": 0,
	}}}
}

test_missing_presence_excuses_nothing if {
	count(rule.warn) == 1 with input as about({"present": null})
}
