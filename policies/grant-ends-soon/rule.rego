# METADATA
# title: A privileged role that ends soon is told of
# description: >-
#   A privileged role that ends within `days` days is renewed after a look at it, or let go; nobody
#   is surprised on the day it ends.
# custom:
#   id: grant-ends-soon
#   severity: warn
#   scope: plan
#   kinds: [protected]
#   parameters: {days: 14}
#   remedy: >-
#     where the role is still needed, have its owner review it and write a later `until`; otherwise
#     leave it, and it ends
#   practice: grant privileged access for approved windows of time, and remove it when they end
#   canary: |
#     {"point": "live", "bindings": {"binding/group/ops/admin/-": {"role": "admin",
#       "principal": "group/ops", "privileged": true, "live": true, "present": true,
#       "until": "2026-11-22T12:00:00Z", "untilNs": 1795348800000000000}}}
package guardrails.grant_ends_soon

import data.guardrails.lib

days := n if {
	n := lib.number(lib.settings("grant-ends-soon"), "days")
	n > 0
} else := 14

# What a plan makes for a short time is meant to be short.
made(binding) if {
	input.point == "plan"
	not lib.is_set(binding, "live")
}

left(0) := "in less than a day"

left(1) := "in a day"

left(n) := sprintf("in %v days", [n]) if n > 1

warn contains v if {
	some address, binding in lib.bindings
	binding.privileged == true
	lib.is_not_denied(binding, "present")
	not made(binding)
	until := lib.number(binding, "untilNs")
	until > lib.now
	until <= lib.now + (days * lib.day)
	v := lib.finding("grant-ends-soon", binding, sprintf(
		"the privileged role `%v` of `%v` ends %v, on %v (`%v`)",
		[
			lib.text(binding, "role"),
			lib.text(binding, "principal"),
			left(floor((until - lib.now) / lib.day)),
			lib.date(binding, "until"),
			address,
		],
	))
}
