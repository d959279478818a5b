package guardrails.domain_verified_lately_test

import data.guardrails.domain_verified_lately
import data.guardrails.lib_test

# A claim that was last verified so many nanoseconds before now.
seen(age, domain) := lib_test.doc({"domains": {"x.org": lib_test.domain("x.org", object.union(
	{"lastVerified": "2026-08-01T12:00:00Z", "lastVerifiedNs": lib_test.now - age},
	domain,
))}})

set(days) := {"settings": {"domain-verified-lately": {"days": days}}}

warned := count(domain_verified_lately.warn)

test_warns_of_an_old_proof if {
	found := domain_verified_lately.warn with input as seen(112 * lib_test.day, {})
	found == {{
		"id": "domain-verified-lately",
		"msg": concat("", [
			"the claim of `x.org` was last verified on 2026-08-01, ",
			"112 days ago; the most is 90",
		]),
		"addresses": ["domain/x.org"],
		"_loc": lib_test.source,
	}}
}

test_boundary_of_90_days if {
	warned == 0 with input as seen(90 * lib_test.day, {})
	warned == 1 with input as seen((90 * lib_test.day) + 1, {})
}

test_boundary_of_days_that_are_set if {
	week := 7 * lib_test.day
	warned == 0 with input as object.union(seen(week, {}), set(7))
	warned == 1 with input as object.union(seen(week + 1, {}), set(7))
	warned == 0 with input as object.union(seen(100 * lib_test.day, {}), set(100))
}

test_missing_days_are_90 if {
	warned == 0 with input as object.union(seen(90 * lib_test.day, {}), set(0))
	warned == 1 with input as object.union(seen(91 * lib_test.day, {}), set(0))
	warned == 1 with input as object.union(seen(91 * lib_test.day, {}), set(null))
}

test_allows_what_is_no_proved_claim if {
	warned == 0 with input as seen(200 * lib_test.day, {"verified": false})
	warned == 0 with input as seen(200 * lib_test.day, {"present": false})
}

test_missing_words if {
	warned == 0 with input as seen(0, {"lastVerified": "", "lastVerifiedNs": 0})
	warned == 0 with input as seen(0, {"lastVerifiedNs": null})
	warned == 1 with input as seen(91 * lib_test.day, {"present": null})
	warned == 0 with input as seen(91 * lib_test.day, {"verified": null})
	warned == 0 with input as {"domains": {"x.org": null}}
}
