# METADATA
# title: Every grant says who, why and until when
# description: >-
#   A role that is given for a time says why; one that is given for good says at least who answers
#   for it, or why.
# custom:
#   id: grant-reason
#   severity: warn
#   scope: change
#   kinds: [binding]
#   remedy: >-
#     write `reason` (what the role is needed for) at the binding, and `owner` (who answers for it)
#   practice: document access decisions with their business justification
#   canary: |
#     {"point": "check", "changes": [{"address": "binding/group/ops/viewer/-", "kind": "binding",
#       "action": "declare", "after": {"principal": "group/ops", "role": "viewer"}}]}
package guardrails.grant_reason

import data.guardrails.lib

written(c, key) := trim_space(lib.text(lib.object_of(c, "grant"), key))

# The owner of a binding is written among its fields, or with its granting.
owned(c) if written(c, "owner") != ""

owned(c) if trim_space(lib.text(lib.object_of(c, "after"), "owner")) != ""

# What its record lacks.
lack(c) := sprintf("is given until %v without a `reason`", [until]) if {
	written(c, "until") != ""
	until := lib.date(lib.object_of(c, "grant"), "until")
}

else := "is given with neither `owner` nor `reason`" if not owned(c)

warn contains v if {
	some c in lib.granted
	written(c, "reason") == ""
	after := lib.object_of(c, "after")
	v := lib.finding("grant-reason", c, sprintf(
		"the role `%v` of `%v` %v",
		[lib.text(after, "role"), lib.text(after, "principal"), lack(c)],
	))
}
