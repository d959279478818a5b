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
	coming == set() with input as renamed({"fields": {"0": "userName"}})
	coming == set() with input as {}
}

test_denies_with_a_place if {
	lib.finding("r", lib_test.user("a@x.org", {}), "m") == {
		"id": "r", "msg": "m", "addresses": ["user/a@x.org"], "_loc": lib_test.source,
	}
	lib.finding("r", {}, "m") == {"id": "r", "msg": "m", "addresses": [""], "_loc": null}
}

# Changes of every kind and action, one that does not say its kind, and what is no change at all.
several := {"changes": [
	{"address": "u", "kind": "user", "action": "create", "touchesProtected": false},
	{"address": "g", "kind": "group", "action": "delete", "touchesProtected": true},
	{"address": "m", "kind": "membership", "action": "create", "touchesProtected": false},
	{"address": "b", "kind": "binding", "action": "update", "touchesProtected": null},
	{"address": "d", "kind": "domain", "action": "observe", "touchesProtected": false},
	{"address": "k", "kind": null, "touchesProtected": false},
	{"address": "o", "kind": "other", "touchesProtected": false},
	7,
]}

addresses(found) := {lib.text(c, "address") | some c in found}

test_denies_changes_of_a_kind if {
	addresses(lib.user_changes) == {"u"} with input as several
	addresses(lib.group_changes) == {"g"} with input as several
	addresses(lib.membership_changes) == {"m"} with input as several
	addresses(lib.binding_changes) == {"b"} with input as several
	addresses(lib.domain_changes) == {"d"} with input as several
}

test_denies_changes_by_what_they_do if {
	addresses(lib.created) == {"u", "m"} with input as several
	addresses(lib.deleted) == {"g"} with input as several
	addresses(lib.all_changes - lib.standing) == {"g"} with input as several
}

test_missing_kinds_may_be_any if {
	addresses(lib.kindless) == {"k", ""} with input as several
	addresses(lib.granted) == {"b", "k", ""} with input as several
}

test_missing_words_of_protection_are_no_denial if {
	addresses(lib.protected_changes) == {"g", "b", ""} with input as several
}

test_denies_who_comes_with_the_domain if {
	lib.domain_of_coming == {"a@x.org": "x.org"} with input as renamed({})
}

several_gains := {
	"workspaces": {"t": {"via": "p"}, "o": {"via": ""}, "n": null},
	"access": {"gained": [
		{"address": "1", "already": true, "privileged": false, "workspace": "t"},
		{"address": "2", "already": false, "privileged": true, "workspace": "o"},
		{"address": "3", "workspace": ""},
		{"address": "4", "already": null, "privileged": null, "workspace": "unknown"},
		{"address": "5", "workspace": "n"},
		null,
	]},
}

test_denies_gains_that_may_be_new if {
	addresses(lib.gains) == {"1", "2", "3", "4", "5", ""} with input as several_gains
	addresses(lib.new_gains) == {"2", "3", "4", "5", ""} with input as several_gains
}

test_denies_gains_that_may_be_privileged if {
	addresses(lib.privileged_gains) == {"2", "3", "4", "5", ""} with input as several_gains
}

test_denies_gains_that_may_be_in_a_tenant if {
	lib.tenant_workspaces == {"t"} with input as several_gains
	addresses(lib.tenant_gains) == {"1", "4", ""} with input as several_gains
}

test_denies_bindings_that_may_be_privileged if {
	shown := {"bindings": {"1": {"privileged": true}, "2": {"privileged": false}, "3": {}, "4": null}}
	lib.privileged_bindings == {"1", "3", "4"} with input as shown
	lib.unprivileged_bindings == {"2"} with input as shown
	changes := [
		{"address": "1", "kind": "binding"}, {"address": "2", "kind": "binding"},
		{"address": "new", "kind": "binding"}, {"address": 2, "kind": "binding"}, {"kind": null},
		{"address": "1", "kind": "user"},
	]
	addresses(lib.granted_privilege) == {"1", "new", ""} with input as object.union(shown, {"changes": changes})
}

test_denies_what_is_not_given_to_a_group if {
	addresses(lib.granted_directly) == {"2", "3", "4", "5"} with input as {"changes": [
		{"address": "1", "kind": "binding", "after": {"principal": "group/g"}},
		{"address": "2", "kind": "binding", "after": {"principal": "user/u"}},
		{"address": "3", "kind": "binding", "after": {"principal": 1}},
		{"address": "4", "kind": "binding", "after": null},
		{"address": "5"},
		{"address": "6", "kind": "user"},
	]}
}

test_allows_what_is_given_with_a_reason if {
	addresses(lib.granted_with_reason) == {"1", "5"} with input as {"changes": [
		{"address": "1", "kind": "binding", "grant": {"reason": "because"}},
		{"address": "2", "kind": "binding", "grant": {"reason": "  "}},
		{"address": "3", "kind": "binding", "grant": {"reason": 1}},
		{"address": "4", "kind": "binding"},
		{"address": "5", "grant": {"reason": "because"}},
		{"address": "6", "kind": "user", "grant": {"reason": "because"}},
	]}
}

test_boundary_of_groups_with_roles if {
	lib.groups_with_roles == {"a", "b"} with input as {"groups": {
		"a": {"roles": [false], "present": true}, "b": {"roles": ["r"]},
		"c": {"roles": []}, "d": {"roles": {"0": "r"}}, "e": {"roles": "r"}, "f": {}, "g": null,
		"h": {"roles": ["r"], "present": false},
	}}
}

test_boundary_of_users_who_have_something if {
	shown := {"users": {
		"a": {"roles": [null], "groups": ["g"]}, "b": {"roles": [], "groups": []},
		"c": {"roles": {"0": 1}, "groups": "g"}, "d": {}, "e": 1,
	}}
	lib.users_with_roles == {"a"} with input as shown
	lib.users_in_groups == {"a"} with input as shown
}

test_denies_who_is_gone if {
	shown := {"users": {
		"a": {"present": true, "active": true}, "b": {"present": true, "active": false},
		"c": {"present": false, "active": true}, "d": {"present": true}, "e": {}, "f": null,
	}}
	lib.staff == {"a"} with input as shown
	lib.leavers == {"b", "c", "d", "e", "f"} with input as shown
	lib.gone({"present": true, "active": false}) == "is not active"
	lib.gone({"present": true}) == "is not active"
	lib.gone({"active": true}) == "is not there"
	lib.gone({}) == "is not there"
	not lib.gone({"present": true, "active": true})
}

test_denies_users_in_a_domain_of_a_tenant if {
	domains := {"t.org": {"tenant": "t"}, "o.org": {"tenant": ""}, "": {"tenant": ""}}
	lib.tenant_of_user == {"a": "t", "b@t.org": "t", "c@t.org": "t", "e@t.org": "t"} with input as {
		"domains": domains,
		"users": {
			"a": {"domain": "t.org"}, "b@t.org": {}, "c@t.org": {"domain": ""}, "d@t.org": {"domain": "o.org"},
			"e@t.org": null, "f@z.org": {"domain": "z.org"},
		},
	}
	lib.own_domains == {"o.org"} with input as {"domains": domains}
}

test_boundary_of_domains_of_tenants if {
	lib.tenant_of_domain == {"a": "t"} with input as {"domains": {
		"a": {"tenant": "t"}, "b": {"tenant": ""}, "c": {"tenant": 1}, "d": {}, "e": null,
	}}
}
