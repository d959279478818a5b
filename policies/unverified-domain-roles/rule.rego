# METADATA
# title: Roles are for users of verified domains
# description: >-
#   As long as a claim is not verified, nobody has proved whose the domain is, nor who its users
#   are. They are given no roles until then.
# custom:
#   id: unverified-domain-roles
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   remedy: >-
#     declare the domain, publish its TXT record and wait until it is verified; until then leave
#     its users out of groups that hold roles
#   practice: claim and verify every domain before access is given in it
#   canary: |
#     {
#       "holds": ["user", "domain"],
#       "users": {"a@x.org": {"domain": "x.org"}},
#       "domains": {"x.org": {"address": "domain/x.org"}},
#       "access": {"gained": [
#         {"user": "a@x.org", "address": "user/a@x.org", "binding": "binding/group/g/viewer/-"}
#       ]}
#     }
package guardrails.unverified_domain_roles

import data.guardrails.lib

# A target that says that it cannot hold claims has no domains to judge.
without_claims if {
	holds := object.get(input, "holds", null)
	is_array(holds)
	not "domain" in holds
}

verified := {name | some name, d in lib.domains; d.verified == true}

# Whom the index gives a verified domain; of all others the name is looked at too.
proven := {name | some name, user in lib.users; user.domain in named}

named := verified - {""}

# Who gains a role without a verified domain, by binding and domain.
unproven[key] contains address if {
	some x in lib.gains - {g | some g in lib.gained; g.user in proven}
	name := lib.domain_of(lib.text(x, "user"))
	not name in verified
	address := lib.text(x, "address")
	key := [lib.text(x, "binding"), name]
}

whom("", n) := sprintf("%v whose name has no domain, so that no claim can vouch for it", [
	lib.counted(n, "user"),
])

whom(domain, n) := sprintf("%v of `%v`, a domain that is not verified", [
	lib.counted(n, "user"),
	domain,
]) if {
	domain != ""
}

deny contains v if {
	not without_claims
	some [binding, name], people in unproven
	found := {
		"id": "unverified-domain-roles",
		"msg": sprintf("`%v` gives a role to %v", [binding, whom(name, count(people))]),
		"addresses": array.concat([binding], array.slice(sort(people), 0, 10)),
		"_loc": lib.place(lib.object_of(lib.bindings, binding)),
	}
	v := lib.claimed(found, name)
}
