package guardrails.separation_of_duties_test

import data.guardrails.lib_test
import data.guardrails.separation_of_duties

denied(doc) := found if found := separation_of_duties.deny with input as doc

warned(doc) := found if found := separation_of_duties.warn with input as doc

of(role) := sprintf("binding/group/g/%v/prod", [role])

shown := {of(role): lib_test.binding(of(role), {"role": role}) |
	some role in ["ask", "allow", "pay", "Ask", "asks"]
}

# A person with these roles, at this point.
person(point, roles) := lib_test.doc({
	"point": point,
	"settings": {"separation-of-duties": {"conflicts": [["ask", "allow"], ["pay", "allow", "audit"]]}},
	"bindings": shown,
	"users": {"a@x.org": lib_test.user("a@x.org", {"roles": [path |
		some role in roles
		path := {"binding": of(role), "via": "group/g", "until": "", "untilNs": 0}
	]})},
})

gaining(doc, role, over) := object.union(doc, {"access": {"gained": [lib_test.access(
	"a@x.org",
	object.union({"role": role, "binding": of(role)}, over),
)]}})

said(ways) := {
	"id": "separation-of-duties",
	"msg": sprintf("`user/a@x.org` holds roles that are not for one person: %v", [ways]),
	"addresses": ["user/a@x.org"],
	"_loc": lib_test.source,
}

asks := "`ask` by `binding/group/g/ask/prod`"

allows := "`allow` by `binding/group/g/allow/prod`"

pays := "`pay` by `binding/group/g/pay/prod`"

both := {said(concat(", ", [allows, asks]))}

test_denies_both_roles if {
	every point in ["check", "end", "live"] {
		denied(person(point, ["ask", "allow"])) == both
		warned(person(point, ["ask", "allow"])) == set()
	}
}

test_denies_each_conflict_by_itself if {
	expected := both | {said(concat(", ", [allows, pays]))}
	denied(person("live", ["ask", "allow", "pay"])) == expected
}

test_denies_a_plan_that_adds_one if {
	every role in ["ask", "allow"] {
		doc := gaining(person("plan", ["ask", "allow"]), role, {})
		denied(doc) == both
		warned(doc) == set()
	}
}

test_warns_of_what_a_plan_finds_so if {
	doc := person("plan", ["ask", "allow"])
	every found in [
		doc,
		gaining(doc, "pay", {}),
		gaining(doc, "ask", {"already": true}),
		gaining(doc, "ask", {"user": "b@x.org"}),
	] {
		warned(found) == both
		denied(found) == set()
	}
}

test_allows_one_role_of_each_conflict if {
	every roles in [[], ["ask"], ["allow"], ["ask", "pay"]] {
		denied(person("live", roles)) == set()
		warned(person("plan", roles)) == set()
	}
}

test_allows_anything_without_conflicts if {
	every settings in [{}, {"separation-of-duties": {}}, {"separation-of-duties": {"conflicts": []}}] {
		doc := object.union(object.remove(person("live", ["ask", "allow"]), ["settings"]), {"settings": settings})
		denied(doc) == set()
	}
}

test_boundary_of_names_that_are_alike if {
	denied(person("live", ["Ask", "allow", "asks"])) == set()
}

test_boundary_of_one_role_by_two_ways if {
	second := "binding/group/h/ask/prod"
	doc := object.union(person("live", ["ask"]), {"bindings": {second: lib_test.binding(second, {"role": "ask"})}})
	users := {"a@x.org": lib_test.user("a@x.org", {"roles": [{"binding": of("ask")}, {"binding": second}]})}
	denied(object.union(doc, {"users": users})) == set()
	three := {"a@x.org": {"roles": [{"binding": of("ask")}, {"binding": second}, {"binding": of("allow")}]}}
	denied(object.union(doc, {"users": three})) == {said(concat(", ", [
		allows,
		asks,
		"`ask` by `binding/group/h/ask/prod`",
	]))}
}

test_missing_fields_silence_nothing if {
	doc := person("live", ["ask", "allow"])
	denied(object.union(doc, {"users": {"b@x.org": null, "c@x.org": {"roles": [null, {}, {"binding": "x"}]}}})) == both
	denied(object.union(doc, {"point": null})) == both
	nulled := gaining(object.union(doc, {"point": "plan"}), "ask", {"already": null})
	denied(nulled) == both
	denied({}) == set()
	nameless := json.remove(doc, ["users/a@x.org/address"])
	{v.addresses | some v in denied(nameless)} == {[""]}
}

with_conflicts(doc, conflicts) := object.union(
	object.remove(doc, ["settings"]),
	{"settings": {"separation-of-duties": {"conflicts": conflicts}}},
)

test_missing_names_of_roles_are_warned_of if {
	doc := person("live", ["ask", "allow"])
	said_of := {"id": "separation-of-duties", "addresses": [], "_loc": null}
	every wrong in ["ask", null, 1, {"x": "ask", "y": "allow"}, [], ["ask"], ["ask", "ask"], ["ask", "allow", null]] {
		config := with_conflicts(doc, [["ask", "allow"], wrong])
		denied(config) == both
		warned(config) == {object.union(said_of, {"msg": "`conflicts` number 2 is no list of two or more names of roles"})}
		denied(with_conflicts(doc, [wrong])) == set()
	}
	denied(with_conflicts(doc, null)) == set()
}
