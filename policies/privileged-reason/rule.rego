# METADATA
# title: Privileged roles say why
# description: >-
#   A privileged role is bound with the reason for it: a review can only confirm what was
#   written down.
# custom:
#   id: privileged-reason
#   severity: deny
#   scope: plan
#   kinds: [binding]
#   remedy: >-
#     write `reason` on the binding: a ticket, or the work it is needed for
#   practice: privileged access is justified in writing
#   canary: |
#     {"bindings": {"binding/group/ops/admin/prod": {"privileged": true}},
#      "changes": [{"address": "binding/group/ops/admin/prod", "kind": "binding",
#       "action": "create"}]}
package guardrails.privileged_reason

import data.guardrails.lib

emergency contains principal if {
	some name, _ in lib.object_of(input, "breakGlass")
	principal := sprintf("user/%v", [name])
}

# A break-glass account holds its role by hand, and no file can say more of it.
by_hand(c) if {
	c.action == "observe"
	lib.text(lib.object_of(c, "after"), "principal") in emergency
}

deny contains v if {
	some c in lib.granted_privilege
	address := lib.text(c, "address")
	binding := lib.object_of(lib.bindings, address)
	trim_space(lib.text(binding, "reason")) == ""
	not by_hand(c)
	msg := sprintf("`%v` gives the privileged role `%v` and gives no reason", [
		address,
		lib.text(binding, "role"),
	])
	v := lib.finding("privileged-reason", c, msg)
}
