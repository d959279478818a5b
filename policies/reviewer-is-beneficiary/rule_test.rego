package guardrails.reviewer_is_beneficiary_test

import data.guardrails.lib_test as base
import data.guardrails.reviewer_is_beneficiary as rule

address := "binding/group/ops/admin/-"

# A binding of a group, and how somebody in it reviewed it.
about(point, over) := base.doc({
	"point": point,
	"users": {"a@x.org": base.user("a@x.org", {"roles": [
		null,
		{"binding": "other", "via": "group/dev"},
		{"binding": address, "via": "group/ops"},
	]})},
	"bindings": {address: base.binding(address, object.union({"reviewedBy": "a@x.org"}, over))},
})

changing(kind, over) := object.union(about("plan", {}), {"changes": [base.change(
	"binding/group/ops/admin/-",
	kind,
	over,
)]})

writing(kind, action) := changing(kind, {"action": action})

entering(over) := object.union(about("plan", {}), {"access": {"gained": [base.access(
	"a@x.org",
	object.union({"binding": address}, over),
)]}})

test_denies_a_review_by_a_holder if {
	every point in ["check", "end", "live"] {
		rule.deny == {{
			"id": "reviewer-is-beneficiary",
			"msg": concat("", [
				"`binding/group/ops/admin/-` was reviewed by `a@x.org`, ",
				"who holds the role by it",
			]),
			"addresses": ["binding/group/ops/admin/-"],
			"_loc": {"file": "a.yaml", "line": 3, "column": 5},
		}} with input as about(point, {})
		count(rule.warn) == 0 with input as about(point, {})
	}
}

test_denies_a_review_by_the_only_holder if {
	{v.addresses[0] | some v in rule.deny} == {"b"} with input as {"bindings": {"b": base.binding(
		"b",
		{"principal": "user/a@x.org", "reviewedBy": "user/A@x.org "},
	)}}
}

test_denies_what_the_plan_writes if {
	every action in ["create", "update"] {
		count(rule.deny) == 1 with input as writing("binding", action)
		count(rule.warn) == 0 with input as writing("binding", action)
	}
}

test_denies_what_lets_the_reviewer_in if {
	count(rule.deny) == 1 with input as entering({})
	count(rule.warn) == 0 with input as entering({})
}

test_warns_of_what_stood_before_the_plan if {
	{v.msg | some v in rule.warn} == {concat("", [
		"`binding/group/ops/admin/-` was reviewed by `a@x.org`, ",
		"who holds the role by it",
	])} with input as about("plan", {})
	count(rule.deny) == 0 with input as about("plan", {})
	count(rule.warn) == 1 with input as writing("binding", "delete")
	count(rule.warn) == 1 with input as writing("group", "update")
	count(rule.warn) == 1 with input as changing("binding", {"action": "update", "removes": true})
	count(rule.warn) == 1 with input as entering({"binding": "other"})
	count(rule.warn) == 1 with input as entering({"user": "b@x.org"})
}

test_allows_a_review_by_somebody_else if {
	every reviewer in ["b@x.org", "", " ", "ops", "group/ops"] {
		count(rule.deny) == 0 with input as about("live", {"reviewedBy": reviewer})
		count(rule.warn) == 0 with input as about("plan", {"reviewedBy": reviewer})
	}
}

test_allows_a_review_by_a_holder_of_other_roles if {
	count(rule.deny) == 0 with input as object.union(about("live", {}), {"users": {"a@x.org": {
		"roles": [{"binding": "other", "via": "group/dev"}],
	}}})
}

test_allows_what_is_taken_away if {
	count(rule.deny) == 0 with input as about("live", {"present": false})
	count(rule.warn) == 0 with input as about("plan", {"present": false})
}

test_boundary_of_no_reviewer if {
	count(rule.deny) == 0 with input as about("live", {"principal": "user/", "reviewedBy": ""})
	count(rule.deny) == 0 with input as about("live", {"principal": "user/", "reviewedBy": " "})
}

test_missing_keys_are_no_error if {
	count(rule.deny) == 0 with input as {}
	count(rule.deny) == 0 with input as about("live", {"reviewedBy": null})
	count(rule.deny) == 1 with input as about(null, {"principal": null})
	count(rule.deny) == 0 with input as {
		"users": {"a": null},
		"bindings": {"b": null, "c": {"reviewedBy": "a", "present": true}},
		"changes": [null],
		"access": {"gained": [null]},
	}
}

test_missing_marks_excuse_nothing if {
	count(rule.deny) == 1 with input as about("live", {"present": null})
	count(rule.deny) == 1 with input as changing("binding", {"removes": null})
}
