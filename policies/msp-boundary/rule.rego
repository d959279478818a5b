# METADATA
# title: No role crosses from tenant to tenant
# description: >-
#   Each managed tenant has a directory of its own. A user of one tenant's domains who holds a role
#   in the workspace of another sees what the provider promised to keep apart.
# custom:
#   id: msp-boundary
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   remedy: >-
#     bind the role in the workspace of the user's own tenant, or give the work to somebody of the
#     other tenant or of the provider
#   practice: keep the directories and workspaces of managed tenants apart
#   canary: |
#     {
#       "users": {"a@x.org": {"address": "user/a@x.org", "domain": "x.org"}},
#       "domains": {"x.org": {"address": "domain/x.org", "tenant": "north"}},
#       "workspaces": {"south": {"via": "provider"}},
#       "access": {"gained": [
#         {"user": "a@x.org", "binding": "binding/group/g/viewer/south", "workspace": "south"}
#       ]}
#     }
package guardrails.msp_boundary

import data.guardrails.lib

# Who holds what: at `plan` what this plan gives only, so that a plan can take away.
held contains h if {
	some x in lib.tenant_gains
	user := lib.text(x, "user")
	tenant := lib.tenant_of_domain[lib.domain_of(user)]
	h := {
		"user": user,
		"tenant": tenant,
		"binding": lib.text(x, "binding"),
		"workspace": lib.text(x, "workspace"),
		"source": lib.place(x),
	}
}

held contains h if {
	lib.text(input, "point") != "plan"
	some name, tenant in lib.tenant_of_user
	some path in lib.items(lib.users[name], "roles")
	binding := lib.text(path, "binding")
	b := lib.object_of(lib.bindings, binding)
	h := {
		"user": name,
		"tenant": tenant,
		"binding": binding,
		"workspace": lib.text(b, "workspace"),
		"source": lib.place(b),
	}
}

deny contains v if {
	some h in held
	h.workspace in lib.tenant_workspaces
	h.tenant != h.workspace
	v := {
		"id": "msp-boundary",
		"msg": sprintf(
			"`%v` of the tenant `%v` holds a role of the tenant `%v` by `%v`",
			[h.user, h.tenant, h.workspace, h.binding],
		),
		"addresses": [sprintf("user/%v", [h.user]), h.binding],
		"_loc": h.source,
	}
}
