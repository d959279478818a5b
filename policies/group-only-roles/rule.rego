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
package guardrails.group_only_roles

granted := {"declare", "create", "update"}

deny contains v if {
	some c in input.changes
	c.kind == "binding"
	c.action in granted
	principal := object.get(c, ["after", "principal"], "")
	not startswith(principal, "group/")
	v := {
		"id": "group-only-roles",
		"msg": sprintf("the role `%v` is bound to `%v`, which is no group", [
			object.get(c, ["after", "role"], ""),
			principal,
		]),
		"addresses": [c.address],
		"_loc": object.get(c, "source", null),
	}
}
