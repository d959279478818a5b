# METADATA
# title: A domain is claimed before its users come
# description: >-
#   A claim takes until DNS shows its record. Users who are created by the plan that makes the claim
#   are there while nobody has proved that the domain is the organization's.
# custom:
#   id: domain-before-users
#   severity: warn
#   scope: plan
#   kinds: [protected]
#   remedy: >-
#     apply the claim by itself, publish its TXT record, wait until the domain is verified, and
#     declare its users after that
#   practice: claim domains before their users are onboarded
#   canary: |
#     {
#       "changes": [{"address": "domain/x.org", "kind": "domain", "action": "create"}],
#       "domains": {"x.org": {"address": "domain/x.org", "users": 1}}
#     }
package guardrails.domain_before_users

import data.guardrails.lib

warn contains v if {
	some c in lib.domain_changes
	c.action == "create"
	name := trim_prefix(lib.text(c, "address"), "domain/")
	d := lib.object_of(lib.domains, name)
	not lib.is_set(d, "live")
	lib.number(d, "usersBefore") == 0
	users := lib.number(d, "users")
	users > 0
	v := lib.finding("domain-before-users", c, sprintf(
		"`%v` is claimed by the plan that brings its first users (%v)",
		[name, users],
	))
}
