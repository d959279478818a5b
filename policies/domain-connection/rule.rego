# METADATA
# title: A domain with users has a connection
# description: >-
#   Users of a claimed domain without an SSO connection sign in with passwords of their own, which
#   nothing takes away when they leave.
# custom:
#   id: domain-connection
#   severity: warn
#   scope: plan
#   kinds: [protected]
#   remedy: write `sso`, the connection that signs the users of the domain in, beside the domain
#   practice: map every domain to an SSO connection
#   canary: |
#     {
#       "domains": {
#         "x.org": {"address": "domain/x.org", "declared": true, "present": true, "users": 1}
#       }
#     }
package guardrails.domain_connection

import data.guardrails.lib

warn contains v if {
	some name, d in lib.domains
	lib.is_not_denied(d, "declared")
	lib.is_not_denied(d, "present")
	trim_space(lib.text(d, "sso")) == ""
	users := lib.number(d, "users")
	users > 0
	found := lib.finding("domain-connection", d, sprintf(
		"`%v` has %v, and no SSO connection signs them in",
		[name, lib.counted(users, "user")],
	))
	v := told(found, name)
}

# Break-glass accounts sign in without a connection.
told(found, name) := object.union(found, {"remedy": sprintf(
	"leave `%v` as it is if all of its users are break-glass accounts; otherwise move these to a domain of their own, apply that, and then write `sso`",
	[name],
)}) if {
	name in lib.break_glass_domains
} else := found
