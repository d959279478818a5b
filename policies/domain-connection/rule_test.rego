package guardrails.domain_connection_test

import data.guardrails.domain_connection
import data.guardrails.lib_test

having(domain) := lib_test.doc({"domains": {
	"x.org": lib_test.domain("x.org", object.union({"users": 2}, domain)),
}})

warned := count(domain_connection.warn)

test_warns_of_users_without_connection if {
	found := domain_connection.warn with input as having({})
	found == {{
		"id": "domain-connection",
		"msg": "`x.org` has 2 users, and no SSO connection signs them in",
		"addresses": ["domain/x.org"],
		"_loc": lib_test.source,
	}}
}

test_allows_a_connection if warned == 0 with input as having({"sso": "okta"})

test_allows_what_is_not_claimed if {
	warned == 0 with input as having({"declared": false})
	warned == 0 with input as having({"present": false})
}

test_boundary_of_the_first_user if {
	warned == 0 with input as having({"users": 0})
	warned == 1 with input as having({"users": 1})
	warned == 1 with input as having({"sso": " "})
}

test_missing_words_hide_nothing if {
	warned == 1 with input as having({"sso": null})
	warned == 1 with input as having({"declared": null, "present": null})
	warned == 0 with input as having({"users": null})
	warned == 0 with input as {"domains": {"x.org": null}}
}

test_advises_no_connection_for_break_glass_accounts if {
	kept := object.union(having({}), {"breakGlass": {"bg@x.org": {"domain": "x.org"}}})
	some v in domain_connection.warn with input as kept
	startswith(v.remedy, "leave `x.org` as it is if all of its users are break-glass accounts")
	other := object.union(having({}), {"breakGlass": {"bg@y.org": {"domain": "y.org"}}})
	some w in domain_connection.warn with input as other
	not "remedy" in object.keys(w)
}
