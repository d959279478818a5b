package guardrails.pseudo_address_test

import data.guardrails.lib_test
import data.guardrails.pseudo_address

name := "a@x.local"

creating(change, user, domain) := lib_test.doc({
	"changes": [lib_test.change(sprintf("user/%v", [name]), "user", change)],
	"users": {name: lib_test.user(name, object.union({"domain": "x.local"}, user))},
	"domains": {"x.local": lib_test.domain("x.local", object.union({"routable": false}, domain))},
})

# Nothing but a user in the index.
declared(point, user) := lib_test.doc({
	"point": point,
	"users": {name: lib_test.user(name, object.union({"domain": "x.local"}, user))},
	"domains": {"x.local": lib_test.domain("x.local", {"routable": false})},
})

denied := count(pseudo_address.deny)

test_denies_an_address_without_mail if {
	found := pseudo_address.deny with input as creating({}, {}, {})
	found == {{
		"id": "pseudo-address",
		"msg": concat("", [
			"no mail from outside reaches `x.local`, ",
			"and `a@x.local` is not marked `pseudoAddress: true`",
		]),
		"addresses": ["user/a@x.local"],
		"_loc": lib_test.source,
	}}
}

renaming(from) := creating(
	{"action": "update", "fields": ["userName"], "before": {"userName": from}},
	{},
	{},
)

test_denies_a_new_name_in_another_domain if {
	denied == 1 with input as renaming("a@x.org")
	denied == 0 with input as renaming("b@x.local")
}

test_denies_what_is_declared if {
	denied == 1 with input as declared("check", {})
	denied == 1 with input as declared("check", {"declared": null})
}

test_allows_what_is_there_or_not_declared if {
	denied == 0 with input as declared("check", {"declared": false})
	denied == 0 with input as declared("plan", {})
}

test_allows_the_mark if {
	denied == 0 with input as creating({}, {"pseudoAddress": true}, {})
	denied == 0 with input as declared("check", {"pseudoAddress": true})
}

test_allows_an_address_with_mail if denied == 0 with input as creating({}, {}, {"routable": true})

test_allows_other_changes if {
	denied == 0 with input as creating({"action": "update"}, {}, {})
	denied == 0 with input as creating({"action": "delete"}, {}, {})
	denied == 0 with input as creating({"kind": "group"}, {}, {})
}

test_boundary_of_the_domain_that_the_index_says if {
	denied == 0 with input as object.union(
		creating({}, {"domain": "y.org"}, {}),
		{"domains": {"y.org": lib_test.domain("y.org", {})}},
	)
}

test_missing_words_are_denied if {
	denied == 1 with input as creating({}, {"pseudoAddress": null}, {"routable": null})
	denied == 1 with input as creating({}, {"domain": ""}, {})
	denied == 1 with input as object.union(creating({}, {}, {}), {"domains": null})
}

test_missing_user_is_denied if {
	found := pseudo_address.deny with input as object.union(creating({}, {}, {}), {"users": null})
	{v.addresses | some v in found} == {["user/a@x.local"]}
	{v._loc | some v in found} == {null}
}

test_missing_domain_in_a_name_is_silent if {
	change := lib_test.change("user/bob", "user", {})
	denied == 0 with input as lib_test.doc({"changes": [change]})
}
