# METADATA
# title: Claims are verified again and again
# description: >-
#   A claim is as good as the day on which its record was last seen: a record that is gone, or a
#   domain that was sold, is noticed by looking.
# custom:
#   id: domain-verified-lately
#   severity: warn
#   scope: plan
#   kinds: [protected]
#   parameters: {days: 90}
#   remedy: >-
#     see that the TXT record is still published, verify the domain again, and find out why nobody
#     did
#   practice: monitor the records that prove claimed domains
#   canary: |
#     {
#       "domains": {
#         "x.org": {
#           "address": "domain/x.org", "present": true, "verified": true,
#           "lastVerified": "1970-01-01T00:00:00Z", "lastVerifiedNs": 1
#         }
#       }
#     }
package guardrails.domain_verified_lately

import data.guardrails.lib

days := n if {
	n := lib.number(lib.settings("domain-verified-lately"), "days")
	n > 0
} else := 90

# Where it was never told when a claim was last verified, nothing is said: many targets do not tell.
warn contains v if {
	some name, d in lib.domains
	lib.is_not_denied(d, "present")
	lib.is_set(d, "verified")
	seen := lib.number(d, "lastVerifiedNs")
	seen > 0
	age := lib.now - seen
	age > days * lib.day
	v := lib.finding("domain-verified-lately", d, sprintf(
		"the claim of `%v` was last verified on %v, %v ago; the most is %v",
		[name, lib.date(d, "lastVerified"), lib.counted(lib.begun_days(age), "day"), days],
	))
}
