# METADATA
# title: Administrators do not all depend on one sign-in
# description: >-
#   When the sign-in of the domain of every administrator changes, one mistake locks all of them
#   out, and nobody is left to undo it. There is no waiver.
# custom:
#   id: administrators-independent
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   waivable: false
#   remedy: >-
#     make somebody an administrator first whose domain this plan does not touch, best one that
#     signs in without the connection; then change the sign-in of the others
#   practice: keep an administrator whose sign-in depends on no single identity provider
#   canary: |
#     {
#       "administrators": {"roles": [], "groups": [], "before": [], "after": ["a@x.org"]},
#       "changes": [
#         {"address": "domain/x.org", "kind": "domain", "action": "update", "fields": ["sso"]}
#       ],
#       "users": {"a@x.org": {"address": "user/a@x.org", "domain": "x.org"}},
#       "domains": {"x.org": {"address": "domain/x.org", "sso": "okta"}}
#     }
package guardrails.administrators_independent

import data.guardrails.lib

administrators contains name if {
	some name in lib.items(lib.object_of(input, "administrators"), "after")
	is_string(name)
}

# Their domains; "" for one whose name has none, whom no domain signs in.
relied contains domain if {
	some name in administrators
	domain := lib.domain_of(name)
}

# Whether a change decides anew how the users of a domain sign in. A claim without a connection
# does not.
moves_sign_in(c) if c.action == "delete"

moves_sign_in(c) if {
	c.action == "create"
	lib.text(lib.object_of(c, "after"), "sso") != ""
}

moves_sign_in(c) if {
	c.action == "update"
	"sso" in lib.items(c, "fields")
}

moved contains domain if {
	some c in lib.domain_changes
	moves_sign_in(c)
	domain := trim_prefix(lib.text(c, "address"), "domain/")
}

connections contains sso if {
	some domain in relied
	sso := lib.text(lib.object_of(lib.domains, domain), "sso")
}

addresses := [sprintf("domain/%v", [domain]) | some domain in relied]

all_moved if {
	count(relied) > 0
	count(relied - moved) == 0
}

deny contains v if {
	all_moved
	v := {
		"id": "administrators-independent",
		"msg": sprintf(
			"the sign-in of every administrator (%v) changes at once, with `%v`",
			[count(administrators), concat("`, `", relied)],
		),
		"addresses": addresses,
		"_loc": null,
	}
}

# Where all of them are moved that is said above.
warn contains v if {
	not all_moved
	count(administrators) > 1
	count(connections) == 1
	some sso in connections
	sso != ""
	v := {
		"id": "administrators-independent",
		"msg": sprintf(
			"all %v administrators sign in by the one connection `%v`",
			[count(administrators), sso],
		),
		"addresses": addresses,
		"_loc": null,
	}
}
