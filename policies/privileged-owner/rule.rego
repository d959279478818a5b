# METADATA
# title: Privileged roles have an owner
# description: >-
#   A privileged role is bound with somebody who answers for it: who reviews it, and who is
#   asked.
# custom:
#   id: privileged-owner
#   severity: deny
#   scope: plan
#   kinds: [binding]
#   remedy: >-
#     write `owner` on the binding: who answers for it
#   practice: every privileged grant has an accountable owner
#   canary: |
#     {"bindings": {"binding/group/ops/admin/prod": {"privileged": true}},
#      "changes": [{"address": "binding/group/ops/admin/prod", "kind": "binding",
#       "action": "create"}]}
package guardrails.privileged_owner

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
	trim_space(lib.text(binding, "owner")) == ""
	not by_hand(c)
	msg := sprintf("`%v` gives the privileged role `%v` and has no owner", [
		address,
		lib.text(binding, "role"),
	])
	v := lib.finding("privileged-owner", c, msg)
}
