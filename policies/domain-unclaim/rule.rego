# METADATA
# title: No claim is given up while it has users
# description: >-
#   Users of a domain that is no longer claimed cannot sign in by its connection, and whoever claims
#   the domain next takes them over. The users go first, then the claim. There is no waiver.
# custom:
#   id: domain-unclaim
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   waivable: false
#   remedy: >-
#     keep the domain in the YAML; move or remove its users, apply that, and give up the claim after
#   practice: remove users before the claim of their domain
#   canary: |
#     {
#       "changes": [{"address": "domain/x.org", "kind": "domain", "action": "delete"}],
#       "domains": {"x.org": {"address": "domain/x.org", "users": 1}}
#     }
package guardrails.domain_unclaim

import data.guardrails.lib

left(n) := sprintf("it has %v of the organization", [lib.counted(n, "user")]) if {
	is_number(n)
} else := "how many users it has is not known"

deny contains v if {
	some c in lib.domain_changes
	c.action == "delete"
	name := trim_prefix(lib.text(c, "address"), "domain/")
	users := object.get(lib.object_of(lib.domains, name), "users", null)
	users != 0
	v := lib.finding("domain-unclaim", c, sprintf(
		"the claim of `%v` is given up, and %v",
		[name, left(users)],
	))
}
