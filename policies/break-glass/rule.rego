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
#   waivable: false
#   remedy: >-
#     take it out of the YAML; a break-glass account is kept by hand, under the eyes of two people
#   practice: keep emergency accounts outside automated provisioning
#   canary: |
#     {"changes": [{"address": "user/bg@x.org", "kind": "user", "action": "update",
#       "touchesProtected": true}]}
package guardrails.break_glass

import data.guardrails.lib

deny contains v if {
	some c in lib.protected_changes

	# Seeing one changes nothing.
	action := lib.text(c, "action")
	action != "observe"
	msg := sprintf("`%v` is about an account or group that is protected", [lib.text(c, "address")])
	v := lib.finding("break-glass", c, msg)
}
