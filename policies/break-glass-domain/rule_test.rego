package guardrails.break_glass_domain_test

import data.guardrails.break_glass_domain
import data.guardrails.lib_test

denied(doc) := found if found := break_glass_domain.deny with input as doc

accounts := {"one@x.org": {"domain": "x.org"}, "two@x.org": {"domain": "x.org"}, "three@y.org": {"domain": "y.org"}}

changed(over) := lib_test.doc({
	"breakGlass": accounts,
	"changes": [lib_test.change("domain/x.org", "domain", over)],
})

expected := {{
	"id": "break-glass-domain",
	"msg": "`domain/x.org` is the domain of the break-glass accounts `one@x.org`, `two@x.org`",
	"addresses": ["domain/x.org"],
	"_loc": lib_test.source,
}}

test_denies_a_claim_made_moved_or_given_up if {
	every action in ["create", "update", "delete"] {
		denied(changed({"action": action})) == expected
	}
	denied(changed({"action": "update", "fields": ["owner", "sso"]})) == expected
	denied(changed({"action": "update", "fields": ["sso"]})) == expected
}

test_allows_what_changes_nothing if {
	every action in ["declare", "observe"] {
		denied(changed({"action": action})) == set()
	}
}

test_allows_another_owner if {
	denied(changed({"action": "update", "fields": ["owner"]})) == set()
}

test_allows_other_domains_and_kinds if {
	other := lib_test.doc({
		"breakGlass": accounts,
		"changes": [
			lib_test.change("domain/z.org", "domain", {}),
			lib_test.change("domain/sub.x.org", "domain", {}),
			lib_test.change("x.org", "group", {}),
		],
	})
	denied(other) == set()
}

test_boundary_of_an_account_without_a_domain if {
	accounts_of_none := {"bg@x.org": {"domain": ""}, "two@x.org": null}
	nameless := lib_test.change("", "domain", {})
	denied(lib_test.doc({"breakGlass": accounts_of_none, "changes": [nameless]})) == set()
}

test_missing_addresses_are_found_by_their_fields if {
	every over in [{"before": {"domain": "X.org"}}, {"after": {"domain": "x.ORG"}}] {
		found := denied(changed(object.union({"address": null}, over)))
		{v.addresses | some v in found} == {[""]}
	}
}

test_missing_fields_are_denied if {
	bare := {"breakGlass": accounts, "changes": [{"address": "domain/y.org"}]}
	{v.msg | some v in denied(bare)} == {"`domain/y.org` is the domain of the break-glass accounts `three@y.org`"}
	denied(changed({"fields": null})) == expected
	denied(changed({"action": null})) == expected
	denied({}) == set()
}
