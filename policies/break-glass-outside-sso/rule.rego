# METADATA
# title: Break-glass accounts sign in without the identity provider
# description: >-
#   A break-glass account is for the day on which the identity provider is down: its domain is not
#   one whose users sign in by an SSO connection.
# custom:
#   id: break-glass-outside-sso
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   waivable: false
#   remedy: >-
#     keep the account in a domain that no claim sends to an SSO connection, or take `sso` out of
#     the claim of its domain
#   practice: break-glass accounts authenticate directly, past SSO and SCIM
#   canary: |
#     {"point": "live", "breakGlass": {"bg@x.org": {"address": "user/bg@x.org",
#       "domain": "x.org", "sso": "corp"}}}
package guardrails.break_glass_outside_sso

import data.guardrails.lib

behind_sso contains account if {
	some account in lib.object_of(input, "breakGlass")
	lib.text(account, "sso") != ""
}

# What stood before a plan, and is not touched by it, must not keep the plan from its work.
stands(account) if {
	lib.text(input, "point") == "plan"
	domain := lib.object_of(lib.domains, lib.text(account, "domain"))
	lib.text(domain, "ssoBefore") == lib.text(domain, "sso")
}

said(account) := lib.finding("break-glass-outside-sso", account, sprintf(
	"`%v` is a break-glass account, and its domain `%v` signs in by the SSO connection `%v`",
	[lib.text(account, "address"), lib.text(account, "domain"), lib.text(account, "sso")],
))

deny contains v if {
	some account in behind_sso
	not stands(account)
	v := said(account)
}

warn contains v if {
	some account in behind_sso
	stands(account)
	v := said(account)
}
