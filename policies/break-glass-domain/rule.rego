# METADATA
# title: The domains of break-glass accounts are left alone
# description: >-
#   Who claims a domain, and how its users sign in, decides whether a break-glass account works:
#   no change makes, moves or gives up the claim of the domain of such an account.
# custom:
#   id: break-glass-domain
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   waivable: false
#   remedy: >-
#     take the change of the domain out and make it by hand, with somebody signed in by a
#     break-glass account; or move the account to a domain of its own first
#   practice: keep emergency accounts outside automated provisioning
#   canary: |
#     {"breakGlass": {"bg@x.org": {"domain": "x.org"}},
#      "changes": [{"address": "domain/x.org", "kind": "domain", "action": "delete"}]}
package guardrails.break_glass_domain

import data.guardrails.lib

accounts_by_domain[domain] contains text if {
	some name, account in lib.object_of(input, "breakGlass")
	domain := lib.text(account, "domain")
	domain != ""
	text := sprintf("`%v`", [name])
}

accounts := accounts_by_domain

# Who owns a claim is a note for people.
only_notes(c) if lib.items(c, "fields") == ["owner"]

deny contains v if {
	some c in lib.domain_changes | lib.kindless

	# Declaring or seeing it changes nothing.
	action := lib.text(c, "action")
	not action in {"declare", "observe"}
	not only_notes(c)
	some domain, texts in accounts
	domain in {
		trim_prefix(lib.text(c, "address"), "domain/"),
		lower(lib.text(lib.object_of(c, "before"), "domain")),
		lower(lib.text(lib.object_of(c, "after"), "domain")),
	}
	msg := sprintf("`%v` is the domain of the break-glass accounts %v", [
		lib.text(c, "address"),
		concat(", ", texts),
	])
	v := lib.finding("break-glass-domain", c, msg)
}
