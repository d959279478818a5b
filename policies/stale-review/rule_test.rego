package guardrails.stale_review_test

import data.guardrails.lib_test as base
import data.guardrails.stale_review

address := "binding/group/ops/admin/-"

about(point, over) := base.doc({"point": point, "bindings": {address: base.binding(
	address,
	object.union({"privileged": true, "role": "admin"}, over),
)}})

reviewed(ns) := about("live", {"reviewed": "2026-05-01T12:00:00Z", "reviewedNs": ns})

ago(n) := base.now - (n * base.day)

with_days(days, n) := object.union(reviewed(ago(n)), {"settings": {"stale-review": {"days": days}}})

test_warns_of_a_review_long_ago if {
	stale_review.warn == {{
		"id": "stale-review",
		"msg": concat("", [
			"the privileged role `admin` of `group/ops` was reviewed last on ",
			"2026-05-01, 204 days ago (`binding/group/ops/admin/-`)",
		]),
		"addresses": ["binding/group/ops/admin/-"],
		"_loc": {"file": "a.yaml", "line": 3, "column": 5},
	}} with input as reviewed(ago(204) - 3600000000000)
}

test_warns_of_no_review if {
	every point in ["plan", "end", "live"] {
		{v.msg | some v in stale_review.warn} == {concat("", [
			"the privileged role `admin` of `group/ops` has never been reviewed ",
			"(`binding/group/ops/admin/-`)",
		])} with input as about(point, {})
	}
}

test_warns_of_a_review_to_come if {
	{v.msg | some v in stale_review.warn} == {concat("", [
		"the privileged role `admin` of `group/ops` has a review that is yet to come, ",
		"on 2026-05-01 (`binding/group/ops/admin/-`)",
	])} with input as reviewed(ago(-2))
}

test_warns_in_files_of_what_they_tell if {
	told := {"live": false, "reviewedNs": 1}
	count(stale_review.warn) == 1 with input as about("check", told)
	count(stale_review.warn) == 0 with input as about("check", {"live": false})
}

test_allows_at_rest_what_is_not_declared if {
	every point in ["plan", "end"] {
		count(stale_review.warn) == 0 with input as about(point, {"declared": false})
		count(stale_review.warn) == 1 with input as about(point, {"declared": null})
	}
	count(stale_review.warn) == 1 with input as about("live", {"declared": false})
}

test_boundary_of_one_day if {
	some v in stale_review.warn with input as with_days(0.5, 1)
	contains(v.msg, ", 1 day ago (")
}

test_allows_a_break_glass_account if {
	kept := {"breakGlass": {"bg@x.org": {"address": "user/bg@x.org"}}}
	own := object.union(about("plan", {"principal": "user/bg@x.org"}), kept)
	count(stale_review.warn) == 0 with input as own
	count(stale_review.warn) == 1 with input as object.union(about("plan", {}), kept)
}

test_allows_what_is_made_now if {
	count(stale_review.warn) == 0 with input as about("plan", {"live": false})
	count(stale_review.warn) == 0 with input as about("plan", {"live": false, "reviewedNs": 1})
}

test_allows_what_is_taken_away_or_harmless if {
	count(stale_review.warn) == 0 with input as about("plan", {"present": false})
	count(stale_review.warn) == 0 with input as about("plan", {"privileged": false})
}

test_boundary_of_the_review if {
	count(stale_review.warn) == 0 with input as reviewed(ago(179))
	count(stale_review.warn) == 0 with input as reviewed(ago(180))
	count(stale_review.warn) == 1 with input as reviewed(ago(180) - 1)
	count(stale_review.warn) == 1 with input as reviewed(ago(181))
	count(stale_review.warn) == 1 with input as reviewed(1)
	count(stale_review.warn) == 1 with input as reviewed(-1)
}

test_boundary_of_a_review_to_come if {
	count(stale_review.warn) == 0 with input as reviewed(ago(0))
	count(stale_review.warn) == 0 with input as reviewed(ago(-1))
	count(stale_review.warn) == 1 with input as reviewed(ago(-1) + 1)
}

test_boundary_of_days_that_are_written if {
	count(stale_review.warn) == 0 with input as with_days(300, 300)
	count(stale_review.warn) == 1 with input as with_days(300, 301)
	count(stale_review.warn) == 1 with input as with_days(1, 2)
}

test_missing_days_are_the_default if {
	every days in [0, -1, null, "1000"] {
		count(stale_review.warn) == 1 with input as with_days(days, 181)
		count(stale_review.warn) == 0 with input as with_days(days, 180)
	}
}

test_missing_keys_are_no_error if {
	count(stale_review.warn) == 0 with input as {}
	count(stale_review.warn) == 0 with input as {"bindings": {"a": null, "b": {}}}
	count(stale_review.warn) == 1 with input as about("live", {"reviewedNs": null, "role": null})
	count(stale_review.warn) == 1 with input as about("live", {"reviewedNs": "1", "reviewed": 1})
}

test_missing_marks if {
	count(stale_review.warn) == 1 with input as about("live", {"present": null})
	count(stale_review.warn) == 0 with input as about("live", {"privileged": null})
	count(stale_review.warn) == 0 with input as about("live", {"live": null})
}
