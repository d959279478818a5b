package guardrails.contractors_apart_test

import data.guardrails.contractors_apart
import data.guardrails.lib_test as base

# A plan in which somebody of a class gains a role through a group that allows some classes.
gains(class, via, allows) := base.doc({
	"users": {"c@x.org": base.user("c@x.org", {"class": class})},
	"groups": {"ops": base.group("ops", {"allows": allows})},
	"access": {"gained": [base.access("c@x.org", {"via": via})], "lost": []},
})

holds(point) := base.doc({
	"point": point,
	"users": {"c@x.org": base.user("c@x.org", {
		"class": "Contractor",
		"roles": [{"binding": "b", "via": "group/ops", "until": "", "untilNs": 0}],
	})},
	"groups": {"ops": base.group("ops", {})},
})

with_classes(classes, class) := object.union(
	gains(class, "group/ops", []),
	{"settings": {"contractors-apart": {"classes": classes}}},
)

test_denies_what_is_gained if {
	contractors_apart.deny == {{
		"id": "contractors-apart",
		"msg": concat("", [
			"`user/c@x.org` is of the class `contractor` and gains a role through `group/ops`, ",
			"whose `allows` does not name that class",
		]),
		"addresses": ["user/c@x.org"],
		"_loc": {"file": "a.yaml", "line": 3, "column": 5},
	}} with input as gains(" Contractor", "group/ops", ["partner"])
}

test_denies_a_direct_binding if {
	{v.msg | some v in contractors_apart.deny} == {concat("", [
		"`user/c@x.org` is of the class `contractor` and gains a role directly, ",
		"not through a group that allows that class",
	])} with input as gains("contractor", "", ["contractor"])
}

test_denies_what_is_held if {
	every point in ["check", "end", "live"] {
		{v.msg | some v in contractors_apart.deny} == {concat("", [
			"`user/c@x.org` is of the class `contractor` and holds a role through `group/ops`, ",
			"whose `allows` does not name that class",
		])} with input as holds(point)
	}
}

test_allows_what_stood_before_the_plan if {
	count(contractors_apart.deny) == 0 with input as holds("plan")
}

test_allows_a_group_for_the_class if {
	count(contractors_apart.deny) == 0 with input as gains("contractor", "group/ops", [
		"partner",
		"Contractor ",
	])
}

test_allows_other_classes if {
	count(contractors_apart.deny) == 0 with input as gains("employee", "group/ops", [])
	count(contractors_apart.deny) == 0 with input as gains("", "group/ops", [])
}

test_denies_each_class_that_is_written if {
	count(contractors_apart.deny) == 1 with input as with_classes(["Partner", "x"], "partner")
	count(contractors_apart.deny) == 0 with input as with_classes(["partner"], "contractor")
}

test_boundary_of_no_classes_is_the_default if {
	every classes in [[], [""], [1, null], null, "partner"] {
		count(contractors_apart.deny) == 1 with input as with_classes(classes, "contractor")
	}
	every class in ["", "employee"] {
		count(contractors_apart.deny) == 0 with input as with_classes([""], class)
	}
	count(contractors_apart.deny) == 0 with input as with_classes(["", "partner"], "")
}

test_missing_allows_is_no_allowance if {
	every allows in [null, "contractor", [null, 1], {"contractor": true}] {
		count(contractors_apart.deny) == 1 with input as gains("contractor", "group/ops", allows)
	}
}

test_missing_keys_are_no_error if {
	count(contractors_apart.deny) == 0 with input as {}
	count(contractors_apart.deny) == 0 with input as {
		"users": {"c@x.org": null, "d@x.org": {"roles": [null, 1]}},
		"access": {"gained": [null, 1, {}]},
	}
}

test_missing_points_and_groups_hide_nothing if {
	count(contractors_apart.deny) == 1 with input as {"users": {"c@x.org": {
		"class": "contractor",
		"roles": [null],
	}}}
}
