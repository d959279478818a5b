# METADATA
# title: Who leaves loses everything
# description: >-
#   An account that is off, or gone, has no memberships and no roles: what it keeps comes back with
#   it on the day somebody switches it on again.
# custom:
#   id: leavers-lose-everything
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   remedy: >-
#     take the person's memberships and bindings out of the files; where the person is to stay, take
#     `active: false` out instead, and see that the account is on at the target
#   practice: remove all access when a person leaves, not only the sign-in
#   canary: |
#     {"point": "check", "users": {"a@x.org": {"declared": true, "present": true,
#       "active": false, "groups": ["ops"]}}}
package guardrails.leavers_lose_everything

import data.guardrails.lib

at_check if input.point == "check"

# A name that can be read as the address of somebody who is gone is not one of the staff.
staff := lib.staff - {sprintf("user/%v", [name]) | some name in lib.leavers}

joined_by_staff := {c | some c in lib.membership_changes; c.after.user in staff}

# What may give something to people who are gone.
suspect := (lib.created & (lib.membership_changes | lib.binding_changes)) - joined_by_staff

# Whom a change gives something.
receiver(c) := trim_prefix(lib.text(lib.object_of(c, "after"), "user"), "user/") if {
	c.kind == "membership"
}

receiver(c) := trim_prefix(principal, "user/") if {
	c.kind == "binding"
	principal := lib.text(lib.object_of(c, "after"), "principal")
	startswith(principal, "user/")
}

# What this plan gives to people who are gone.
given contains gift if {
	some c in suspect
	name := receiver(c)
	user := lib.object_of(lib.users, name)

	# Somebody who is not shown is not known, and is no leaver.
	user != {}
	gift := {"change": c, "user": name, "why": lib.gone(user), "how": "is made for"}
}

# What is given to a group that somebody who is gone is in: a new role, or more of one.
given contains gift if {
	some c in (lib.binding_changes & lib.created) | raised
	some name in holders[lib.text(c, "address")]
	not [c, name] in direct
	gift := {"change": c, "user": name, "why": lib.gone(lib.users[name]), "how": "gives a role to"}
}

raised := updated - {c | some c in updated; c.removes == true}

updated := {c | some c in lib.binding_changes; c.action == "update"}

# Who of those that are gone holds a role in the end, by the binding that gives it.
holders[binding] contains name if {
	some name, user in object.filter(lib.users, lib.leavers)
	some role in lib.items(user, "roles")
	binding := lib.text(role, "binding")
}

direct := {[c, receiver(c)] | some c in suspect}

given_to := {gift.user | some gift in given}

# Who keeps something, and how much.
keeping contains kept if {
	some name, user in object.filter(lib.users, lib.leavers)
	why := lib.gone(user)
	memberships := count(lib.items(user, "groups"))
	roles := count(lib.items(user, "roles"))
	memberships + roles > 0
	kept := {"name": name, "user": user, "msg": sprintf(
		"`user/%v` %v in the end, and keeps what they had: memberships %v, roles %v",
		[name, why, memberships, roles],
	)}
}

deny contains v if {
	some gift in given
	v := lib.finding("leavers-lose-everything", gift.change, sprintf(
		"`%v` %v `user/%v`, who %v in the end",
		[lib.text(gift.change, "address"), gift.how, gift.user, gift.why],
	))
}

deny contains v if {
	at_check
	some kept in keeping
	lib.is_set(kept.user, "declared")
	v := lib.finding("leavers-lose-everything", kept.user, kept.msg)
}

# What this plan did not give is no reason to hold the plan up.
warn contains v if {
	not at_check
	some kept in keeping
	not kept.name in given_to
	v := lib.finding("leavers-lose-everything", kept.user, kept.msg)
}
