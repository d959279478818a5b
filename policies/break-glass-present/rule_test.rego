package guardrails.break_glass_present_test

import data.guardrails.break_glass_present
import data.guardrails.lib_test

denied(doc) := found if found := break_glass_present.deny with input as doc

warned(doc) := found if found := break_glass_present.warn with input as doc

account(name, state) := {"address": sprintf("user/%v", [name]), "state": state}

accounts(one, two) := {"one@x.org": account("one@x.org", one), "two@x.org": account("two@x.org", two)}

at(point, kept) := lib_test.doc({"point": point, "breakGlass": kept})

said(msg) := {{
	"id": "break-glass-present",
	"msg": msg,
	"addresses": ["user/one@x.org", "user/two@x.org"],
	"_loc": null,
}}

one_left := said("of 2 break-glass accounts 1 can be used, and at least 2 have to be (`two@x.org` is inactive)")

settings(n) := {"settings": {"break-glass-present": {"atLeast": n}}}

test_denies_one_that_is_inactive if {
	every point in ["check", "end", "live"] {
		denied(at(point, accounts("active", "inactive"))) == one_left
		warned(at(point, accounts("active", "inactive"))) == set()
	}
}

test_denies_one_alone if {
	alone := {"one@x.org": account("one@x.org", "active")}
	found := denied(at("live", alone))
	{v.msg | some v in found} == {"of 1 break-glass accounts 1 can be used, and at least 2 have to be"}
}

test_denies_with_all_of_them if {
	found := denied(at("live", accounts("absent", "inactive")))
	found == said("of 2 break-glass accounts 0 can be used, and at least 2 have to be (`one@x.org` is absent, `two@x.org` is inactive)")
}

test_allows_two if {
	every states in [["active", "active"], ["active", "unknown"], ["unknown", "unknown"]] {
		doc := at("live", accounts(states[0], states[1]))
		denied(doc) == set()
		warned(doc) == set()
	}
}

plan(changes) := object.union(at("plan", accounts("active", "inactive")), {"changes": changes})

removal := lib_test.change("membership/ops/a@x.org", "membership", {"action": "delete", "removes": true})

test_warns_where_a_plan_only_removes if {
	every changes in [[], [removal], [removal, removal]] {
		warned(plan(changes)) == one_left
		denied(plan(changes)) == set()
	}
}

test_denies_where_a_plan_does_more if {
	more := lib_test.change("group/ops", "group", {})
	protected := object.union(removal, {"touchesProtected": true})
	unsaid := object.union(removal, {"removes": null})
	unsure := object.union(removal, {"touchesProtected": null})
	every changes in [[unsaid], [unsure], [more], [removal, more], [protected], [removal, protected], [{}]] {
		denied(plan(changes)) == one_left
		warned(plan(changes)) == set()
	}
}

test_denies_removals_anywhere_but_in_a_plan if {
	doc := object.union(at("end", accounts("active", "inactive")), {"changes": [removal]})
	denied(doc) == one_left
}

none := {{
	"id": "break-glass-present",
	"msg": "no break-glass account is declared; at least 2 have to be",
	"addresses": [],
	"_loc": null,
}}

test_warns_where_none_is_declared if {
	warned(at("check", {})) == none
	denied(at("check", {})) == set()
}

test_allows_none_where_no_roles_are_held if {
	doc := object.union(at("check", {}), {"holds": ["user", "group"]})
	warned(doc) == set()
}

test_boundary_of_the_number if {
	doc := at("live", accounts("active", "active"))
	denied(object.union(doc, settings(1))) == set()
	denied(object.union(doc, settings(2))) == set()
	found := denied(object.union(doc, settings(3)))
	found == said("of 2 break-glass accounts 2 can be used, and at least 3 have to be")
	one := at("live", accounts("active", "inactive"))
	denied(object.union(one, settings(1))) == set()
}

test_missing_parameters_are_strict if {
	doc := at("live", accounts("active", "inactive"))
	every n in [0, -1, null, "1"] {
		denied(object.union(doc, settings(n))) == one_left
	}
}

test_missing_states_are_denied if {
	kept := {"one@x.org": null, "two@x.org": {}}
	found := denied(at("live", kept))
	{v.msg | some v in found} == {"of 2 break-glass accounts 0 can be used, and at least 2 have to be (`one@x.org` is in no known state, `two@x.org` is in no known state)"}
	{v.addresses | some v in found} == {["", ""]}
}

test_missing_accounts_are_none if {
	warned(at("check", null)) == none
	warned({}) == set()
}
