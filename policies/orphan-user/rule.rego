# METADATA
# title: Everybody is there for something
# description: >-
#   An account that can be used, is in no group and holds no role serves nobody, and nobody would
#   notice who else uses it.
# custom:
#   id: orphan-user
#   severity: warn
#   scope: plan
#   kinds: [protected]
#   remedy: >-
#     make the person a member of the groups of their work, or take the user out of the files
#   practice: identify and remediate orphaned accounts
#   canary: |
#     {"point": "live", "users": {"a@x.org": {"live": true, "present": true, "active": true}}}
package guardrails.orphan_user

import data.guardrails.lib

at_plan if input.point == "plan"

# Files at rest do not show all users, and their groups neither.
shown if input.point in {"plan", "end", "live"}

# Whom this plan takes out of a group.
taken_out contains name if {
	some c in lib.membership_changes & lib.deleted
	name := trim_prefix(lib.text(lib.object_of(c, "before"), "user"), "user/")
}

# Who is an orphan by this plan and not since long; everybody, where there is no plan.
judged(_, _) if not at_plan

judged(_, user) if not lib.is_set(user, "live")

judged(name, _) if name in taken_out

warn contains v if {
	shown
	some name in (object.keys(lib.users) - lib.users_in_groups) - lib.users_with_roles
	user := lib.users[name]
	user.present == true
	lib.is_not_denied(user, "active")
	not lib.is_set(user, "breakGlass")
	not lib.is_set(user, "protected")
	judged(name, user)
	v := lib.finding("orphan-user", user, sprintf(
		"`user/%v` is active, is in no group and holds no role",
		[name],
	))
}
