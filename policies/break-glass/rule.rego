# METADATA
# title: Break-glass accounts are left alone
# description: >-
#   An account kept for the day on which nothing else works is kept outside of everything that
#   changes by itself: no change touches it, its memberships or its roles. There is no waiver.
# custom:
#   id: break-glass
#   severity: deny
#   scope: change
#   kinds: [protected]
#   remedy: >-
#     take it out of the YAML; a break-glass account is kept by hand, under the eyes of two people
#   practice: keep emergency accounts outside automated provisioning
package guardrails.break_glass

deny contains v if {
	some c in input.changes
	object.get(c, "touchesProtected", true) != false
	v := {
		"id": "break-glass",
		"msg": sprintf("`%v` is about an account or group that is protected", [c.address]),
		"addresses": [c.address],
		"_loc": object.get(c, "source", null),
	}
}
