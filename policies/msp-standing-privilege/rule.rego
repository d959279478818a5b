# METADATA
# title: The provider's power in a tenant ends by itself
# description: >-
#   A privileged role in the workspace of a managed tenant is the provider's hand in somebody else's
#   house. It is given for one piece of work, and ends without anybody having to remember. Who gains
#   it by joining a group holds it no longer than that either.
# custom:
#   id: msp-standing-privilege
#   severity: deny
#   scope: plan
#   kinds: [binding]
#   parameters: {days: 30}
#   remedy: >-
#     write `until`, no more than `days` days after `from` or after today, and ask again when the
#     work takes longer
#   practice: no standing privilege of the provider in managed tenants
#   canary: |
#     {
#       "changes": [
#         {"address": "binding/group/g/owner/north", "kind": "binding", "action": "create"}
#       ],
#       "bindings": {
#         "binding/group/g/owner/north": {
#           "address": "binding/group/g/owner/north", "workspace": "north",
#           "present": true, "privileged": true
#         }
#       },
#       "workspaces": {"north": {"via": "provider"}}
#     }
package guardrails.msp_standing_privilege

import data.guardrails.lib

id := "msp-standing-privilege"

days := n if {
	n := lib.number(lib.settings(id), "days")
	n > 0
} else := 30

# Bindings that are given, declared or there; the others only stand, and the plan may leave them.
given contains address if {
	some c in lib.granted
	address := lib.text(c, "address")
}

# From when a binding holds: as written, else from now on.
start(b) := from if {
	from := lib.number(b, "fromNs")
	from > 0
} else := lib.now

length(b) := lib.number(b, "untilNs") - start(b)

# What is wrong with the end of a binding; undefined where nothing is.
wrong(b) := "has no end" if {
	lib.number(b, "untilNs") == 0
} else := text if {
	length(b) > days * lib.day
	text := sprintf("ends on %v, after %v; the most is %v", [
		lib.date(b, "until"),
		lib.counted(lib.begun_days(length(b)), "day"),
		days,
	])
}

of_a_tenant(thing) if lib.text(thing, "workspace") in lib.tenant_workspaces

standing contains s if {
	some address in lib.privileged_bindings
	b := lib.bindings[address]
	lib.is_not_denied(b, "present")
	of_a_tenant(b)
	end := wrong(b)
	s := {"address": address, "finding": {
		"id": id,
		"msg": sprintf("the privileged `%v` in the tenant `%v` %v", [
			address,
			lib.text(b, "workspace"),
			end,
		]),
		"addresses": [address],
		"_loc": lib.place(b),
	}}
}

deny contains v if {
	some s in standing
	s.address in given
	v := s.finding
}

# By what somebody gains a role: the membership, or the user's own binding.
way(x) := membership if {
	membership := lib.text(x, "membership")
	membership != ""
} else := lib.text(x, "address")

# A binding that is part of the plan has its own finding.
deny contains v if {
	some x in lib.privileged_gains
	not lib.text(x, "binding") in given
	of_a_tenant(x)
	end := wrong(x)
	v := lib.finding(id, {"address": way(x), "source": lib.place(x)}, sprintf(
		"`%v` brings the privileged role `%v` in the tenant `%v` by `%v`, which %v",
		[way(x), lib.text(x, "role"), lib.text(x, "workspace"), lib.text(x, "binding"), end],
	))
}

warn contains v if {
	some s in standing
	not s.address in given
	v := s.finding
}
