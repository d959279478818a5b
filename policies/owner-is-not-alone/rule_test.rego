package guardrails.owner_is_not_alone_test

import data.guardrails.lib_test as base
import data.guardrails.owner_is_not_alone as rule

about(over, groups) := base.doc({
	"users": {"a@x.org": base.user("a@x.org", {"groups": groups})},
	"groups": {"admins": base.group("admins", object.union(
		{"privileged": true, "owner": "a@x.org"},
		over,
	))},
})

test_warns_of_an_owner_alone if {
	rule.warn == {{
		"id": "owner-is-not-alone",
		"msg": "`group/admins` is privileged, and its owner `a@x.org` is its only member",
		"addresses": ["group/admins"],
		"_loc": {"file": "a.yaml", "line": 3, "column": 5},
	}} with input as about({}, ["dev", "admins"])
}

test_warns_of_an_owner_however_written if {
	count(rule.warn) == 1 with input as about({"owner": " user/A@x.org"}, ["admins"])
}

test_allows_an_owner_outside if {
	count(rule.warn) == 0 with input as about({}, ["dev"])
	count(rule.warn) == 0 with input as about({"owner": "b@x.org"}, ["admins"])
	count(rule.warn) == 0 with input as about({"owner": ""}, ["admins"])
}

test_allows_a_group_that_is_harmless_or_goes if {
	count(rule.warn) == 0 with input as about({"privileged": false}, ["admins"])
	count(rule.warn) == 0 with input as about({"present": false}, ["admins"])
}

test_boundary_of_members if {
	every members in [-1, 0, 2] {
		count(rule.warn) == 0 with input as about({"members": members}, ["admins"])
	}
	count(rule.warn) == 1 with input as about({"members": 1}, ["admins"])
}

test_missing_keys_are_no_error if {
	count(rule.warn) == 0 with input as {}
	count(rule.warn) == 0 with input as {"groups": {"a": null, "b": {"owner": 1}}, "users": null}
	count(rule.warn) == 0 with input as about({"members": null}, ["admins"])
	count(rule.warn) == 0 with input as about({}, null)
	count(rule.warn) == 1 with input as about({"roles": null}, [null, 1, "admins"])
}

test_missing_marks if {
	count(rule.warn) == 1 with input as about({"present": null}, ["admins"])
	count(rule.warn) == 0 with input as about({"privileged": null}, ["admins"])
}
