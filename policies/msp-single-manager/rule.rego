# METADATA
# title: A tenant's users are managed in one place
# description: >-
#   A managed tenant has a directory of its own. A user of its domains who is made here as well, or
#   renamed into one, is managed twice, and whoever removes the user removes half of the access.
# custom:
#   id: msp-single-manager
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   remedy: >-
#     take the user out of these files and let the tenant's directory manage them, or take the
#     domain out of the tenant's
#   practice: manage each user by the provider or by the tenant, not by both
#   canary: |
#     {
#       "changes": [{"address": "user/a@x.org", "kind": "user", "action": "create"}],
#       "users": {"a@x.org": {"address": "user/a@x.org", "domain": "x.org"}},
#       "domains": {"x.org": {"address": "domain/x.org", "tenant": "north"}}
#     }
package guardrails.msp_single_manager

import data.guardrails.lib

# At `plan`, whoever is there already is judged by the other points: a plan that brings nobody into
# the domain does not make it worse.
judged[name] := domain if {
	lib.text(input, "point") != "plan"
	some name, u in object.filter(lib.users, object.keys(lib.tenant_of_user))
	lib.is_not_denied(u, "declared")
	domain := lib.domain_of(name)
}

judged[name] := domain if some name, domain in lib.domain_of_coming

deny contains v if {
	some name, domain in judged
	tenant := lib.tenant_of_domain[domain]
	v := {
		"id": "msp-single-manager",
		"msg": sprintf(
			"`%v` is declared here, and `%v` belongs to the directory of the tenant `%v`",
			[name, domain, tenant],
		),
		"addresses": [sprintf("user/%v", [name])],
		"_loc": lib.place(lib.object_of(lib.users, name)),
	}
}
