package guardrails.orphan_user_test

import data.guardrails.lib_test as base
import data.guardrails.orphan_user

about(point, over, changes) := base.doc({
	"point": point,
	"users": {"a@x.org": base.user("a@x.org", over)},
	"changes": changes,
})

left(over) := [base.change("membership/ops/a@x.org", "membership", object.union(
	{"action": "delete", "after": null, "before": {"group": "ops", "user": "a@x.org"}},
	over,
))]

new := {"live": false}

test_warns_of_a_user_made if {
	orphan_user.warn == {{
		"id": "orphan-user",
		"msg": "`user/a@x.org` is active, is in no group and holds no role",
		"addresses": ["user/a@x.org"],
		"_loc": {"file": "a.yaml", "line": 3, "column": 5},
	}} with input as about("plan", new, [])
}

test_warns_of_a_user_taken_out if {
	count(orphan_user.warn) == 1 with input as about("plan", {}, left({}))
}

test_warns_of_all_in_an_audit if {
	every point in ["end", "live"] {
		count(orphan_user.warn) == 1 with input as about(point, {}, [])
	}
}

test_allows_whoever_was_one_before if {
	count(orphan_user.warn) == 0 with input as about("plan", {}, [])
	count(orphan_user.warn) == 0 with input as about("plan", {}, left({"kind": "binding"}))
	count(orphan_user.warn) == 0 with input as about("plan", {}, left({"action": "update"}))
	count(orphan_user.warn) == 0 with input as about("plan", {}, left({"before": {"user": "b"}}))
}

test_allows_whoever_serves_for_something if {
	count(orphan_user.warn) == 0 with input as about("live", {"groups": ["ops"]}, [])
	count(orphan_user.warn) == 0 with input as about("live", {"roles": [{"binding": "b"}]}, [])
}

test_allows_whoever_is_off_or_kept_apart if {
	every over in [
		{"present": false},
		{"active": false},
		{"breakGlass": true},
		{"protected": true},
	] {
		count(orphan_user.warn) == 0 with input as about("live", over, [])
	}
}

test_boundary_of_files_at_rest if {
	count(orphan_user.warn) == 0 with input as about("check", new, [])
	count(orphan_user.warn) == 0 with input as about("", new, [])
}

test_missing_keys_excuse_nobody if {
	count(orphan_user.warn) == 1 with input as {"point": "live", "users": {
		"a": {"present": true},
		"b": null,
		"c": {},
	}}
	count(orphan_user.warn) == 1 with input as {
		"point": "plan",
		"users": {"a": {"present": true, "groups": null, "roles": "x", "protected": "x"}},
		"changes": [null, {}],
	}
	count(orphan_user.warn) == 0 with input as {}
}
