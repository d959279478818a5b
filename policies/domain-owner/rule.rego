# METADATA
# title: Every claim has an owner
# description: >-
#   A claim that nobody answers for is not renewed, not watched, and not given up when it should be.
# custom:
#   id: domain-owner
#   severity: warn
#   scope: plan
#   kinds: [protected]
#   remedy: write `owner`, a person or a team, beside the domain
#   practice: record an owner with every claimed domain
#   canary: |
#     {"domains": {"x.org": {"address": "domain/x.org", "declared": true}}}
package guardrails.domain_owner

import data.guardrails.lib

warn contains v if {
	some name, d in lib.domains
	lib.is_not_denied(d, "declared")
	trim_space(lib.text(d, "owner")) == ""
	v := lib.finding("domain-owner", d, sprintf("nobody is named who answers for `%v`", [name]))
}
