# METADATA
# title: Roles are as narrow and as few as they can be
# description: >-
#   No role by wildcard, no role for the whole organization without a reason, and no group or
#   person that gathers roles without end.
# custom:
#   id: least-privilege
#   severity: deny
#   scope: plan
#   kinds: [binding]
#   parameters: {maxRolesPerGroup: 8, maxRolesPerPerson: 20}
#   remedy: >-
#     name the role and the workspace it is for, or write `reason` where it has to hold in the
#     whole organization; split a group that holds too many roles, and take a person out of the
#     groups that the work no longer needs
#   practice: grant the least privilege that does the work
#   canary: |
#     {"changes": [{"address": "binding/group/ops/compute.*/prod", "kind": "binding",
#       "action": "create", "after": {"principal": "group/ops", "role": "compute.*",
#       "workspace": "prod"}}]}
package guardrails.least_privilege

import data.guardrails.lib

max_per_group := n if {
	n := lib.number(lib.settings("least-privilege"), "maxRolesPerGroup")
	n > 0
} else := 8

max_per_person := n if {
	n := lib.number(lib.settings("least-privilege"), "maxRolesPerPerson")
	n > 0
} else := 20

emergency contains principal if {
	some name, _ in lib.object_of(input, "breakGlass")
	principal := sprintf("user/%v", [name])
}

# A break-glass account holds its role by hand, and no file can give the reason for it.
by_hand(c) if {
	c.action == "observe"
	lib.text(lib.object_of(c, "after"), "principal") in emergency
}

# A role that is not named may be any role.
named contains c if {
	some c in lib.granted
	role := c.after.role
	is_string(role)
	role != ""
	not contains(role, "*")
}

deny contains v if {
	some c in lib.granted - named
	role := lib.text(lib.object_of(c, "after"), "role")
	v := lib.finding("least-privilege", c, sprintf(
		"`%v` binds the role `%v`, which is a wildcard or no role's name",
		[lib.text(c, "address"), role],
	))
}

deny contains v if {
	some c in lib.granted - lib.granted_with_reason
	lib.text(lib.object_of(c, "after"), "workspace") == ""
	not by_hand(c)
	msg := "`%v` holds in the whole organization, and no reason is given"
	v := lib.finding("least-privilege", c, sprintf(msg, [lib.text(c, "address")]))
}

# An update leaves a role where it was.
added contains address if {
	some c in lib.granted
	lib.text(c, "action") != "update"
	address := lib.text(c, "address")
}

# Few lists are so long that they have an item at the place of the most.
crowded_groups := {group | some group in lib.groups; _ = group.roles[floor(max_per_group)]}

crowded_users := {user | some user in lib.users; _ = user.roles[floor(max_per_person)]}

loaded contains l if {
	some group in crowded_groups
	held := {address | some address in lib.items(group, "roles")}
	count(held) > max_per_group
	l := {"who": group, "held": count(held), "most": max_per_group, "new": count(held & added)}
}

loaded contains l if {
	some user in crowded_users
	held := {lib.text(path, "binding") | some path in lib.items(user, "roles")}
	count(held) > max_per_person
	before := {lib.text(path, "binding") | some path in lib.items(user, "rolesBefore")}
	l := {"who": user, "held": count(held), "most": max_per_person, "new": count(held - before)}
}

# A plan is not kept from its work by what it does not add to.
stands(l) if {
	input.point == "plan"
	l["new"] == 0
}

said(l) := lib.finding("least-privilege", l.who, sprintf(
	"`%v` holds %v roles; the most is %v",
	[lib.text(l.who, "address"), l.held, l.most],
))

deny contains v if {
	some l in loaded
	not stands(l)
	v := said(l)
}

warn contains v if {
	some l in loaded
	stands(l)
	v := said(l)
}
