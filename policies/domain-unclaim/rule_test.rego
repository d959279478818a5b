package guardrails.domain_unclaim_test

import data.guardrails.domain_unclaim
import data.guardrails.lib_test

giving_up(change, domain) := lib_test.doc({
	"changes": [lib_test.change(
		"domain/x.org", "domain",
		object.union({"action": "delete"}, change),
	)],
	"domains": {"x.org": lib_test.domain("x.org", domain)},
})

denied := count(domain_unclaim.deny)

test_denies_giving_up_a_domain_with_users if {
	found := domain_unclaim.deny with input as giving_up({}, {"users": 2})
	found == {{
		"id": "domain-unclaim",
		"msg": concat("", [
			"the claim of `x.org` is given up, ",
			"and it has 2 users of the organization",
		]),
		"addresses": ["domain/x.org"],
		"_loc": lib_test.source,
	}}
}

test_boundary_of_the_last_user if {
	denied == 1 with input as giving_up({}, {"users": 1})
	denied == 0 with input as giving_up({}, {"users": 0, "usersBefore": 2})
}

test_allows_other_changes if {
	denied == 0 with input as giving_up({"action": "update"}, {"users": 2})
	denied == 0 with input as giving_up({"action": "create"}, {"users": 2})
	denied == 0 with input as giving_up({"kind": "user"}, {"users": 2})
}

test_missing_count_is_denied if {
	every domains in [null, {}, {"x.org": null}, {"x.org": {}}, {"x.org": {"users": null}}] {
		input_of := object.union(giving_up({}, {}), {"domains": null})
		found := domain_unclaim.deny with input as object.union(input_of, {"domains": domains})
		{v.msg | some v in found} == {concat("", [
			"the claim of `x.org` is given up, ",
			"and how many users it has is not known",
		])}
	}
}
