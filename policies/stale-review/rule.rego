# METADATA
# title: Privileged roles are reviewed
# description: >-
#   Somebody looks at each privileged binding every `days` days, says that it is still needed, and
#   writes when. Of a binding that is not declared only an audit of what is live speaks: there is no
#   line to write it on.
# custom:
#   id: stale-review
#   severity: warn
#   scope: plan
#   kinds: [protected]
#   parameters: {days: 180}
#   remedy: >-
#     have the owner look at the binding: write `reviewed` (the date) and `reviewedBy`, or take the
#     binding out
#   practice: certify privileged access periodically
#   canary: |
#     {"point": "live", "bindings": {"binding/group/ops/admin/-": {"role": "admin",
#       "principal": "group/ops", "privileged": true, "live": true, "present": true}}}
package guardrails.stale_review

import data.guardrails.lib

days := n if {
	n := lib.number(lib.settings("stale-review"), "days")
	n > 0
} else := 180

at_check if input.point == "check"

# A binding that is made now is looked at now. What is there already, files cannot tell.
judged(binding) if {
	binding.live == true
	ours(binding)
}

judged(binding) if {
	at_check
	lib.number(binding, "reviewedNs") > 0
}

ours(_) if input.point == "live"

ours(binding) if lib.is_not_denied(binding, "declared")

lapse(binding) := "has never been reviewed" if lib.number(binding, "reviewedNs") <= 0

lapse(binding) := sprintf("was reviewed last on %v, %v ago", [
	lib.date(binding, "reviewed"),
	lib.counted(floor((lib.now - at) / lib.day), "day"),
]) if {
	at := lib.number(binding, "reviewedNs")
	at > 0
	at < lib.now - (days * lib.day)
}

# A day for those who write the date of a place further east.
lapse(binding) := sprintf("has a review that is yet to come, on %v", [
	lib.date(binding, "reviewed"),
]) if {
	lib.number(binding, "reviewedNs") > lib.now + lib.day
}

# A break-glass account is looked after by hand: `break-glass-tested` is about it.
emergency contains principal if {
	some account in lib.object_of(input, "breakGlass")
	principal := lib.text(account, "address")
}

warn contains v if {
	some address, binding in lib.bindings
	binding.privileged == true
	principal := lib.text(binding, "principal")
	not principal in emergency
	lib.is_not_denied(binding, "present")
	judged(binding)
	what := lapse(binding)
	v := lib.finding("stale-review", binding, sprintf(
		"the privileged role `%v` of `%v` %v (`%v`)",
		[lib.text(binding, "role"), principal, what, address],
	))
}
