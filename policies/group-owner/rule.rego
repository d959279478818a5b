# METADATA
# title: Groups that hold roles have an owner
# description: >-
#   Somebody who can still be asked says who belongs into a group that holds roles. Of groups about
#   which the files say nothing only an audit of what is live speaks: nobody could write an owner.
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

# Where the directory was read, a person whom nobody knows is not there either.
lapse(owner) := sprintf("is owned by `%v`, whom nobody here knows", [owner]) if {
	unknown(owner)
	contains(owner, "@")
}

gone(user) := "is not there" if not lib.is_set(user, "present")

else := "is not active" if not lib.is_set(user, "active")

# Files at rest cannot tell who is there without being declared.
known(user) if {
	user != {}
	not at_check
}

known(user) if lib.is_set(user, "declared")

unknown(owner) if {
	owner != ""
	not at_check
	lib.object_of(lib.users, owner) == {}
}

# Whether an owner could have been written: the files declare the group, or give it a role.
ours(_) if lib.text(input, "point") == "live"

ours(group) if lib.is_not_denied(group, "declared")

ours(group) if {
	some address in lib.items(group, "roles")
	lib.is_not_denied(lib.object_of(lib.bindings, address), "declared")
}

# By name: whole groups would be compared with one another.
owned contains name if {
	some name, group in lib.groups
	count(lib.items(group, "roles")) > 0
	lib.is_not_denied(group, "present")
	ours(group)
}

grave contains name if {
	some name in owned
	group := lib.object_of(lib.groups, name)
	lib.is_set(group, "privileged")
	given(group)
}

owner_of(name) := person(lib.text(lib.object_of(lib.groups, name), "owner"))

said(name, what) := lib.finding("group-owner", group, sprintf(
	"`group/%v` holds roles (%v) and %v",
	[name, count(lib.items(group, "roles")), what],
)) if {
	group := lib.object_of(lib.groups, name)
}

deny contains v if {
	some name in grave
	v := said(name, lapse(owner_of(name)))
}

warn contains v if {
	some name in owned - grave
	v := said(name, lapse(owner_of(name)))
}

# A name without `@` may be that of a team, which can be asked, or of nobody.
warn contains v if {
	some name in owned
	owner := owner_of(name)
	unknown(owner)
	not contains(owner, "@")
	v := said(name, sprintf("is owned by `%v`, which is no user here", [owner]))
}
