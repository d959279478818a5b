# METADATA
# title: A group holds the roles of its baseline
# description: >-
#   Where a group has a written baseline, a role that is not on it is access that crept in: it is
#   not added, and what is there already is shown.
# custom:
#   id: role-baseline
#   severity: deny
#   scope: plan
#   kinds: [binding]
#   remedy: >-
#     take the binding out, or add the role to `baseline` of the group with the review of whoever
#     owns the group
#   practice: compare assignments against role baselines and entitlement matrices
#   canary: |
#     {"changes": [{"address": "binding/group/ops/admin/prod", "kind": "binding",
#       "action": "create"}], "groups": {"ops": {"address": "group/ops", "baseline": [],
#       "roles": ["binding/group/ops/admin/prod"]}}}
package guardrails.role_baseline

import data.guardrails.lib

# What is given now: declared, created, or changed.
given contains address if {
	some c in lib.granted
	lib.text(c, "action") != "observe"
	address := lib.text(c, "address")
}

allowed(texts) := "no role" if texts == ""

allowed(texts) := texts if texts != ""

outside contains o if {
	some group in lib.groups
	group.baseline != null
	baseline := lib.items(group, "baseline")
	some address in lib.items(group, "roles")
	binding := lib.object_of(lib.bindings, address)
	role := lib.text(binding, "role")
	not role in baseline
	named := [sprintf("`%v`", [item]) | some item in baseline; is_string(item)]
	o := {"address": address, "finding": lib.finding(
		"role-baseline",
		{"address": address, "source": lib.place(binding)},
		sprintf("`%v` gives `%v` the role `%v`, and its baseline allows %v", [
			address,
			lib.text(group, "address"),
			role,
			allowed(concat(", ", named)),
		]),
	)}
}

deny contains v if {
	some o in outside
	o.address in given
	v := o.finding
}

warn contains v if {
	some o in outside
	not o.address in given
	v := o.finding
}
