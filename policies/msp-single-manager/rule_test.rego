package guardrails.msp_single_manager_test

import data.guardrails.lib_test
import data.guardrails.msp_single_manager

creating(change, domain) := lib_test.doc({
	"changes": [lib_test.change("user/a@x.org", "user", change)],
	"users": {"a@x.org": lib_test.user("a@x.org", {})},
	"domains": {"x.org": lib_test.domain("x.org", object.union({"tenant": "north"}, domain))},
})

# Nothing but a user in the index.
declared(point, user) := lib_test.doc({
	"point": point,
	"users": {"a@x.org": lib_test.user("a@x.org", user)},
	"domains": {"x.org": lib_test.domain("x.org", {"tenant": "north"})},
})

denied := count(msp_single_manager.deny)

test_denies_a_user_of_a_tenant if {
	found := msp_single_manager.deny with input as creating({}, {})
	found == {{
		"id": "msp-single-manager",
		"msg": concat("", [
			"`a@x.org` is declared here, ",
			"and `x.org` belongs to the directory of the tenant `north`",
		]),
		"addresses": ["user/a@x.org"],
		"_loc": lib_test.source,
	}}
}

renaming(from) := creating(
	{"action": "update", "fields": ["userName"], "before": {"userName": from}},
	{},
)

test_denies_a_new_name_in_the_domain_of_a_tenant if {
	denied == 1 with input as renaming("a@y.org")
	denied == 0 with input as renaming("b@x.org")
}

test_denies_what_is_declared if {
	every point in ["check", "live", "end"] {
		denied == 1 with input as declared(point, {})
		denied == 1 with input as declared(point, {"declared": null})
		denied == 0 with input as declared(point, {"declared": false})
	}
}

test_allows_at_plan_whoever_is_there if {
	denied == 0 with input as declared("plan", {})
	denied == 0 with input as creating({"action": "update"}, {})
	denied == 0 with input as creating({"action": "delete"}, {})
	denied == 0 with input as creating({"kind": "group"}, {})
}

test_allows_users_of_ours if denied == 0 with input as creating({}, {"tenant": ""})

test_boundary_of_the_domain_that_the_index_says if {
	elsewhere := {"users": {"a@x.org": lib_test.user("a@x.org", {"domain": "y.org"})}}
	denied == 0 with input as object.union(creating({}, {}), elsewhere)
}

test_missing_user_is_denied_by_the_name if {
	found := msp_single_manager.deny with input as object.union(creating({}, {}), {"users": null})
	{v.addresses | some v in found} == {["user/a@x.org"]}
	{v._loc | some v in found} == {null}
}

test_missing_domain_is_taken_from_the_name if {
	unsaid := {"users": {"a@x.org": {"domain": ""}}}
	denied == 1 with input as object.union(creating({}, {}), unsaid)
	nameless := object.union(
		creating({}, {}),
		{"changes": [lib_test.change("user/x.org", "user", {})]},
	)
	denied == 0 with input as nameless
}

test_missing_tenant_is_silent if {
	denied == 0 with input as creating({}, {"tenant": null})
	denied == 0 with input as object.union(creating({}, {}), {"domains": null})
}
