package guardrails.break_glass_test

import data.guardrails.break_glass
import data.guardrails.lib_test

denied(doc) := found if found := break_glass.deny with input as doc

touching(over) := lib_test.doc({"changes": [lib_test.change(
	"user/bg@x.org",
	"user",
	object.union({"touchesProtected": true}, over),
)]})

expected := {{
	"id": "break-glass",
	"msg": "`user/bg@x.org` is about an account or group that is protected",
	"addresses": ["user/bg@x.org"],
	"_loc": lib_test.source,
}}

test_denies_every_action if {
	every action in ["declare", "create", "update", "delete"] {
		denied(touching({"action": action})) == expected
	}
}

test_denies_a_membership if {
	membership := lib_test.change("membership/ops/bg@x.org", "membership", {"touchesProtected": true})
	found := denied(lib_test.doc({"changes": [membership]}))
	{v.addresses | some v in found} == {["membership/ops/bg@x.org"]}
}

test_allows_what_touches_nobody if {
	denied(touching({"action": "delete", "touchesProtected": false})) == set()
}

test_allows_seeing_it if {
	denied(touching({"action": "observe"})) == set()
}

test_missing_marks_are_denied if {
	bare := {"address": "user/bg@x.org", "action": "create"}
	{v.addresses | some v in denied({"changes": [bare]})} == {["user/bg@x.org"]}
	denied(touching({"touchesProtected": null})) == expected
	denied(touching({"touchesProtected": "no"})) == expected
	denied(touching({"action": null})) == expected
}

test_missing_fields_of_the_last_change_silence_nothing if {
	first := touching({}).changes[0]
	count(denied(lib_test.doc({"changes": [first, {}]}))) == 2
}

test_boundary_of_many_changes if {
	first := touching({}).changes[0]
	other := lib_test.change("user/a@x.org", "user", {})
	denied(lib_test.doc({"changes": [other, first, other]})) == expected
}
