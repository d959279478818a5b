# METADATA
# title: A role of one user is short and has a reason
# description: >-
#   Where a role has to be bound to one user after all, in an emergency or for a task, it ends
#   within days and says why.
# custom:
#   id: temporary-user-roles
#   severity: deny
#   scope: change
#   kinds: [binding]
#   parameters: {days: 7}
#   remedy: >-
#     write `until`, at most `days` after `from` or after today, and `reason` (a ticket, an
#     incident) on the binding; or bind the role to a group
#   practice: direct user assignments are for temporary or emergency scenarios
#   canary: |
#     {"changes": [{"address": "binding/user/a@x.org/viewer/-", "kind": "binding",
#       "action": "create", "after": {"principal": "user/a@x.org", "role": "viewer"}}]}
package guardrails.temporary_user_roles

import data.guardrails.lib

days := n if {
	n := lib.number(lib.settings("temporary-user-roles"), "days")
	n > 0
} else := 7

emergency contains principal if {
	some name, _ in lib.object_of(input, "breakGlass")
	principal := sprintf("user/%v", [name])
}

# A break-glass account holds its role for good, by hand: to see that is no finding.
by_hand(c) if {
	c.action == "observe"
	lib.text(lib.object_of(c, "after"), "principal") in emergency
}

direct contains c if {
	some c in lib.granted_directly
	not by_hand(c)
}

said(c, what) := lib.finding("temporary-user-roles", c, sprintf(
	"`%v` binds a role to a user and %v",
	[lib.text(c, "address"), what],
))

deny contains v if {
	some c in direct
	lib.number(lib.object_of(c, "grant"), "untilNs") <= 0
	v := said(c, sprintf("has no `until`; the most is %v", [lib.counted(days, "day")]))
}

deny contains v if {
	some c in direct
	grant := lib.object_of(c, "grant")

	# One that is yet to begin is as long as it will hold.
	length := lib.number(grant, "untilNs") - max([lib.number(grant, "fromNs"), lib.now])
	length > days * lib.day
	v := said(c, sprintf("ends on `%v`, after %v; the most is %v", [
		lib.date(grant, "until"),
		lib.counted(lib.begun_days(length), "day"),
		days,
	]))
}

deny contains v if {
	some c in direct - lib.granted_with_reason
	v := said(c, "gives no reason")
}
