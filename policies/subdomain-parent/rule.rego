# METADATA
# title: A subdomain is claimed by whoever holds the domain above it
# description: >-
#   The record that proves a subdomain is written by whoever holds the domain above it, and can be
#   written for somebody else. Claims of subdomains without the domain above them are shown.
# custom:
#   id: subdomain-parent
#   severity: warn
#   scope: plan
#   kinds: [protected]
#   parameters:
#     suffixes:
#       - co.uk
#       - org.uk
#       - ac.uk
#       - gov.uk
#       - com.au
#       - net.au
#       - org.au
#       - co.nz
#       - co.jp
#       - co.kr
#       - com.br
#       - com.cn
#       - com.mx
#       - com.sg
#       - com.tr
#       - co.in
#       - co.za
#       - com.hk
#       - com.tw
#   remedy: >-
#     claim the domain above it too; where the name right below a public suffix is meant, such as
#     `acme.co.uk`, add the suffix to `suffixes`
#   practice: control the parent domain of every claimed subdomain
#   canary: |
#     {
#       "domains": {
#         "eu.x.org": {"address": "domain/eu.x.org", "declared": true, "present": true}
#       }
#     }
package guardrails.subdomain_parent

import data.guardrails.lib

# Public suffixes of two labels; as in the METADATA.
usual := {
	"co.uk", "org.uk", "ac.uk", "gov.uk", "com.au", "net.au", "org.au", "co.nz", "co.jp", "co.kr",
	"com.br", "com.cn", "com.mx", "com.sg", "com.tr", "co.in", "co.za", "com.hk", "com.tw",
}

written := lib.items(lib.settings("subdomain-parent"), "suffixes")

suffixes := {s | some s in written} if {
	count(written) > 0
} else := usual

warn contains v if {
	some name, d in lib.domains
	lib.is_not_denied(d, "declared")
	lib.is_not_denied(d, "present")
	lib.text(d, "parent") == ""
	labels := split(name, ".")
	count(labels) > 2
	above := concat(".", array.slice(labels, 1, count(labels)))
	not above in suffixes
	found := lib.finding("subdomain-parent", d, sprintf(
		"`%v` is declared, and no claim is known of a domain above it, such as `%v`",
		[name, above],
	))
	v := lib.claimed(found, above)
}
