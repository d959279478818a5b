package guardrails.break_glass_outside_sso_test

import data.guardrails.break_glass_outside_sso
import data.guardrails.lib_test

denied(doc) := found if found := break_glass_outside_sso.deny with input as doc

warned(doc) := found if found := break_glass_outside_sso.warn with input as doc

account(over) := object.union(
	{"address": "user/bg@x.org", "domain": "x.org", "sso": "corp", "source": lib_test.source},
	over,
)

at(point, over) := lib_test.doc({"point": point, "breakGlass": {"bg@x.org": account(over)}})

expected := {{
	"id": "break-glass-outside-sso",
	"msg": "`user/bg@x.org` is a break-glass account, and its domain `x.org` signs in by the SSO connection `corp`",
	"addresses": ["user/bg@x.org"],
	"_loc": lib_test.source,
}}

test_denies_one_behind_sso if {
	every point in ["check", "end", "live"] {
		denied(at(point, {})) == expected
		warned(at(point, {})) == set()
	}
}

planned(domain) := object.union(at("plan", {}), {"domains": {"x.org": lib_test.domain("x.org", domain)}})

test_denies_a_plan_that_puts_it_there if {
	every before in ["", "other"] {
		doc := planned({"sso": "corp", "ssoBefore": before})
		denied(doc) == expected
		warned(doc) == set()
	}
}

test_warns_of_what_a_plan_finds_so if {
	warned(at("plan", {})) == expected
	denied(at("plan", {})) == set()
	doc := planned({"sso": "corp", "ssoBefore": "corp"})
	warned(doc) == expected
	denied(doc) == set()
}

test_allows_one_outside if {
	every point in ["check", "plan", "end", "live"] {
		denied(at(point, {"sso": ""})) == set()
		warned(at(point, {"sso": ""})) == set()
	}
}

test_boundary_of_one_in_and_one_out if {
	kept := {"bg@x.org": account({}), "out@y.org": account({"address": "user/out@y.org", "sso": ""})}
	denied(lib_test.doc({"point": "live", "breakGlass": kept})) == expected
}

test_missing_connections_are_silent if {
	every sso in [null, 1] {
		denied(at("live", {"sso": sso})) == set()
	}
	denied({"breakGlass": {"bg@x.org": null}}) == set()
	denied({}) == set()
}

test_missing_fields_are_denied if {
	denied(object.union(at("plan", {}), {"domains": {"x.org": {"sso": "corp"}}})) == expected
	found := denied({"breakGlass": {"bg@x.org": {"sso": "corp"}}})
	{v.addresses | some v in found} == {[""]}
	doc := planned({"sso": "corp", "ssoBefore": null})
	denied(doc) == expected
}
