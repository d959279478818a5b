package guardrails.unverified_domain_roles_test

import data.guardrails.lib_test
import data.guardrails.unverified_domain_roles

viewer := "binding/group/ops/viewer/prod"

gaining(names, domain) := lib_test.doc({
	"users": {name: user | some name in names; user := lib_test.user(name, {})},
	"domains": {"x.org": lib_test.domain("x.org", domain)},
	"bindings": {viewer: lib_test.binding(viewer, {})},
	"access": {"gained": [lib_test.access(name, {}) | some name in names], "lost": []},
})

unverified := {"verified": false}

denied := {v.addresses | some v in unverified_domain_roles.deny}

test_denies_a_role_in_an_unverified_domain if {
	found := unverified_domain_roles.deny with input as gaining(["b@x.org", "a@x.org"], unverified)
	found == {{
		"id": "unverified-domain-roles",
		"msg": concat("", [
			"`binding/group/ops/viewer/prod` gives a role to 2 users of `x.org`, ",
			"a domain that is not verified",
		]),
		"addresses": [viewer, "user/a@x.org", "user/b@x.org"],
		"_loc": lib_test.source,
	}}
}

test_boundary_of_ten_people if {
	names := [sprintf("u%v@x.org", [n]) | some n in numbers.range(10, 20)]
	some v in unverified_domain_roles.deny with input as gaining(names, unverified)
	count(v.addresses) == 11
	v.addresses[10] == "user/u19@x.org"
	contains(v.msg, "to 11 users of `x.org`")
}

test_denies_each_binding_and_each_domain if {
	denied == {
		[viewer, "user/a@x.org"],
		[viewer, "user/b@y.org"],
		["binding/group/ops/owner/prod", "user/a@x.org"],
	} with input as lib_test.doc({"access": {"lost": [], "gained": [
		lib_test.access("a@x.org", {}),
		lib_test.access("b@y.org", {}),
		lib_test.access("a@x.org", {"binding": "binding/group/ops/owner/prod"}),
	]}})
}

test_allows_a_verified_domain if {
	count(denied) == 0 with input as gaining(["a@x.org"], {})
}

test_allows_what_is_lost if {
	taking := {"access": {"gained": [], "lost": [lib_test.access("a@x.org", {})]}}
	count(denied) == 0 with input as object.union(gaining(["a@x.org"], unverified), taking)
}

test_allows_targets_without_claims if {
	without := {"holds": ["user", "group", "binding"]}
	count(denied) == 0 with input as object.union(gaining(["a@x.org"], unverified), without)
}

test_denies_by_the_domain_that_the_index_says if {
	count(denied) == 0 with input as gaining(["a@elsewhere.org"], {})
	count(denied) == 1 with input as gaining(["a@elsewhere.org"], unverified)
}

test_missing_words_are_denied if {
	count(denied) == 1 with input as gaining(["a@x.org"], {"verified": null})
	gained := {"access": {"gained": [lib_test.access("a@x.org", {})]}}
	verified := {"domains": {"x.org": lib_test.domain("x.org", {})}}
	some v in unverified_domain_roles.deny with input as gained
	v._loc == null
	count(denied) == 1 with input as object.union(gained, {"holds": null, "domains": null})
	count(denied) == 0 with input as object.union(gained, verified)
	unsaid := {"users": {"a@x.org": {"domain": ""}}}
	count(denied) == 0 with input as object.union_n([gained, verified, unsaid])
}

test_missing_domain_in_a_name_is_denied if {
	nameless := {"access": {"gained": [lib_test.access("x.org", {})]}}
	verified := {"domains": {"x.org": lib_test.domain("x.org", {})}}
	found := unverified_domain_roles.deny with input as object.union(nameless, verified)
	{v.msg | some v in found} == {concat("", [
		"`binding/group/ops/viewer/prod` gives a role to 1 user whose name has no domain, ",
		"so that no claim can vouch for it",
	])}
	count(denied) == 1 with input as {"access": {"gained": [{}]}}
}

test_advises_no_claim_that_is_refused if {
	accounts := {"breakGlass": {"bg@x.org": {"domain": "x.org"}}}
	kept := object.union(gaining(["a@x.org"], unverified), accounts)
	some v in unverified_domain_roles.deny with input as kept
	contains(v.remedy, "claim it by hand")
	some w in unverified_domain_roles.deny with input as gaining(["a@x.org"], unverified)
	not "remedy" in object.keys(w)
}
