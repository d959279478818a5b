# METADATA
# title: An address that gets no mail is marked
# description: >-
#   Mail to a domain that nothing outside can reach is lost: invitations, resets, reports. A user
#   with such an address is one on purpose, and says so.
# custom:
#   id: pseudo-address
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   remedy: >-
#     give the user an address that mail reaches, or write `pseudoAddress: true` beside the user
#     where the account needs no mail
#   practice: know which accounts cannot be reached by mail
#   canary: |
#     {
#       "changes": [{"address": "user/a@x.local", "kind": "user", "action": "create"}],
#       "users": {"a@x.local": {"address": "user/a@x.local", "domain": "x.local"}},
#       "domains": {"x.local": {"address": "domain/x.local", "users": 1}}
#     }
package guardrails.pseudo_address

import data.guardrails.lib

routable := {name | some name, d in lib.domains; d.routable == true} - {""}

# Whom the index gives a domain that mail reaches; of all others the name is looked at too.
reached := {name | some name, user in lib.users; user.domain in routable}

# At `check` the mark is known of the users in the index only: the others are judged by the plan
# that makes them, or gives them a name in another domain.
judged[name] := domain if {
	input.point == "check"
	some name, u in object.remove(lib.users, reached)
	lib.is_not_denied(u, "declared")
	domain := lib.domain_of(name)
}

judged[name] := domain if some name, domain in lib.domain_of_coming

deny contains v if {
	some name, domain in judged
	not domain in routable
	domain != ""
	u := lib.object_of(lib.users, name)
	not lib.is_set(u, "pseudoAddress")
	v := {
		"id": "pseudo-address",
		"msg": sprintf(
			"no mail from outside reaches `%v`, and `%v` is not marked `pseudoAddress: true`",
			[domain, name],
		),
		"addresses": [sprintf("user/%v", [name])],
		"_loc": lib.place(u),
	}
}
