package guardrails.domain_owner_test

import data.guardrails.domain_owner
import data.guardrails.lib_test

having(domain) := lib_test.doc({"domains": {"x.org": lib_test.domain("x.org", domain)}})

warned := count(domain_owner.warn)

test_warns_of_a_claim_without_owner if {
	found := domain_owner.warn with input as having({})
	found == {{
		"id": "domain-owner",
		"msg": "nobody is named who answers for `x.org`",
		"addresses": ["domain/x.org"],
		"_loc": lib_test.source,
	}}
}

test_allows_an_owner if warned == 0 with input as having({"owner": "it"})

test_allows_what_is_not_declared if warned == 0 with input as having({"declared": false})

test_boundary_of_an_owner_of_spaces if warned == 1 with input as having({"owner": " "})

test_missing_owner_is_said if {
	warned == 1 with input as having({"owner": null})
	warned == 1 with input as {"domains": {"x.org": {}}}
	warned == 1 with input as {"domains": {"x.org": null}}
	warned == 0 with input as {"domains": null}
}
