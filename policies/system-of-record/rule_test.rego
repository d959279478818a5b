package guardrails.system_of_record_test

import data.guardrails.lib_test as base
import data.guardrails.system_of_record

observed(point, over) := base.doc({"point": point, "changes": [
	base.change("user/b@x.org", "user", {"action": "observe"}),
	base.change("user/a@x.org", "user", object.union({"action": "observe"}, over)),
]})

test_warns_of_what_differs if {
	system_of_record.warn == {{
		"id": "system-of-record",
		"msg": "`user/a@x.org` is not as the files say it is: it differs in `active`, `title`",
		"addresses": ["user/a@x.org"],
		"_loc": {"file": "a.yaml", "line": 3, "column": 5},
	}} with input as observed("live", {"fields": ["title", "active"]})
}

test_warns_of_every_kind if {
	every kind in ["user", "group", "membership", "binding", "domain"] {
		count(system_of_record.warn) == 1 with input as observed("live", {
			"kind": kind,
			"fields": ["active"],
		})
	}
}

test_allows_what_is_as_declared if {
	count(system_of_record.warn) == 0 with input as observed("live", {})
}

test_allows_what_is_not_observed if {
	every action in ["declare", "create", "update", "delete"] {
		count(system_of_record.warn) == 0 with input as observed("live", {
			"action": action,
			"fields": ["active"],
		})
	}
}

test_boundary_of_the_live_state if {
	every point in ["check", "plan", "end", ""] {
		count(system_of_record.warn) == 0 with input as observed(point, {"fields": ["active"]})
	}
}

test_missing_keys_are_no_error if {
	count(system_of_record.warn) == 0 with input as {}
	count(system_of_record.warn) == 0 with input as {"point": "live"}
	count(system_of_record.warn) == 0 with input as observed("live", {"fields": null})
	count(system_of_record.warn) == 1 with input as {"point": "live", "changes": [
		{"action": "observe", "fields": [1]},
		{"fields": ["a"]},
		null,
	]}
}
