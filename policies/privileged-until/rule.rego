# METADATA
# title: Privileged roles end
# description: >-
#   A privileged role, and a membership that brings one, is for an approved time and then over.
# custom:
#   id: privileged-until
#   severity: deny
#   scope: plan
#   kinds: [binding]
#   parameters: {maxDays: 365}
#   remedy: >-
#     write `until` on the binding or on the membership, at most `maxDays` after `from` or after
#     today, and renew it when it has been reviewed
#   practice: privileged access is given for approved time windows
#   canary: |
#     {"bindings": {"binding/group/ops/admin/prod": {"privileged": true}},
#      "changes": [{"address": "binding/group/ops/admin/prod", "kind": "binding",
#       "action": "create"}]}
package guardrails.privileged_until

import data.guardrails.lib

max_days := n if {
	n := lib.number(lib.settings("privileged-until"), "maxDays")
	n > 0
} else := 365

emergency contains principal if {
	some name, _ in lib.object_of(input, "breakGlass")
	principal := sprintf("user/%v", [name])
}

# A break-glass account holds its role for good, by hand: to see that is no finding.
by_hand(c) if {
	c.action == "observe"
	lib.text(lib.object_of(c, "after"), "principal") in emergency
}

# What is wrong with the end of a binding or of a path to a role; undefined where nothing is.
wrong(thing) := sprintf("has no `until`; the most is %v", [lib.counted(max_days, "day")]) if {
	lib.number(thing, "untilNs") <= 0
}

wrong(thing) := what if {
	# One that is yet to begin is as long as it will hold.
	length := lib.number(thing, "untilNs") - max([lib.number(thing, "fromNs"), lib.now])
	length > max_days * lib.day
	what := sprintf("ends on `%v`, after %v; the most is %v", [
		lib.date(thing, "until"),
		lib.counted(lib.begun_days(length), "day"),
		max_days,
	])
}

judged contains address if {
	some c in lib.granted
	address := lib.text(c, "address")
}

deny contains v if {
	some c in lib.granted_privilege
	address := lib.text(c, "address")
	binding := lib.object_of(lib.bindings, address)
	not by_hand(c)
	what := wrong(binding)
	msg := sprintf("`%v` gives the privileged role `%v` and %v", [
		address,
		lib.text(binding, "role"),
		what,
	])
	v := lib.finding("privileged-until", c, msg)
}

# A binding that is part of the plan has its own finding.
brought_by[membership] contains text if {
	some x in lib.privileged_gains
	binding := lib.text(x, "binding")
	not binding in judged
	membership := lib.text(x, "membership")
	what := wrong(x)
	role := lib.text(x, "role")
	text := sprintf("brings the privileged role `%v` by `%v` and %v", [role, binding, what])
}

brought := brought_by

deny contains v if {
	some c in (lib.membership_changes | lib.kindless) - lib.deleted
	address := lib.text(c, "address")
	msg := sprintf("`%v` %v", [address, concat(", ", brought[address])])
	v := lib.finding("privileged-until", c, msg)
}
