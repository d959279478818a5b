# METADATA
# title: Users are in domains that are claimed
# description: >-
#   Whoever controls a domain can be every user in it. Nobody is created in a domain that is neither
#   declared nor claimed; domains that have users already, and claims that nobody proved, are shown.
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

# The domain of a user: as the index says, else by the name.
domain_of(name) := value if {
	value := lib.text(lib.object_of(lib.users, name), "domain")
	value != ""
} else := value if {
	parts := split(name, "@")
	count(parts) > 1
	value := parts[count(parts) - 1]
} else := ""

# The users this plan creates, by their domain.
creating[name] contains address if {
	some c in lib.changes
	lib.text(c, "kind") == "user"
	lib.text(c, "action") == "create"
	address := lib.text(c, "address")
	name := domain_of(trim_prefix(address, "user/"))
	name != ""
}

growing := object.keys(creating)

# Domains of tenants and of other programs are for those to claim.
elsewhere(d) if lib.text(d, "tenant") != ""

elsewhere(d) if lib.text(d, "managedBy") != ""

# What is claimed is not known offline.
unclaimed := "not declared" if {
	lib.text(input, "point") == "check"
} else := "neither declared nor claimed"

people(n) := "1 user" if {
	n == 1
} else := sprintf("%v users", [n])

said(name, d, users, msg) := {
	"id": "user-domain-claimed",
	"msg": msg,
	"addresses": array.concat([sprintf("domain/%v", [name])], users),
	"_loc": lib.place(d),
}

deny contains v if {
	not without_claims
	some name, created in creating
	d := lib.object_of(lib.domains, name)
	not elsewhere(d)
	not lib.is_set(d, "present")
	v := said(name, d, array.slice(sort(created), 0, 10), sprintf(
		"`%v` is neither declared nor claimed, and this plan creates %v in it",
		[name, people(count(created))],
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
		"`%v` is %v, and %v of the organization have it",
		[name, unclaimed, people(users)],
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
		"the claim of `%v` is not verified, and %v of the organization have it",
		[name, people(users)],
	))
}
