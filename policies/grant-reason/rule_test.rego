package guardrails.grant_reason_test

import data.guardrails.grant_reason
import data.guardrails.lib_test as base

# A binding, and what is written about its granting.
about(over, after, grant) := base.doc({"changes": [base.change(
	"binding/group/ops/viewer/-",
	"binding",
	object.union(
		{"after": object.union({"principal": "group/ops", "role": "viewer"}, after), "grant": grant},
		over,
	),
)]})

test_warns_of_neither_owner_nor_reason if {
	grant_reason.warn == {{
		"id": "grant-reason",
		"msg": "the role `viewer` of `group/ops` is given with neither `owner` nor `reason`",
		"addresses": ["binding/group/ops/viewer/-"],
		"_loc": {"file": "a.yaml", "line": 3, "column": 5},
	}} with input as about({}, {}, {})
}

test_warns_of_an_end_without_reason if {
	{v.msg | some v in grant_reason.warn} == {concat("", [
		"the role `viewer` of `group/ops` is given until 2026-12-01 ",
		"without a `reason`",
	])} with input as about({}, {}, {"until": "2026-12-01T00:00:00Z", "owner": "o@x.org"})
}

test_warns_once if {
	count(grant_reason.warn) == 1 with input as about({}, {}, {"until": "2026-12-01T00:00:00Z"})
}

test_warns_of_every_action_that_gives if {
	every action in ["declare", "create", "update", "observe"] {
		count(grant_reason.warn) == 1 with input as about({"action": action}, {}, {})
	}
}

test_allows_what_says_why if {
	count(grant_reason.warn) == 0 with input as about({}, {}, {"reason": "INC-1"})
	count(grant_reason.warn) == 0 with input as about({}, {}, {"reason": "INC-1", "until": "2027"})
}

test_allows_what_says_who if {
	count(grant_reason.warn) == 0 with input as about({}, {}, {"owner": "o@x.org"})
	count(grant_reason.warn) == 0 with input as about({}, {"owner": "o@x.org"}, {})
}

test_allows_what_is_taken_away_or_no_binding if {
	count(grant_reason.warn) == 0 with input as about({"action": "delete"}, {}, {})
	count(grant_reason.warn) == 0 with input as about({"kind": "membership"}, {}, {})
}

test_boundary_of_blanks if {
	count(grant_reason.warn) == 1 with input as about({}, {"owner": " "}, {"reason": " "})
	count(grant_reason.warn) == 1 with input as about({}, {}, {"owner": "\t"})
	count(grant_reason.warn) == 0 with input as about({}, {}, {"owner": "o", "until": " "})
}

test_missing_keys_excuse_nothing if {
	count(grant_reason.warn) == 1 with input as about({"after": null}, {}, {})
	count(grant_reason.warn) == 1 with input as about({}, {"owner": null}, {"reason": 1})
	{v.msg | some v in grant_reason.warn} == {
		"the role `viewer` of `group/ops` is given with neither `owner` nor `reason`",
	} with input as about({}, {"owner": 1}, {"owner": 1, "until": 1})
	{v.msg | some v in grant_reason.warn} == {
		"the role `` of `` is given with neither `owner` nor `reason`",
	} with input as {"changes": [null, {"address": "x", "kind": "binding", "grant": null}]}
	count(grant_reason.warn) == 0 with input as {}
}
