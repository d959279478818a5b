# METADATA
# title: Groups that hold roles have an owner
# description: >-
#   Somebody who can still be asked says who belongs into a group that holds roles.
# custom:
#   id: group-owner
#   severity: deny
#   scope: plan
#   kinds: [binding]
#   remedy: >-
#     write as `owner` of the group the userName of somebody who is active and says who belongs
#     into it
#   practice: name an accountable owner for every group that carries entitlements
#   canary: |
#     {"point": "check", "groups": {"admins": {"present": true, "privileged": true,
#       "roles": ["binding/group/admins/admin/-"]}}}
package guardrails.group_owner

import data.guardrails.lib

at_check if lib.text(input, "point") == "check"

person(text) := trim_prefix(lower(trim_space(text)), "user/")

# The bindings that this plan makes; one that it changes may be narrower than before.
made := {lib.text(c, "address") | some c in lib.granted; lib.text(c, "action") == "create"}

# Whether a role of this group is declared, or given to it by this plan.
given(_) if at_check

given(group) if {
	some address in lib.items(group, "roles")
	address in made
}

# What is wrong with the owner of a group.
lapse("") := "has no owner"

lapse(owner) := sprintf("is owned by `%v`, who %v in the end", [owner, gone(user)]) if {
	user := lib.object_of(lib.users, owner)
	known(user)
}

gone(user) := "is not there" if not lib.is_set(user, "present")

else := "is not active" if not lib.is_set(user, "active")

# Files at rest cannot tell who is there without being declared.
known(user) if {
	user != {}
	not at_check
}

known(user) if lib.is_set(user, "declared")

unsure(owner) := sprintf("is owned by `%v`, whom nobody here knows", [owner]) if {
	owner != ""
	not at_check
	lib.object_of(lib.users, owner) == {}
}

owned contains entry if {
	some name, group in lib.groups
	lib.is_not_denied(group, "present")
	roles := count(lib.items(group, "roles"))
	roles > 0
	entry := {"name": name, "group": group, "owner": person(lib.text(group, "owner")), "roles": roles}
}

grave(group) if {
	lib.is_set(group, "privileged")
	given(group)
}

said(entry, what) := lib.finding("group-owner", entry.group, sprintf(
	"`group/%v` holds roles (%v) and %v",
	[entry.name, entry.roles, what],
))

deny contains v if {
	some entry in owned
	grave(entry.group)
	v := said(entry, lapse(entry.owner))
}

warn contains v if {
	some entry in owned
	not grave(entry.group)
	v := said(entry, lapse(entry.owner))
}

warn contains v if {
	some entry in owned
	v := said(entry, unsure(entry.owner))
}
