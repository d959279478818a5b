# METADATA
# title: Roles are held by groups
# description: >-
#   A role is bound to a group, never to one user directly: group membership follows the identity
#   lifecycle, and a direct binding outlives it.
# custom:
#   id: group-only-roles
#   severity: deny
#   scope: change
#   kinds: [binding]
#   remedy: >-
#     bind the role to a group and make the user a member of it, with `until` and `reason` where
#     it is temporary
#   practice: assign roles to synchronized groups only
#   canary: |
#     {"changes": [{"address": "binding/user/a@x.org/viewer/-", "kind": "binding",
#       "action": "create", "after": {"principal": "user/a@x.org", "role": "viewer"}}]}
package guardrails.group_only_roles

import data.guardrails.lib

emergency contains principal if {
	some name, _ in lib.object_of(input, "breakGlass")
	principal := sprintf("user/%v", [name])
}

# A break-glass account holds its role directly, by hand: to see that is no finding.
by_hand(c) if {
	c.action == "observe"
	lib.text(lib.object_of(c, "after"), "principal") in emergency
}

deny contains v if {
	some c in lib.granted_directly
	after := lib.object_of(c, "after")
	not by_hand(c)
	msg := sprintf("`%v` binds the role `%v` to `%v`, which is no group", [
		lib.text(c, "address"),
		lib.text(after, "role"),
		lib.text(after, "principal"),
	])
	v := lib.finding("group-only-roles", c, msg)
}
