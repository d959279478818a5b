# METADATA
# title: Users are in domains that are claimed
# description: >-
#   Whoever controls a domain can be every user in it. Nobody is created in a domain, or renamed
#   into one, that is neither declared nor claimed; domains that have users already, and claims
#   that nobody proved, are shown.
# custom:
#   id: user-domain-claimed
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   remedy: >-
#     declare the domain under `domains` with an `owner`, publish its TXT record and wait until it
#     is verified; then create its users
#   practice: claim and verify every domain used for identities
#   canary: |
#     {
#       "holds": ["user", "domain"],
#       "changes": [{"address": "user/a@x.org", "kind": "user", "action": "create"}],
#       "users": {"a@x.org": {"domain": "x.org"}},
#       "domains": {"x.org": {"address": "domain/x.org", "users": 1}}
#     }
package guardrails.user_domain_claimed

import data.guardrails.lib

# A target that says that it cannot hold claims has no domains to judge.
without_claims if {
	holds := object.get(input, "holds", null)
	is_array(holds)
	not "domain" in holds
}

# The users this plan brings into a domain, by the domain.
coming[domain] contains address if {
	some name, domain in lib.domain_of_coming
	domain != ""
	address := sprintf("user/%v", [name])
}

growing contains domain if some domain, _ in coming

# Domains of tenants and of other programs are for those to claim.
elsewhere(d) if lib.text(d, "tenant") != ""

elsewhere(d) if lib.text(d, "managedBy") != ""

# What is claimed is not known offline.
unclaimed := "not declared" if {
	input.point == "check"
} else := "neither declared nor claimed"

said(name, d, users, msg) := lib.claimed(
	{
		"id": "user-domain-claimed",
		"msg": msg,
		"addresses": array.concat([sprintf("domain/%v", [name])], users),
		"_loc": lib.place(d),
	},
	name,
)

deny contains v if {
	not without_claims
	some name, users in coming
	d := lib.object_of(lib.domains, name)
	not elsewhere(d)
	not lib.is_set(d, "present")
	v := said(name, d, array.slice(sort(users), 0, 10), sprintf(
		"`%v` is neither declared nor claimed, and this plan brings %v into it",
		[name, lib.counted(count(users), "user")],
	))
}

warn contains v if {
	not without_claims
	some name, d in lib.domains
	not name in growing
	not elsewhere(d)
	not lib.is_set(d, "present")
	users := lib.number(d, "users")
	users > 0
	examples := [a | some a in lib.items(d, "examples"); is_string(a)]
	v := said(name, d, examples, sprintf(
		"`%v` is %v, and has %v of the organization",
		[name, unclaimed, lib.counted(users, "user")],
	))
}

warn contains v if {
	not without_claims
	lib.text(input, "point") != "check"
	some name, d in lib.domains
	not elsewhere(d)
	lib.is_set(d, "present")
	not lib.is_set(d, "verified")
	users := lib.number(d, "users")
	users > 0
	v := said(name, d, [], sprintf(
		"the claim of `%v` is not verified, and the domain has %v of the organization",
		[name, lib.counted(users, "user")],
	))
}
