package guardrails.group_only_roles_test

import data.guardrails.group_only_roles

binding(action, after) := {"changes": [{
	"address": "binding/user/bot@example.com/viewer/-",
	"kind": "binding",
	"action": action,
	"before": null,
	"after": after,
	"source": {"file": "a.yaml", "line": 3, "column": 5},
}]}

to_user := {"principal": "user/bot@example.com", "role": "viewer"}

to_group := {"principal": "group/bots", "role": "viewer"}

test_denies_a_user_declared if count(group_only_roles.deny) == 1 with input as binding("declare", to_user)

test_denies_a_user_created if count(group_only_roles.deny) == 1 with input as binding("create", to_user)

test_denies_a_user_updated if count(group_only_roles.deny) == 1 with input as binding("update", to_user)

test_says_where_and_what if {
	some v in group_only_roles.deny with input as binding("create", to_user)
	v.id == "group-only-roles"
	v.addresses == ["binding/user/bot@example.com/viewer/-"]
	v._loc.line == 3
	contains(v.msg, "user/bot@example.com")
	contains(v.msg, "viewer")
}

test_allows_a_group if count(group_only_roles.deny) == 0 with input as binding("create", to_group)

test_allows_the_removal if count(group_only_roles.deny) == 0 with input as binding("delete", null)

test_allows_other_kinds if count(group_only_roles.deny) == 0 with input as {"changes": [{
	"address": "user/bot@example.com",
	"kind": "user",
	"action": "create",
	"after": {},
}]}

test_denies_a_missing_principal if count(group_only_roles.deny) == 1 with input as binding("create", {"role": "viewer"})

test_denies_a_missing_role_too if {
	count(group_only_roles.deny) == 1 with input as binding("create", {"principal": "user/a@example.com"})
}

test_a_last_change_that_lacks_fields_silences_nothing if {
	first := binding("create", to_user).changes[0]
	last := {"address": "binding/group/x/y/-", "kind": "binding", "action": "create"}
	count(group_only_roles.deny) == 2 with input as {"changes": [first, last]}
}
