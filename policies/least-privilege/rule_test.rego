package guardrails.least_privilege_test

import data.guardrails.least_privilege

binding(after, grant) := {
	"administrators": {"roles": ["ccs.account-admin"], "groups": []},
	"changes": [{
		"address": "binding/group/ops/viewer/prod",
		"kind": "binding",
		"action": "create",
		"before": null,
		"after": object.union({"principal": "group/ops", "role": "viewer", "workspace": "prod"}, after),
		"source": {"file": "a.yaml", "line": 3, "column": 5},
		"grant": object.union({"from": "", "until": "", "reason": ""}, grant),
	}],
}

with_action(action) := object.union(binding({"role": "*"}, {}), {"changes": [object.union(
	binding({"role": "*"}, {}).changes[0],
	{"action": action},
)]})

test_denies_a_wildcard if count(least_privilege.deny) == 1 with input as binding({"role": "compute.*"}, {})

test_denies_a_wildcard_declared if count(least_privilege.deny) == 1 with input as with_action("declare")

test_denies_a_wildcard_updated if count(least_privilege.deny) == 1 with input as with_action("update")

test_allows_a_wildcard_removed if count(least_privilege.deny) == 0 with input as with_action("delete")

test_allows_a_narrow_role if {
	count(least_privilege.deny) == 0 with input as binding({}, {})
	count(least_privilege.warn) == 0 with input as binding({}, {})
}

test_denies_organization_wide_without_a_reason if {
	every reason in ["", "  "] {
		count(least_privilege.deny) == 1 with input as binding({"workspace": ""}, {"reason": reason})
	}
}

test_allows_organization_wide_with_a_reason if {
	count(least_privilege.deny) == 0 with input as binding({"workspace": ""}, {"reason": "INC-4411"})
}

test_warns_of_a_privileged_role_for_ever if {
	count(least_privilege.warn) == 1 with input as binding({"role": "ccs.account-admin"}, {})
	count(least_privilege.deny) == 0 with input as binding({"role": "ccs.account-admin"}, {})
}

test_does_not_warn_of_one_with_an_end if {
	count(least_privilege.warn) == 0 with input as binding(
		{"role": "ccs.account-admin"},
		{"until": "2027-03-31T23:59:59Z"},
	)
}

test_says_which_and_where if {
	some v in least_privilege.deny with input as binding({"role": "*"}, {})
	v.id == "least-privilege"
	v.addresses == ["binding/group/ops/viewer/prod"]
	v._loc.line == 3
}

test_denies_a_missing_role_and_grant if {
	bare := {"changes": [{"address": "binding/group/x/y/-", "kind": "binding", "action": "create"}]}
	count(least_privilege.deny) == 2 with input as bare
}

test_a_last_change_that_lacks_fields_silences_nothing if {
	first := binding({"role": "*"}, {}).changes[0]
	last := {"address": "binding/group/x/y/-", "kind": "binding", "action": "create"}
	count(least_privilege.deny) == 3 with input as {"changes": [first, last]}
}

test_other_kinds_are_not_judged if {
	count(least_privilege.deny) == 0 with input as {"changes": [{
		"address": "user/a@example.com",
		"kind": "user",
		"action": "create",
		"after": {},
	}]}
}
