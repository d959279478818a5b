package guardrails.grant_ends_soon_test

import data.guardrails.grant_ends_soon
import data.guardrails.lib_test as base

address := "binding/group/ops/admin/-"

about(point, ns, over) := base.doc({"point": point, "bindings": {address: base.binding(
	address,
	object.union(
		{
			"privileged": true, "role": "admin",
			"until": "2026-11-30T12:00:00Z", "untilNs": ns,
		},
		over,
	),
)}})

ahead(n) := base.now + (n * base.day)

ends(ns) := about("live", ns, {})

said(when) := sprintf(
	"the privileged role `admin` of `group/ops` ends %v, on 2026-11-30 (`%v`)",
	[when, "binding/group/ops/admin/-"],
)

with_days(days, n) := object.union(
	ends(ahead(n)),
	{"settings": {"grant-ends-soon": {"days": days}}},
)

test_warns_of_an_end_that_is_near if {
	every point in ["check", "plan", "end", "live"] {
		grant_ends_soon.warn == {{
			"id": "grant-ends-soon",
			"msg": concat("", [
				"the privileged role `admin` of `group/ops` ends in 9 days, ",
				"on 2026-11-30 (`binding/group/ops/admin/-`)",
			]),
			"addresses": ["binding/group/ops/admin/-"],
			"_loc": {"file": "a.yaml", "line": 3, "column": 5},
		}} with input as about(point, ahead(9), {})
	}
}

test_warns_with_the_days_left if {
	{v.msg | some v in grant_ends_soon.warn} == {said("in less than a day")} with input as ends(
		ahead(1) - 1,
	)
	{v.msg | some v in grant_ends_soon.warn} == {said("in a day")} with input as ends(ahead(1))
	{v.msg | some v in grant_ends_soon.warn} == {said("in 2 days")} with input as ends(ahead(2))
}

test_allows_what_is_made_for_a_short_time if {
	count(grant_ends_soon.warn) == 0 with input as about("plan", ahead(2), {"live": false})
	count(grant_ends_soon.warn) == 1 with input as about("check", ahead(2), {"live": false})
}

test_allows_what_is_taken_away_or_harmless if {
	count(grant_ends_soon.warn) == 0 with input as about("live", ahead(2), {"present": false})
	count(grant_ends_soon.warn) == 0 with input as about("live", ahead(2), {"privileged": false})
}

test_boundary_of_the_end if {
	count(grant_ends_soon.warn) == 0 with input as ends(0)
	count(grant_ends_soon.warn) == 0 with input as ends(ahead(-1))
	count(grant_ends_soon.warn) == 0 with input as ends(ahead(0))
	count(grant_ends_soon.warn) == 1 with input as ends(ahead(0) + 1)
	count(grant_ends_soon.warn) == 1 with input as ends(ahead(13))
	count(grant_ends_soon.warn) == 1 with input as ends(ahead(14))
	count(grant_ends_soon.warn) == 0 with input as ends(ahead(14) + 1)
	count(grant_ends_soon.warn) == 0 with input as ends(ahead(15))
}

test_boundary_of_days_that_are_written if {
	count(grant_ends_soon.warn) == 1 with input as with_days(30, 30)
	count(grant_ends_soon.warn) == 0 with input as with_days(30, 31)
	count(grant_ends_soon.warn) == 1 with input as with_days(1, 1)
	count(grant_ends_soon.warn) == 0 with input as with_days(1, 2)
}

test_missing_days_are_the_default if {
	every days in [0, -1, null, "1"] {
		count(grant_ends_soon.warn) == 1 with input as with_days(days, 14)
		count(grant_ends_soon.warn) == 0 with input as with_days(days, 15)
	}
}

test_missing_keys_are_no_error if {
	count(grant_ends_soon.warn) == 0 with input as {}
	count(grant_ends_soon.warn) == 0 with input as {"bindings": {"a": null, "b": {}}}
	count(grant_ends_soon.warn) == 0 with input as about("live", null, {})
	count(grant_ends_soon.warn) == 0 with input as about("live", "1", {"until": null})
	count(grant_ends_soon.warn) == 1 with input as about("live", ahead(1), {"until": null})
}

test_missing_marks if {
	count(grant_ends_soon.warn) == 1 with input as about("live", ahead(1), {"present": null})
	count(grant_ends_soon.warn) == 0 with input as about("live", ahead(1), {"privileged": null})
	count(grant_ends_soon.warn) == 0 with input as about("plan", ahead(1), {"live": null})
}
