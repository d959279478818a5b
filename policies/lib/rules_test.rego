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

test_boundary_of_one_thing if {
	lib.counted(0, "user") == "0 users"
	lib.counted(1, "user") == "1 user"
	lib.counted(2, "user") == "2 users"
}

test_boundary_of_begun_days if {
	lib.begun_days(lib.day) == 1
	lib.begun_days(lib.day + 1) == 2
	lib.begun_days(1) == 1
	lib.begun_days((3650 * lib.day) + 1) == 3651
}

test_allows_the_day_of_an_instant if {
	lib.date({"until": "2026-11-29T23:59:59.999999999Z"}, "until") == "2026-11-29"
	lib.date({"until": "2026-11-29"}, "until") == "2026-11-29"
	lib.date({"until": null}, "until") == ""
}

test_allows_the_domain_of_a_name if {
	lib.behind_at("a@x.org") == "x.org"
	lib.behind_at("a@b@x.org") == "x.org"
	lib.behind_at("x.org") == ""
	lib.behind_at("") == ""
}

test_boundary_of_the_domain_that_the_index_says if {
	lib.domain_of("a@x.org") == "x.org" with input as {}
	shown := {"users": {"a@x.org": {"domain": "y.org"}, "b@x.org": {"domain": ""}}}
	lib.domain_of("a@x.org") == "y.org" with input as shown
	lib.domain_of("b@x.org") == "x.org" with input as shown
	lib.domain_of("bob") == "" with input as shown
}

# A user who gets a name in `x.org`.
renamed(over) := lib_test.doc({"changes": [lib_test.change("user/a@x.org", "user", object.union(
	{"action": "update", "fields": ["userName"], "before": {"userName": "a@y.org"}},
	over,
))]})

coming := lib.coming

test_denies_who_comes_into_a_domain if {
	coming == {"a@x.org"} with input as renamed({})
	coming == {"a@x.org"} with input as renamed({"action": "create", "fields": [], "before": null})
	coming == {"a@x.org"} with input as renamed({"before": {"userName": "bob"}})
}

test_allows_who_stays_in_a_domain if {
	coming == set() with input as renamed({"before": {"userName": "B@X.org"}})
	coming == set() with input as renamed({"fields": ["title"]})
	coming == set() with input as renamed({"action": "delete"})
	coming == set() with input as renamed({"action": "observe", "before": null})
	coming == set() with input as renamed({"kind": "group"})
}

test_missing_names_of_before_are_others if {
	coming == {"a@x.org"} with input as renamed({"before": null})
	coming == set() with input as renamed({"fields": null})
	coming == set() with input as {}
}

test_denies_with_a_place if {
	lib.finding("r", lib_test.user("a@x.org", {}), "m") == {
		"id": "r", "msg": "m", "addresses": ["user/a@x.org"], "_loc": lib_test.source,
	}
	lib.finding("r", {}, "m") == {"id": "r", "msg": "m", "addresses": [""], "_loc": null}
}
