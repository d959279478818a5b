package guardrails.administrators_independent_test

import data.guardrails.administrators_independent
import data.guardrails.lib_test

by(names) := {"roles": [], "groups": [], "before": [], "after": names}

change(name, over) := lib_test.change(
	sprintf("domain/%v", [name]), "domain",
	object.union({"action": "update", "fields": ["sso"]}, over),
)

changing(names, changes) := lib_test.doc({"administrators": by(names), "changes": changes})

moving(over) := changing(["a@x.org"], [change("x.org", over)])

# Nothing changes; the domains sign in by these connections.
standing(names, connections) := lib_test.doc({
	"administrators": by(names),
	"domains": {d: domain | some d, sso in connections; domain := lib_test.domain(d, {"sso": sso})},
})

denied := count(administrators_independent.deny)

warned := count(administrators_independent.warn)

test_denies_moving_everybody if {
	found := administrators_independent.deny with input as changing(
		["a@x.org", "b@x.org", "c@y.org"],
		[change("x.org", {}), change("y.org", {})],
	)
	found == {{
		"id": "administrators-independent",
		"msg": "the sign-in of every administrator (3) changes at once, with `x.org`, `y.org`",
		"addresses": ["domain/x.org", "domain/y.org"],
		"_loc": null,
	}}
}

test_boundary_of_one_who_stays if {
	names := ["a@x.org", "b@y.org"]
	denied == 0 with input as changing(names, [change("x.org", {})])
	denied == 1 with input as changing(names, [change("x.org", {}), change("y.org", {})])
}

test_denies_each_change_of_the_sign_in if {
	denied == 1 with input as moving({})
	denied == 1 with input as moving({"action": "delete", "fields": []})
	denied == 1 with input as moving({"action": "create", "fields": [], "after": {"sso": "okta"}})
}

test_allows_what_leaves_the_sign_in if {
	denied == 0 with input as moving({"fields": ["owner"]})
	denied == 0 with input as moving({"action": "create", "fields": []})
	denied == 0 with input as moving({"action": "declare", "after": {"sso": "okta"}})
	denied == 0 with input as moving({"action": "observe"})
	denied == 0 with input as moving({"kind": "group"})
	denied == 0 with input as changing(["a@x.org"], [change("y.org", {})])
}

test_allows_without_administrators if {
	denied == 0 with input as changing([], [change("x.org", {})])
	warned == 0 with input as standing([], {"x.org": "okta"})
}

test_boundary_of_the_domain_that_the_index_says if {
	elsewhere := {"users": {"a@x.org": lib_test.user("a@x.org", {"domain": "y.org"})}}
	denied == 0 with input as object.union(moving({}), elsewhere)
}

test_missing_words_are_denied if {
	denied == 1 with input as object.union(moving({}), {"users": null, "domains": null})
	denied == 1 with input as object.union(moving({}), {"users": {"a@x.org": {"domain": ""}}})
	denied == 1 with input as changing([null, "a@x.org"], [change("x.org", {}), null])
	denied == 0 with input as object.union(moving({}), {"administrators": null})
	denied == 0 with input as moving({"action": "create", "after": null})
	denied == 0 with input as moving({"fields": null})
}

test_missing_domain_depends_on_no_connection if {
	denied == 0 with input as changing(["x.org"], [change("x.org", {})])
	warned == 0 with input as standing(["bob", "a@x.org"], {"x.org": "okta"})
}

test_warns_of_one_connection_for_all if {
	connections := {"x.org": "okta", "y.org": "okta"}
	found := administrators_independent.warn with input as standing(
		["a@x.org", "b@y.org"],
		connections,
	)
	found == {{
		"id": "administrators-independent",
		"msg": "all 2 administrators sign in by the one connection `okta`",
		"addresses": ["domain/x.org", "domain/y.org"],
		"_loc": null,
	}}
}

test_allows_to_say_one_thing_of_one_change if {
	names := ["a@x.org", "b@x.org"]
	moving_all := object.union(standing(names, {"x.org": "okta"}), {"changes": [change("x.org", {})]})
	denied == 1 with input as moving_all
	warned == 0 with input as moving_all
	owner := [change("x.org", {"fields": ["owner"]})]
	warned == 1 with input as object.union(moving_all, {"changes": owner})
}

test_boundary_of_a_second_connection if {
	names := ["a@x.org", "b@y.org"]
	warned == 0 with input as standing(names, {"x.org": "okta", "y.org": "entra"})
	warned == 0 with input as standing(names, {"x.org": "okta", "y.org": ""})
	warned == 0 with input as standing(names, {"x.org": "", "y.org": ""})
	warned == 0 with input as standing(["a@x.org"], {"x.org": "okta"})
	warned == 1 with input as standing(["a@x.org", "b@x.org"], {"x.org": "okta"})
}
