# METADATA
# title: The owner of a privileged group is not its only member
# description: >-
#   Where the one who says who belongs into a privileged group is the only one in it, nobody else
#   looks.
# custom:
#   id: owner-is-not-alone
#   severity: warn
#   scope: plan
#   kinds: [protected]
#   remedy: >-
#     name an owner who is not in the group, or declare a second member
#   practice: separate those who approve privileged access from those who have it
#   canary: |
#     {"point": "live", "users": {"a@x.org": {"present": true, "active": true,
#       "groups": ["admins"]}}, "groups": {"admins": {"present": true, "privileged": true,
#       "members": 1, "owner": "a@x.org"}}}
package guardrails.owner_is_not_alone

import data.guardrails.lib

person(text) := trim_prefix(lower(trim_space(text)), "user/")

warn contains v if {
	some name, group in lib.groups
	group.members == 1
	group.privileged == true
	lib.is_not_denied(group, "present")
	owner := person(lib.text(group, "owner"))
	name in lib.items(lib.object_of(lib.users, owner), "groups")
	v := lib.finding("owner-is-not-alone", group, sprintf(
		"`group/%v` is privileged, and its owner `%v` is its only member",
		[name, owner],
	))
}
