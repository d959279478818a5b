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

# The owner of a binding is written among its fields, or with its granting.
owned contains c if {
	some c in lib.granted
	is_string(c.grant.owner)
	trim_space(c.grant.owner) != ""
}

owned contains c if {
	some c in lib.granted
	is_string(c.after.owner)
	trim_space(c.after.owner) != ""
}

timed contains c if {
	some c in lib.granted
	is_string(c.grant.until)
	trim_space(c.grant.until) != ""
}

said(c, lack) := lib.finding("grant-reason", c, sprintf(
	"the role `%v` of `%v` %v",
	[lib.text(after, "role"), lib.text(after, "principal"), lack],
)) if {
	after := lib.object_of(c, "after")
}

warn contains v if {
	some c in timed - lib.granted_with_reason
	v := said(c, sprintf("is given until %v without a `reason`", [lib.date(c.grant, "until")]))
}

warn contains v if {
	some c in ((lib.granted - lib.granted_with_reason) - timed) - owned
	v := said(c, "is given with neither `owner` nor `reason`")
}
