# METADATA
# title: A group that holds roles has members
# description: >-
#   Roles of a group without members serve nobody, and wait for the first who is put into it.
# custom:
#   id: empty-group-with-roles
#   severity: warn
#   scope: plan
#   kinds: [protected]
#   remedy: >-
#     take the group's bindings out, and the group where nobody needs it; or declare who belongs
#     into it
#   practice: remove entitlements that nobody uses
#   canary: |
#     {"point": "live", "groups": {"ops": {"present": true, "members": 0,
#       "roles": ["binding/group/ops/viewer/-"]}}}
package guardrails.empty_group_with_roles

import data.guardrails.lib

warn contains v if {
	some name in lib.groups_with_roles
	group := lib.groups[name]

	# How many there are may not be known (-1).
	group.members == 0
	v := lib.finding("empty-group-with-roles", group, sprintf(
		"`group/%v` has no members in the end, and holds roles (%v)",
		[name, count(group.roles)],
	))
}
