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

at_check if input.point == "check"

# The bindings that this plan makes; one that it changes may be narrower than before.
made := {lib.text(c, "address") | some c in lib.granted & lib.created}

# Whether a role of this group is declared, or given to it by this plan.
given(_) if at_check

given(group) if count({address | some address in group.roles} & made) > 0

undeclared := {name | some name, group in lib.groups; group.declared == false}

undeclared_bindings := {b | some b, x in lib.bindings; x.declared == false}

# Groups to which the files give a role, and of which they say nothing else.
receiving contains name if {
	some name in lib.groups_with_roles & undeclared
	some address in lib.groups[name].roles
	not address in undeclared_bindings
}

# Where an owner could have been written: the files declare the group, or give it a role.
owned := lib.groups_with_roles if input.point == "live"

else := (lib.groups_with_roles - undeclared) | receiving

# What is wrong with the owner of a group.
lapse("") := "has no owner"

lapse(owner) := sprintf("is owned by `%v`, who %v in the end", [owner, lib.gone(user)]) if {
	owner != ""
	user := lib.object_of(lib.users, owner)
	known(user)
}

# Where the directory was read, a person whom nobody knows is not there either.
lapse(owner) := sprintf("is owned by `%v`, whom nobody here knows", [owner]) if {
	unknown(owner)
	contains(owner, "@")
}

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

# What is written as owner, and who that is. Many groups have one owner, who is looked at once.
written := {group.owner | some group in lib.groups; is_string(group.owner)} | {""}

person_of := {o: trim_prefix(lower(trim_space(o)), "user/") | some o in written}

lapses := {o: what | some o, owner in person_of; what := lapse(owner)}

# A name without `@` may be that of a team, which can be asked, or of nobody.
teams := {o | some o, owner in person_of; unknown(owner); not contains(owner, "@")}

sound := (written - object.keys(lapses)) - teams

lapsed := owned - {name | some name, group in lib.groups; group.owner in sound}

grave contains name if {
	some name in lapsed
	group := lib.groups[name]
	group.privileged == true
	given(group)
}

written_at(name) := lib.text(lib.groups[name], "owner")

said(name, what) := lib.finding("group-owner", lib.groups[name], sprintf(
	"`group/%v` holds roles (%v) and %v",
	[name, count(lib.groups[name].roles), what],
))

deny contains v if {
	some name in grave
	v := said(name, lapses[written_at(name)])
}

warn contains v if {
	some name in lapsed - grave
	v := said(name, lapses[written_at(name)])
}

warn contains v if {
	some name in lapsed
	owner := written_at(name)
	owner in teams
	v := said(name, sprintf("is owned by `%v`, which is no user here", [person_of[owner]]))
}
