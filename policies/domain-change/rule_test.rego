package guardrails.domain_change_test

import data.guardrails.domain_change
import data.guardrails.lib_test

changing(over) := lib_test.doc({"changes": [lib_test.change("domain/x.org", "domain", over)]})

warned := {v.msg | some v in domain_change.warn}

test_warns_of_a_claim_that_is_made if {
	found := domain_change.warn with input as changing({"after": {"sso": "okta"}})
	found == {{
		"id": "domain-change",
		"msg": "`x.org` is claimed, and its users sign in by `okta`",
		"addresses": ["domain/x.org"],
		"_loc": lib_test.source,
	}}
}

test_warns_of_a_claim_without_connection if {
	found := warned with input as changing({"after": {}})
	found == {"`x.org` is claimed, and its users sign in by no connection"}
}

test_warns_of_a_claim_that_is_given_up if {
	over := {"action": "delete", "before": {"sso": "okta"}, "after": null}
	found := domain_change.warn with input as changing(over)
	found == {{
		"id": "domain-change",
		"msg": "the claim of `x.org` is given up; its users signed in by `okta`",
		"addresses": ["domain/x.org"],
		"_loc": lib_test.source,
	}}
}

test_warns_of_a_sign_in_that_moves if {
	found := warned with input as changing({
		"action": "update", "fields": ["sso"],
		"before": {"sso": "okta"}, "after": {"sso": "entra"},
	})
	found == {"the sign-in of `x.org` moves from `okta` to `entra`"}
}

test_warns_of_each_part_of_an_update if {
	found := warned with input as changing({
		"action": "update", "fields": ["owner", "sso", "state"],
		"before": {"sso": "okta"}, "after": {},
	})
	found == {
		"the sign-in of `x.org` moves from `okta` to no connection",
		"the claim of `x.org` changes: `owner`, `state`",
	}
}

test_boundary_of_an_update_of_the_owner if {
	found := domain_change.warn with input as changing({"action": "update", "fields": ["owner"]})
	found == {{
		"id": "domain-change",
		"msg": "the claim of `x.org` changes: `owner`",
		"addresses": ["domain/x.org"],
		"_loc": lib_test.source,
	}}
}

test_missing_fields_are_shown if {
	every fields in [null, [], [null]] {
		found := warned with input as changing({"action": "update", "fields": fields})
		found == {"the claim of `x.org` changes: in what, the plan does not say"}
	}
}

test_missing_sides_are_no_connection if {
	over := {"action": "update", "fields": ["sso"], "before": null, "after": null}
	found := warned with input as changing(over)
	found == {"the sign-in of `x.org` moves from no connection to no connection"}
}

test_allows_what_is_declared_or_there if {
	count(warned) == 0 with input as changing({"action": "declare"})
	count(warned) == 0 with input as changing({"action": "observe", "fields": ["sso"]})
}

test_allows_other_kinds if {
	every action in ["create", "update", "delete"] {
		count(warned) == 0 with input as changing({"kind": "group", "action": action})
	}
	count(warned) == 0 with input as {"changes": [null]}
}
