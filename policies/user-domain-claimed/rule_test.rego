package guardrails.user_domain_claimed_test

import data.guardrails.lib_test
import data.guardrails.user_domain_claimed

create(name) := lib_test.change(sprintf("user/%v", [name]), "user", {})

# A plan that creates these users, in the domain `x.org` as it is.
creating(names, domain) := lib_test.doc({
	"changes": [create(name) | some name in names],
	"users": {name: user | some name in names; user := lib_test.user(name, {})},
	"domains": {"x.org": lib_test.domain("x.org", domain)},
})

# Nothing is created; the domain is there.
standing(domain, over) := object.union(
	lib_test.doc({"domains": {"x.org": lib_test.domain("x.org", domain)}}),
	over,
)

unclaimed := {"declared": false, "present": false, "verified": false, "users": 2}

denied := {v.msg | some v in user_domain_claimed.deny}

warned := {v.msg | some v in user_domain_claimed.warn}

test_denies_users_in_a_domain_of_nobody if {
	found := user_domain_claimed.deny with input as creating(["b@x.org", "a@x.org"], unclaimed)
	found == {{
		"id": "user-domain-claimed",
		"msg": "`x.org` is neither declared nor claimed, and this plan brings 2 users into it",
		"addresses": ["domain/x.org", "user/a@x.org", "user/b@x.org"],
		"_loc": lib_test.source,
	}}
	count(warned) == 0 with input as creating(["a@x.org"], unclaimed)
}

test_denies_a_new_name_in_a_domain_of_nobody if {
	renaming := {"changes": [lib_test.change("user/a@x.org", "user", {
		"action": "update", "fields": ["userName"], "before": {"userName": "a@y.org"},
	})]}
	found := user_domain_claimed.deny with input as object.union(creating(["a@x.org"], unclaimed), renaming)
	{v.addresses | some v in found} == {["domain/x.org", "user/a@x.org"]}
}

test_boundary_of_ten_users if {
	names := [sprintf("u%v@x.org", [n]) | some n in numbers.range(10, 20)]
	some v in user_domain_claimed.deny with input as creating(names, unclaimed)
	count(v.addresses) == 11
	v.addresses[10] == "user/u19@x.org"
	contains(v.msg, "11 users")
}

test_boundary_of_one_user if {
	some msg in denied with input as creating(["a@x.org"], unclaimed)
	contains(msg, "brings 1 user into it")
}

test_missing_domain_is_denied if {
	some v in user_domain_claimed.deny with input as lib_test.doc({"changes": [create("a@y.org")]})
	v.addresses == ["domain/y.org", "user/a@y.org"]
	v._loc == null
}

test_missing_everything_is_denied if {
	nothing := {"changes": [create("a@y.org")], "domains": {"y.org": null}, "users": {"a@y.org": null}}
	count(denied) == 1 with input as nothing
	unsaid := object.union(nothing, {"holds": null})
	count(denied) == 1 with input as unsaid
}

test_missing_presence_is_denied if {
	count(denied) == 1 with input as creating(["a@x.org"], {"present": null})
	said_nothing := {"changes": [create("a@x.org")], "users": {"a@x.org": {"domain": ""}}}
	count(denied) == 1 with input as lib_test.doc(said_nothing)
}

test_missing_domain_of_a_user_without_one_is_silent if {
	count(denied) == 0 with input as lib_test.doc({"changes": [create("bob")]})
}

test_denies_by_the_domain_that_the_index_says if {
	some v in user_domain_claimed.deny with input as lib_test.doc({
		"changes": [create("a@y.org")],
		"users": {"a@y.org": lib_test.user("a@y.org", {})},
	})
	v.addresses == ["domain/x.org", "user/a@y.org"]
}

test_allows_users_in_a_claimed_domain if {
	count(denied | warned) == 0 with input as creating(["a@x.org"], {"users": 3})
}

test_allows_what_others_claim if {
	every other in [{"tenant": "t1"}, {"managedBy": "okta"}] {
		domain := object.union(unclaimed, other)
		count(denied | warned) == 0 with input as creating(["a@x.org"], domain)
		count(denied | warned) == 0 with input as standing(domain, {})
		claimed := object.union(domain, {"present": true})
		count(denied | warned) == 0 with input as standing(claimed, {})
	}
}

test_allows_targets_without_claims if {
	without := {"holds": ["user", "group"]}
	count(denied) == 0 with input as object.union(creating(["a@x.org"], unclaimed), without)
	count(warned) == 0 with input as standing(unclaimed, without)
	count(warned) == 0 with input as standing({"verified": false, "users": 2}, without)
}

test_allows_other_changes if {
	domain := {"x.org": lib_test.domain("x.org", unclaimed)}
	every change in [
		lib_test.change("user/a@x.org", "user", {"action": "delete"}),
		lib_test.change("user/a@x.org", "user", {"action": "update"}),
		lib_test.change("group/a@x.org", "group", {}),
	] {
		count(denied) == 0 with input as lib_test.doc({"changes": [change], "domains": domain})
		count(warned) == 1 with input as lib_test.doc({"changes": [change], "domains": domain})
	}
}

test_warns_of_users_that_are_there if {
	domain := object.union(unclaimed, {"examples": ["user/c@x.org", null]})
	found := user_domain_claimed.warn with input as standing(domain, {})
	found == {{
		"id": "user-domain-claimed",
		"msg": "`x.org` is neither declared nor claimed, and has 2 users of the organization",
		"addresses": ["domain/x.org", "user/c@x.org"],
		"_loc": lib_test.source,
	}}
	count(denied) == 0 with input as standing(domain, {})
	msg := "`x.org` is not declared, and has 2 users of the organization"
	warned == {msg} with input as standing(unclaimed, {"point": "check"})
	unsaid := object.union(unclaimed, {"present": null})
	count(warned) == 1 with input as standing(unsaid, {"point": "check"})
	count(warned) == 1 with input as standing(unsaid, {})
}

test_boundary_of_no_users if {
	count(warned) == 0 with input as standing(object.union(unclaimed, {"users": 0}), {})
	count(warned) == 1 with input as standing(object.union(unclaimed, {"users": 1}), {})
	count(warned) == 0 with input as standing({"verified": false, "users": 0}, {})
	count(warned) == 1 with input as standing({"verified": false, "users": 1}, {})
}

# A plan may not claim the domain of a break-glass account: what to do is done by hand.
test_advises_no_claim_that_is_refused if {
	by_hand := {r | some v in user_domain_claimed.warn; r := v.remedy} with input as standing(
		unclaimed,
		{"breakGlass": {"bg@x.org": {"domain": "x.org"}}},
	)
	count(by_hand) == 1
	some remedy in by_hand
	contains(remedy, "`x.org` is the domain of a break-glass account: claim it by hand")
	other := user_domain_claimed.warn with input as standing(
		unclaimed,
		{"breakGlass": {"bg@y.org": {"domain": "y.org"}, "z": null}},
	)
	every v in other {
		not "remedy" in object.keys(v)
	}
}

test_warns_of_a_claim_that_is_not_verified if {
	found := user_domain_claimed.warn with input as standing({"verified": false, "users": 2}, {})
	found == {{
		"id": "user-domain-claimed",
		"msg": "the claim of `x.org` is not verified, and the domain has 2 users of the organization",
		"addresses": ["domain/x.org"],
		"_loc": lib_test.source,
	}}
	count(warned) == 1 with input as standing({"verified": null, "users": 2}, {})
	count(warned) == 0 with input as standing({"verified": true, "users": 2}, {})
	count(warned) == 0 with input as standing({"verified": false, "users": 2}, {"point": "check"})
}
