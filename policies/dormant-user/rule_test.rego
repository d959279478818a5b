package guardrails.dormant_user_test

import data.guardrails.dormant_user
import data.guardrails.lib_test as base

one := [{"binding": "b", "via": "group/ops", "until": "", "untilNs": 0}]

# Somebody with a role, beside somebody who signed in just now.
about(over) := {
	"point": "live",
	"nowNs": base.now,
	"users": {
		"a@x.org": base.user("a@x.org", object.union({"roles": one}, over)),
		"b@x.org": base.user("b@x.org", {"roles": one, "lastLoginNs": base.now}),
	},
}

seen(ns, over) := about(object.union(
	{"lastLogin": "2026-08-01T12:00:00Z", "lastLoginNs": ns, "createdNs": 1},
	over,
))

made(ns) := about({"created": "2026-08-01T12:00:00Z", "createdNs": ns})

ago(n) := base.now - (n * base.day)

with_days(days, n) := object.union(seen(ago(n), {}), {"settings": {"dormant-user": {"days": days}}})

test_boundary_of_one_day if {
	some v in dormant_user.warn with input as with_days(0.5, 1)
	contains(v.msg, ", 1 day ago, ")
}

test_warns_of_a_sign_in_long_ago if {
	dormant_user.warn == {{
		"id": "dormant-user",
		"msg": concat("", [
			"`user/a@x.org` signed in last on 2026-08-01, 112 days ago, ",
			"and holds roles (1)",
		]),
		"addresses": ["user/a@x.org"],
		"_loc": {"file": "a.yaml", "line": 3, "column": 5},
	}} with input as seen(ago(112) - 1, {})
}

test_warns_of_no_sign_in_at_all if {
	{v.msg | some v in dormant_user.warn} == {concat("", [
		"`user/a@x.org` has not signed in since the account was made on 2026-08-01, ",
		"112 days ago, and holds roles (1)",
	])} with input as made(ago(112) - 3600000000000)
}

test_allows_whoever_holds_nothing if {
	count(dormant_user.warn) == 0 with input as seen(1, {"roles": []})
}

test_allows_whoever_is_off_or_kept_apart if {
	count(dormant_user.warn) == 0 with input as seen(1, {"active": false})
	count(dormant_user.warn) == 0 with input as seen(1, {"breakGlass": true})
}

test_allows_where_nothing_is_known if {
	count(dormant_user.warn) == 0 with input as about({})
}

test_allows_where_the_target_tells_no_sign_ins if {
	count(dormant_user.warn) == 0 with input as base.doc({"users": {"a@x.org": base.user(
		"a@x.org",
		{"roles": one, "createdNs": 1},
	)}})
}

test_boundary_of_the_last_sign_in if {
	count(dormant_user.warn) == 0 with input as seen(ago(89), {})
	count(dormant_user.warn) == 0 with input as seen(ago(90), {})
	count(dormant_user.warn) == 1 with input as seen(ago(90) - 1, {})
	count(dormant_user.warn) == 1 with input as seen(ago(91), {})
	count(dormant_user.warn) == 1 with input as seen(1, {})
}

test_boundary_of_the_making if {
	count(dormant_user.warn) == 0 with input as made(ago(90))
	count(dormant_user.warn) == 1 with input as made(ago(90) - 1)
	count(dormant_user.warn) == 1 with input as made(1)
}

test_boundary_of_days_that_are_written if {
	count(dormant_user.warn) == 0 with input as with_days(100, 100)
	count(dormant_user.warn) == 1 with input as with_days(100, 101)
	count(dormant_user.warn) == 1 with input as with_days(1, 2)
}

test_missing_days_are_the_default if {
	every days in [0, -1, null, "1000"] {
		count(dormant_user.warn) == 1 with input as with_days(days, 91)
		count(dormant_user.warn) == 0 with input as with_days(days, 90)
	}
}

test_missing_keys_are_no_error if {
	count(dormant_user.warn) == 0 with input as {}
	count(dormant_user.warn) == 0 with input as seen(null, {"createdNs": null})
	count(dormant_user.warn) == 1 with input as {"nowNs": 1795262400000000000, "users": {
		"a": {"roles": [null], "lastLoginNs": 1, "active": null, "breakGlass": null},
		"b": null,
	}}
}
