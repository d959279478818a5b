package guardrails.domain_before_users_test

import data.guardrails.domain_before_users
import data.guardrails.lib_test

claiming(change, domain) := lib_test.doc({
	"changes": [lib_test.change("domain/x.org", "domain", change)],
	"domains": {"x.org": lib_test.domain("x.org", object.union({"live": false, "users": 2}, domain))},
})

warned := count(domain_before_users.warn)

test_warns_of_users_that_come_with_the_claim if {
	found := domain_before_users.warn with input as claiming({}, {})
	found == {{
		"id": "domain-before-users",
		"msg": "`x.org` is claimed by the plan that brings its first users (2)",
		"addresses": ["domain/x.org"],
		"_loc": lib_test.source,
	}}
}

test_boundary_of_the_first_user if {
	warned == 0 with input as claiming({}, {"users": 0})
	warned == 1 with input as claiming({}, {"users": 1})
	warned == 1 with input as claiming({}, {"users": 2, "usersBefore": 0})
	warned == 0 with input as claiming({}, {"users": 2, "usersBefore": 1})
}

test_allows_a_domain_that_is_claimed_already if {
	warned == 0 with input as claiming({}, {"live": true})
}

test_allows_other_changes if {
	warned == 0 with input as claiming({"action": "update"}, {})
	warned == 0 with input as claiming({"action": "delete"}, {})
	warned == 0 with input as claiming({"kind": "user"}, {})
}

test_missing_words_hide_nothing if {
	warned == 1 with input as claiming({}, {"live": null, "usersBefore": null})
	warned == 0 with input as claiming({}, {"users": null})
	warned == 0 with input as object.union(claiming({}, {}), {"domains": {"x.org": null}})
	warned == 0 with input as object.remove(claiming({}, {}), ["domains"])
	warned == 0 with input as {"changes": [null]}
}
