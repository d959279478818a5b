package guardrails.break_glass_present_test

import data.guardrails.break_glass_present
import data.guardrails.lib_test

denied(doc) := found if found := break_glass_present.deny with input as doc

warned(doc) := found if found := break_glass_present.warn with input as doc

line(n) := {"file": "muster.yaml", "line": n, "column": 3}

account(name, state, n) := {
	"address": sprintf("user/%v", [name]),
	"state": state,
	"source": line(n),
}

accounts(one, two) := {
	"one@x.org": account("one@x.org", one, 8),
	"two@x.org": account("two@x.org", two, 9),
}

only(state) := {"one@x.org": account("one@x.org", state, 8)}

at(point, kept) := lib_test.doc({"point": point, "breakGlass": kept})

said(msg, n) := {{
	"id": "break-glass-present",
	"msg": msg,
	"addresses": ["user/one@x.org", "user/two@x.org"],
	"_loc": line(n),
}}

one_left := said("of 2 break-glass accounts 1 can be used (`two@x.org` is inactive); the least is 2", 9)

settings(over) := {"settings": {"break-glass-present": over}}

atleast(n) := settings({"atLeast": n})

test_denies_one_that_is_inactive if {
	every point in ["end", "live"] {
		denied(at(point, accounts("active", "inactive"))) == one_left
		warned(at(point, accounts("active", "inactive"))) == set()
	}
}

test_denies_with_all_of_them if {
	found := denied(at("live", accounts("absent", "inactive")))
	found == said("of 2 break-glass accounts 0 can be used (`one@x.org` is absent, `two@x.org` is inactive); the least is 2", 8)
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

more := lib_test.change("group/ops", "group", {})

test_warns_where_a_plan_only_removes if {
	every changes in [[], [removal], [removal, removal]] {
		warned(plan(changes)) == one_left
		denied(plan(changes)) == set()
	}
}

test_denies_where_a_plan_does_more if {
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

test_warns_in_files_of_what_a_plan_may_leave if {
	every over in [{}, settings({"required": true})] {
		doc := object.union(at("check", accounts("active", "inactive")), over)
		warned(doc) == one_left
		denied(doc) == set()
	}
}

none := {{
	"id": "break-glass-present",
	"msg": "no break-glass account is declared; the least is 2",
	"addresses": [],
	"_loc": null,
}}

alone := {{
	"id": "break-glass-present",
	"msg": "of 1 break-glass account 1 can be used; the least is 2",
	"addresses": ["user/one@x.org"],
	"_loc": line(8),
}}

test_warns_of_one_as_of_none if {
	every point in ["check", "plan", "end", "live"] {
		giving := {"changes": [more]}
		warned(object.union(at(point, {}), giving)) == none
		denied(object.union(at(point, {}), giving)) == set()
		warned(object.union(at(point, only("active")), giving)) == alone
		denied(object.union(at(point, only("active")), giving)) == set()
	}
}

# Taking the line of the one that is not there out of the files must not open the way.
test_denies_where_one_that_is_declared_cannot_be_used if {
	giving := {"changes": [more]}
	every point in ["plan", "end", "live"] {
		count(denied(object.union(at(point, only("inactive")), giving))) == 1
	}
	count(denied(object.union(at("check", only("inactive")), giving))) == 0
}

test_denies_one_as_none_where_they_are_required if {
	required := settings({"required": true})
	denied(object.union(at("live", {}), required)) == none
	warned(object.union(at("live", {}), required)) == set()
	denied(object.union(at("live", only("active")), required)) == alone
	giving := {"changes": [more]}
	denied(object.union_n([at("plan", {}), giving, required])) == none
	warned(object.union(at("plan", {}), required)) == none
	warned(object.union(at("check", {}), required)) == none
}

test_allows_any_number_where_no_roles_are_held if {
	every kept in [{}, only("active"), accounts("active", "inactive")] {
		doc := object.union(at("live", kept), {"holds": ["user", "group"]})
		denied(doc) == set()
		warned(doc) == set()
	}
}

test_boundary_of_the_number if {
	doc := at("live", accounts("active", "active"))
	denied(object.union(doc, atleast(1))) == set()
	denied(object.union(doc, atleast(2))) == set()
	few := "of 2 break-glass accounts 2 can be used; the least is 3"
	warned(object.union(doc, atleast(3))) == said(few, 8)
	denied(object.union(doc, atleast(3))) == set()
	one := at("live", accounts("active", "inactive"))
	denied(object.union(one, atleast(1))) == set()
	warned(object.union(one, atleast(1))) == set()
	shut := at("live", only("inactive"))
	count(denied(object.union(shut, atleast(1)))) == 1
}

test_missing_parameters_are_the_defaults if {
	doc := at("live", accounts("active", "inactive"))
	every n in [0, -1, null, "1"] {
		denied(object.union(doc, atleast(n))) == one_left
	}
	every required in [null, "yes", 1] {
		warned(object.union(at("live", {}), settings({"required": required}))) == none
	}
}

test_missing_states_are_denied if {
	kept := {"one@x.org": null, "two@x.org": {}}
	found := denied(at("live", kept))
	{v.msg | some v in found} == {"of 2 break-glass accounts 0 can be used (`one@x.org` is in no known state, `two@x.org` is in no known state); the least is 2"}
	{v.addresses | some v in found} == {["", ""]}
	{v._loc | some v in found} == {null}
}

test_missing_accounts_are_none if {
	warned(at("check", null)) == none
	warned({}) == none
	warned({"holds": null}) == none
}
