package guardrails.lib_rules_test

import data.guardrails.lib
import data.guardrails.lib_test

test_denies_no_type_but_the_right_one if {
	wrong := {"t": 1, "n": "x", "l": {}, "o": []}
	lib.text(wrong, "t") == ""
	lib.number(wrong, "n") == 0
	lib.items(wrong, "l") == []
	lib.object_of(wrong, "o") == {}
	lib.text({}, "t") == ""
	lib.number({}, "n") == 0
	lib.items({}, "l") == []
	lib.object_of({}, "o") == {}
	every nothing in [null, 1, "x", []] {
		lib.text(nothing, "t") == ""
		lib.number(nothing, "n") == 0
		lib.items(nothing, "l") == []
		lib.object_of(nothing, "o") == {}
		lib.place(nothing) == null
		not lib.is_set(nothing, "k")
		lib.is_not_denied(nothing, "k")
	}
}

test_allows_the_right_type if {
	right := {"t": "x", "n": 2, "l": [1], "o": {"k": 1}}
	lib.text(right, "t") == "x"
	lib.number(right, "n") == 2
	lib.items(right, "l") == [1]
	lib.object_of(right, "o") == {"k": 1}
}

test_boundary_of_what_is_set if {
	not lib.is_set({}, "k")
	not lib.is_set({"k": "yes"}, "k")
	lib.is_set({"k": true}, "k")
	lib.is_not_denied({}, "k")
	lib.is_not_denied({"k": null}, "k")
	not lib.is_not_denied({"k": false}, "k")
}

test_denies_what_stands_and_not_what_goes if {
	shown := [
		lib_test.change("binding/group/ops/viewer/prod", "binding", {"action": "create"}),
		lib_test.change("binding/group/ops/admin/prod", "binding", {"action": "delete"}),
		lib_test.change("user/a@x.org", "user", {"action": "observe"}),
	]
	{c.address | some c in lib.standing} == {"binding/group/ops/viewer/prod", "user/a@x.org"} with input as lib_test.doc({"changes": shown})
	{c.address | some c in lib.granted} == {"binding/group/ops/viewer/prod"} with input as lib_test.doc({"changes": shown})
}

test_missing_keys_leave_nothing_out if {
	{c.address | some c in lib.granted} == {"x"} with input as {"changes": [{"address": "x"}]}
	lib.changes == [] with input as {}
	lib.users == {} with input as {"users": null}
	lib.groups == {} with input as {"groups": 1}
	lib.bindings == {} with input as {}
	lib.domains == {} with input as {}
	lib.gained == [] with input as {}
	lib.lost == [] with input as {}
	lib.now == 0 with input as {}
	lib.settings("r") == {} with input as {}
}

test_allows_reading_what_is_there if {
	over := {
		"settings": {"r": {"days": 3}}, "users": {"a": 1}, "groups": {"g": 1}, "bindings": {"b": 1},
		"domains": {"d": 1}, "access": {"gained": [1], "lost": [2]},
	}
	whole := lib_test.doc(over)
	lib.settings("r") == {"days": 3} with input as whole
	lib.users == {"a": 1} with input as whole
	lib.groups == {"g": 1} with input as whole
	lib.bindings == {"b": 1} with input as whole
	lib.domains == {"d": 1} with input as whole
	lib.gained == [1] with input as whole
	lib.lost == [2] with input as whole
	lib.now == 1795262400000000000 with input as whole
	lib.day == 86400000000000
}

test_denies_with_a_place if {
	lib.finding("r", lib_test.user("a@x.org", {}), "m") == {
		"id": "r", "msg": "m", "addresses": ["user/a@x.org"], "_loc": lib_test.source,
	}
	lib.finding("r", {}, "m") == {"id": "r", "msg": "m", "addresses": [""], "_loc": null}
}
