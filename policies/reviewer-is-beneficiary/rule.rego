# METADATA
# title: Nobody reviews their own access
# description: >-
#   Whoever says that a binding is still needed (`reviewedBy`) is not among those who hold it.
# custom:
#   id: reviewer-is-beneficiary
#   severity: deny
#   scope: plan
#   kinds: [binding]
#   remedy: >-
#     have somebody review the binding who does not hold it, and write them as `reviewedBy`
#   practice: separate those who hold access from those who certify it
#   canary: |
#     {"point": "live", "users": {"a@x.org": {"present": true, "active": true,
#       "roles": [{"binding": "binding/group/ops/admin/-", "via": "group/ops"}]}},
#      "bindings": {"binding/group/ops/admin/-": {"principal": "group/ops", "role": "admin",
#       "present": true, "reviewedBy": "a@x.org"}}}
package guardrails.reviewer_is_beneficiary

import data.guardrails.lib

at_plan if input.point == "plan"

person(text) := trim_prefix(lower(trim_space(text)), "user/")

# The bindings that this plan writes, and those that it lets somebody into.
written := {lib.text(c, "address") | some c in lib.granted; not lib.is_set(c, "removes")}

entered := {[lib.text(x, "user"), lib.text(x, "binding")] | some x in lib.gained}

holds(reviewer, _, binding) if lib.text(binding, "principal") == sprintf("user/%v", [reviewer])

holds(reviewer, address, _) if {
	some path in lib.items(lib.object_of(lib.users, reviewer), "roles")
	lib.text(path, "binding") == address
}

# Most bindings have no reviewer.
reviewed := {address | some address, binding in lib.bindings; binding.reviewedBy != ""}

own contains review if {
	some address, binding in object.filter(lib.bindings, reviewed)
	reviewer := person(lib.text(binding, "reviewedBy"))
	reviewer != ""
	lib.is_not_denied(binding, "present")
	holds(reviewer, address, binding)
	review := {"binding": binding, "address": address, "by": reviewer}
}

# What stood before a plan is not the plan's fault.
standing(address, by) if {
	at_plan
	not address in written
	not [by, address] in entered
}

said(review) := lib.finding("reviewer-is-beneficiary", review.binding, sprintf(
	"`%v` was reviewed by `%v`, who holds the role by it",
	[review.address, review.by],
))

deny contains v if {
	some review in own
	not standing(review.address, review.by)
	v := said(review)
}

warn contains v if {
	some review in own
	standing(review.address, review.by)
	v := said(review)
}
