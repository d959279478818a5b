package guardrails.author_is_beneficiary_test

import data.guardrails.author_is_beneficiary as rule
import data.guardrails.lib_test as base

about(over, gained) := base.doc(object.union(over, {"access": {"gained": gained, "lost": []}}))

gains(over) := [base.access("a@x.org", over), base.access("b@x.org", {})]

unnamed := {"run": "pullRequest", "actor": ""}

test_denies_what_the_author_gains if {
	rule.deny == {{
		"id": "author-is-beneficiary",
		"msg": concat("", [
			"`a@x.org` asks for this change, and gains the role `viewer` in `prod` ",
			"by `binding/group/ops/viewer/prod`",
		]),
		"addresses": ["user/a@x.org"],
		"_loc": {"file": "a.yaml", "line": 3, "column": 5},
	}} with input as about({"actor": "a@x.org"}, gains({}))
}

test_denies_the_author_however_written if {
	{v.msg | some v in rule.deny} == {concat("", [
		"`a@x.org` asks for this change, and gains the role `viewer` in ",
		"the whole organization by `binding/group/ops/viewer/prod`",
	])} with input as about({"actor": " user/A@x.org"}, gains({"workspace": ""}))
}

test_allows_what_others_gain if {
	count(rule.deny) == 0 with input as about({"actor": "c@x.org"}, gains({}))
	count(rule.deny) == 0 with input as about({"actor": ""}, gains({}))
	count(rule.deny) == 0 with input as about({"actor": "a@x.org"}, gains({"already": true}))
}

test_warns_where_nobody_is_named if {
	rule.warn == {{
		"id": "author-is-beneficiary",
		"msg": concat("", [
			"somebody gains a privileged role by `binding/group/ops/viewer/prod`, ",
			"and nobody is named who asks for it",
		]),
		"addresses": ["binding/group/ops/viewer/prod"],
		"_loc": null,
	}} with input as about(unnamed, [
		base.access("a@x.org", {"privileged": true}),
		base.access("b@x.org", {"privileged": true}),
	])
}

test_allows_unnamed_what_is_harmless if {
	count(rule.warn) == 0 with input as about(unnamed, gains({}))
	count(rule.warn) == 0 with input as about(unnamed, gains({"privileged": true, "already": true}))
}

test_boundary_of_who_must_be_named if {
	every run in ["local", "scheduled", ""] {
		count(rule.warn) == 0 with input as about({"run": run}, gains({"privileged": true}))
	}
	count(rule.warn) == 1 with input as about(
		{"run": "pullRequest", "actor": " "},
		gains({"privileged": true}),
	)
	count(rule.warn) == 0 with input as about(
		{"run": "pullRequest", "actor": "c@x.org", "users": {"c@x.org": {}}},
		gains({"privileged": true}),
	)
}

test_warns_where_the_author_is_nobody if {
	{v.msg | some v in rule.warn} == {concat("", [
		"somebody gains a privileged role by `binding/group/ops/viewer/prod`, ",
		"and `cleo`, who asks for it, is no user here",
	])} with input as about({"actor": "cleo"}, gains({"privileged": true}))
	count(rule.warn) == 0 with input as about({"actor": "cleo"}, gains({}))
}

test_boundary_of_an_empty_name if {
	every actor in ["", " ", "user/"] {
		count(rule.deny) == 0 with input as about({"actor": actor}, gains({"user": ""}))
	}
}

test_missing_keys_are_no_error if {
	count(rule.deny) == 0 with input as {}
	count(rule.deny) == 0 with input as about({"actor": null}, [null, {}])
	count(rule.warn) == 1 with input as about(
		{"run": "pullRequest", "actor": null},
		[null, {"binding": "x", "privileged": null}, {"privileged": true}],
	)
	count(rule.deny) == 1 with input as about({"actor": "a"}, [{"user": "a", "already": null}])
}
