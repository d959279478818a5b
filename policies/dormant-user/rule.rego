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
#     ask whether the person still needs the roles; if not, take the memberships out, or write
#     `active: false`
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

# Not every target tells when people sign in. Where it tells that of nobody, that nothing is known
# of one person means nothing.
told if {
	some user in lib.users
	lib.number(user, "lastLoginNs") > 0
}

# What is known of somebody who has been quiet for too long.
quiet(user) := sprintf("signed in last on %v, %v ago", [
	lib.date(user, "lastLogin"),
	lib.counted(floor((lib.now - seen) / lib.day), "day"),
]) if {
	seen := lib.number(user, "lastLoginNs")
	seen > 0
	seen < latest
}

quiet(user) := sprintf("has not signed in since the account was made on %v, %v ago", [
	lib.date(user, "created"),
	lib.counted(floor((lib.now - made) / lib.day), "day"),
]) if {
	told
	lib.number(user, "lastLoginNs") == 0
	made := lib.number(user, "createdNs")
	made > 0
	made < latest
}

warn contains v if {
	some name, user in lib.users
	lib.is_not_denied(user, "active")
	not lib.is_set(user, "breakGlass")
	roles := count(lib.items(user, "roles"))
	roles > 0
	why := quiet(user)
	v := lib.finding("dormant-user", user, sprintf(
		"`user/%v` %v, and holds roles (%v)",
		[name, why, roles],
	))
}
