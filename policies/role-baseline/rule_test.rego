package guardrails.role_baseline_test

import data.guardrails.lib_test
import data.guardrails.role_baseline

denied(doc) := found if found := role_baseline.deny with input as doc

warned(doc) := found if found := role_baseline.warn with input as doc

admins := "binding/group/ops/admin/prod"

viewers := "binding/group/ops/viewer/prod"

shown := {
	admins: lib_test.binding(admins, {"role": "admin"}),
	viewers: lib_test.binding(viewers, {"role": "viewer"}),
}

holding(baseline, roles, changes) := lib_test.doc({
	"bindings": shown,
	"groups": {"ops": lib_test.group("ops", {"baseline": baseline, "roles": roles})},
	"changes": changes,
})

doing(action) := [lib_test.change(admins, "binding", {"action": action})]

said(allowed) := {{
	"id": "role-baseline",
	"msg": sprintf("`%v` gives `group/ops` the role `admin`, and its baseline allows %v", [
		admins,
		allowed,
	]),
	"addresses": [admins],
	"_loc": lib_test.source,
}}

test_denies_what_is_given if {
	every action in ["declare", "create", "update"] {
		doc := holding(["viewer"], [admins, viewers], doing(action))
		denied(doc) == said("`viewer`")
		warned(doc) == set()
	}
}

test_warns_of_what_is_there if {
	other := [lib_test.change(viewers, "binding", {})]
	every changes in [[], other, doing("observe"), doing("delete")] {
		doc := holding(["viewer"], [admins, viewers], changes)
		warned(doc) == said("`viewer`")
		denied(doc) == set()
	}
}

test_denies_any_role_where_the_baseline_is_empty if {
	denied(holding([], [admins], doing("create"))) == said("no role")
}

test_says_the_whole_baseline if {
	denied(holding(["viewer", "auditor"], [admins], doing("create"))) == said("`viewer`, `auditor`")
}

test_allows_what_is_on_the_baseline if {
	doc := holding(["admin", "viewer"], [admins, viewers], doing("create"))
	denied(doc) == set()
	warned(doc) == set()
}

test_allows_anything_without_a_baseline if {
	doc := holding(null, [admins, viewers], doing("create"))
	denied(doc) == set()
	warned(doc) == set()
}

test_boundary_of_names_that_are_alike if {
	every name in ["Admin", "admin ", "admins", "*", ""] {
		denied(holding([name], [admins], doing("create"))) == said(sprintf("`%v`", [name]))
	}
}

test_missing_fields_are_denied if {
	every baseline in ["admin", 1, {"x": "admin"}, false] {
		denied(holding(baseline, [admins], doing("create"))) == said("no role")
	}
	denied(holding([null, 1, "viewer"], [admins], doing("create"))) == said("`viewer`")
	denied(holding([], [admins], doing(null))) == said("no role")
	alone := json.remove(holding([], [admins], doing("create")), ["bindings"])
	denied(alone) == {{
		"id": "role-baseline",
		"msg": sprintf("`%v` gives `group/ops` the role ``, and its baseline allows no role", [admins]),
		"addresses": [admins],
		"_loc": null,
	}}
}

test_missing_baselines_are_no_opinion if {
	bare := json.remove(holding([], [admins], doing("create")), ["groups/ops/baseline"])
	denied(bare) == set()
	denied(lib_test.doc({"groups": {"ops": null}})) == set()
	denied({"groups": null}) == set()
}
