# METADATA
# title: Who holds a role signs in
# description: >-
#   A role that nobody has used for `days` days is not needed, and an account nobody signs in to is
#   one whose theft nobody notices.
# custom:
#   id: dormant-user
#   severity: warn
#   scope: plan
#   kinds: [protected]
#   parameters: {days: 90}
#   remedy: >-
#     ask whether the person still needs the roles; if not, take out the memberships and bindings
#     that give them
#   practice: find accounts that are not used, and take their access away
#   canary: |
#     {"users": {"a@x.org": {"present": true, "active": true, "lastLogin": "1970-01-01T00:00:00Z",
#       "lastLoginNs": 1, "roles": [{"binding": "binding/group/ops/viewer/-"}]}}}
package guardrails.dormant_user

import data.guardrails.lib

days := n if {
	n := lib.number(lib.settings("dormant-user"), "days")
	n > 0
} else := 90

latest := lib.now - (days * lib.day)

seen := {name | some name, user in lib.users; user.lastLoginNs > 0; is_number(user.lastLoginNs)}

# Not every target tells when people sign in. Where it tells that of nobody, that nothing is known
# of one person means nothing.
told if count(seen) > 0

seen_long_ago := {n | some n, u in lib.users; u.lastLoginNs > 0; u.lastLoginNs < latest}

made_long_ago := {n | some n, u in lib.users; u.createdNs > 0; u.createdNs < latest}

# What is known of somebody who has been quiet for too long.
quiet(user) := sprintf("signed in last on %v, %v ago", [
	lib.date(user, "lastLogin"),
	lib.counted(floor((lib.now - seen) / lib.day), "day"),
]) if {
	seen := lib.number(user, "lastLoginNs")
	seen > 0
}

quiet(user) := sprintf("has not signed in since the account was made on %v, %v ago", [
	lib.date(user, "created"),
	lib.counted(floor((lib.now - made) / lib.day), "day"),
]) if {
	told
	lib.number(user, "lastLoginNs") == 0
	made := lib.number(user, "createdNs")
}

warn contains v if {
	some name in (seen_long_ago | (made_long_ago - seen)) & lib.users_with_roles
	user := lib.users[name]
	lib.is_not_denied(user, "active")
	not lib.is_set(user, "breakGlass")
	why := quiet(user)
	v := lib.finding("dormant-user", user, sprintf(
		"`user/%v` %v, and holds roles (%v)",
		[name, why, count(user.roles)],
	))
}
