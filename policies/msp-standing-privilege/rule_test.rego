package guardrails.msp_standing_privilege_test

import data.guardrails.lib_test
import data.guardrails.msp_standing_privilege

owner := "binding/group/ops/owner/north"

tenant := lib_test.doc({"workspaces": {"north": {"via": "provider"}, "own": {"via": ""}}})

# A privileged binding that stands, and no change of it.
standing(binding) := object.union(tenant, {"bindings": {owner: lib_test.binding(
	owner,
	object.union({"workspace": "north", "privileged": true}, binding),
)}})

changing(change, binding) := object.union(
	standing(binding),
	{"changes": [lib_test.change(owner, "binding", change)]},
)

set(days) := {"settings": {"msp-standing-privilege": {"days": days}}}

# An end so many nanoseconds from now.
until(ns) := {"until": "2027-01-05T12:00:00Z", "untilNs": lib_test.now + ns}

denied := count(msp_standing_privilege.deny)

warned := count(msp_standing_privilege.warn)

test_denies_privilege_without_end if {
	found := msp_standing_privilege.deny with input as changing({}, {})
	found == {{
		"id": "msp-standing-privilege",
		"msg": "the privileged `binding/group/ops/owner/north` in the tenant `north` has no end",
		"addresses": [owner],
		"_loc": lib_test.source,
	}}
	warned == 0 with input as changing({}, {})
}

test_denies_privilege_that_is_too_long if {
	found := msp_standing_privilege.deny with input as changing({}, until(45 * lib_test.day))
	{v.msg | some v in found} == {concat("", [
		"the privileged `binding/group/ops/owner/north` in the tenant `north` ",
		"ends on 2027-01-05, after 45 days; the most is 30",
	])}
}

# Somebody who gains the role by a binding that stands.
gaining(x, binding) := object.union(standing(binding), {"access": {"gained": [lib_test.access(
	"a@x.org",
	object.union({"role": "owner", "workspace": "north", "binding": owner, "privileged": true}, x),
)]}})

test_denies_who_gains_privilege_without_end if {
	found := msp_standing_privilege.deny with input as gaining({}, {})
	found == {{
		"id": "msp-standing-privilege",
		"msg": concat("", [
			"`membership/ops/a@x.org` brings the privileged role `owner` in the tenant `north` by ",
			"`binding/group/ops/owner/north`, which has no end",
		]),
		"addresses": ["membership/ops/a@x.org"],
		"_loc": lib_test.source,
	}}
	warned == 1 with input as gaining({}, {})
}

test_denies_who_gains_privilege_that_is_too_long if {
	found := msp_standing_privilege.deny with input as gaining(until(45 * lib_test.day), {})
	{v.msg | some v in found} == {concat("", [
		"`membership/ops/a@x.org` brings the privileged role `owner` in the tenant `north` by ",
		"`binding/group/ops/owner/north`, which ends on 2027-01-05, after 45 days; the most is 30",
	])}
	{v.addresses | some v in denied_of({"membership": ""})} == {["user/a@x.org"]}
}

denied_of(x) := found if found := msp_standing_privilege.deny with input as gaining(x, {})

test_allows_who_gains_no_standing_privilege if {
	denied_of({"privileged": false}) == set()
	denied_of({"workspace": "own"}) == set()
	denied_of(until(30 * lib_test.day)) == set()
	count(denied_of(until((30 * lib_test.day) + 1))) == 1
	count(denied_of({"privileged": null})) == 1
}

test_allows_to_say_it_once_where_the_binding_is_new if {
	changes := {"changes": [lib_test.change(owner, "binding", {})]}
	found := msp_standing_privilege.deny with input as object.union(gaining({}, {}), changes)
	{v.addresses | some v in found} == {[owner]}
}

test_boundary_of_the_days_that_are_told if {
	some v in msp_standing_privilege.deny with input as changing({}, until((30 * lib_test.day) + 1))
	contains(v.msg, "after 31 days; the most is 30")
}

test_boundary_of_one_day if {
	some v in msp_standing_privilege.deny with input as object.union(
		changing({}, until(lib_test.day)),
		set(0.5),
	)
	contains(v.msg, "after 1 day; the most is 0.5")
}

test_denies_what_is_declared_or_there if {
	every action in ["declare", "create", "update", "observe"] {
		denied == 1 with input as changing({"action": action}, {})
	}
}

test_warns_of_what_this_plan_leaves if {
	found := msp_standing_privilege.warn with input as standing({})
	{v.addresses | some v in found} == {[owner]}
	denied == 0 with input as standing({})
}

test_allows_taking_away if {
	denied == 0 with input as changing({"action": "delete"}, {})
	denied == 0 with input as changing({"action": "delete"}, {"present": false})
	warned == 0 with input as changing({"action": "delete"}, {"present": false})
}

test_allows_what_is_no_privilege_in_a_tenant if {
	denied == 0 with input as changing({}, {"privileged": false})
	denied == 0 with input as changing({}, {"workspace": "own"})
	denied == 0 with input as changing({}, {"workspace": ""})
}

test_boundary_of_30_days if {
	denied == 0 with input as changing({}, until(30 * lib_test.day))
	denied == 1 with input as changing({}, until((30 * lib_test.day) + 1))
	denied == 0 with input as changing({}, until(-1))
}

test_boundary_of_30_days_from_the_start if {
	from := {"fromNs": lib_test.now + (10 * lib_test.day)}
	denied == 0 with input as changing({}, object.union(until(40 * lib_test.day), from))
	denied == 1 with input as changing({}, object.union(until((40 * lib_test.day) + 1), from))
}

test_boundary_of_days_that_are_set if {
	denied == 0 with input as object.union(changing({}, until(7 * lib_test.day)), set(7))
	denied == 1 with input as object.union(changing({}, until((7 * lib_test.day) + 1)), set(7))
	denied == 0 with input as object.union(changing({}, until(60 * lib_test.day)), set(60))
}

test_missing_days_are_30 if {
	every days in [0, null, "60"] {
		denied == 0 with input as object.union(changing({}, until(30 * lib_test.day)), set(days))
		denied == 1 with input as object.union(changing({}, until(31 * lib_test.day)), set(days))
	}
}

test_missing_words_are_denied if {
	unsaid := {"privileged": null, "present": null, "untilNs": null, "fromNs": null}
	denied == 1 with input as changing({}, unsaid)
	denied == 1 with input as object.union(changing({}, until(lib_test.day)), {"nowNs": null})
	denied == 0 with input as object.union(changing({}, {}), {"workspaces": null})
	denied == 0 with input as object.union(changing({}, {}), {"bindings": null})
}
