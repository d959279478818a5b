package guardrails.msp_boundary_test

import data.guardrails.lib_test
import data.guardrails.msp_boundary

viewer := "binding/group/ops/viewer/south"

tenants := {
	"users": {"a@x.org": lib_test.user("a@x.org", {})},
	"domains": {"x.org": lib_test.domain("x.org", {"tenant": "north"})},
	"workspaces": {"north": {"via": "provider"}, "south": {"via": "provider"}, "own": {"via": ""}},
}

gaining(access, over) := lib_test.doc(object.union_n([
	tenants,
	{"access": {"lost": [], "gained": [lib_test.access("a@x.org", object.union(
		{"workspace": "south", "binding": viewer},
		access,
	))]}},
	over,
]))

# Nothing but a user who holds a role.
holding(point, workspace) := lib_test.doc(object.union(tenants, {
	"point": point,
	"users": {"a@x.org": lib_test.user("a@x.org", {"roles": [null, {"binding": viewer}]})},
	"bindings": {viewer: lib_test.binding(viewer, {"workspace": workspace})},
}))

denied := count(msp_boundary.deny)

crossed := {
	"id": "msp-boundary",
	"msg": concat("", [
		"`a@x.org` of the tenant `north` holds a role of the tenant `south` ",
		"by `binding/group/ops/viewer/south`",
	]),
	"addresses": ["user/a@x.org", viewer],
	"_loc": {"file": "a.yaml", "line": 3, "column": 5},
}

test_denies_a_role_of_another_tenant if {
	found := msp_boundary.deny with input as gaining({}, {})
	found == {crossed}
}

test_denies_what_is_held if {
	every point in ["check", "live", "end"] {
		found := msp_boundary.deny with input as holding(point, "south")
		found == {crossed}
		denied == 0 with input as holding(point, "north")
	}
}

test_allows_at_plan_what_is_held if denied == 0 with input as holding("plan", "south")

test_allows_the_own_tenant if denied == 0 with input as gaining({"workspace": "north"}, {})

test_allows_workspaces_of_no_tenant if {
	denied == 0 with input as gaining({"workspace": "own"}, {})
	denied == 0 with input as gaining({"workspace": ""}, {})
	denied == 0 with input as gaining({"workspace": "unknown"}, {})
}

test_allows_users_of_no_tenant if {
	domains := {"domains": {"x.org": lib_test.domain("x.org", {"tenant": ""})}}
	doc := object.union(gaining({}, {}), domains)
	denied == 0 with input as doc
}

test_boundary_of_the_domain_that_the_index_says if {
	doc := gaining({}, {"users": {"a@x.org": lib_test.user("a@x.org", {"domain": "y.org"})}})
	denied == 0 with input as doc
}

test_missing_user_is_denied_by_the_name if {
	doc := object.remove(gaining({}, {}), ["users"])
	denied == 1 with input as doc
	nameless := object.remove(gaining({"user": "x.org"}, {}), ["users"])
	denied == 0 with input as nameless
}

test_missing_domain_is_taken_from_the_name if {
	doc := gaining({}, {"users": {"a@x.org": {"domain": ""}}})
	denied == 1 with input as doc
}

test_missing_words_are_silent if {
	denied == 0 with input as object.union(gaining({}, {}), {"workspaces": null})
	denied == 0 with input as object.union(gaining({}, {}), {"domains": null})
	denied == 0 with input as {"access": {"gained": [null]}, "users": {"a@x.org": null}}
}
