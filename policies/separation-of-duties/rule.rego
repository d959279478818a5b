# METADATA
# title: Nobody holds two roles that control each other
# description: >-
#   Who may ask for a thing may not also approve it: of the roles of one conflict a person holds
#   one, whatever groups they come from.
# custom:
#   id: separation-of-duties
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   parameters: {conflicts: []}
#   roleParameters: [conflicts]
#   remedy: >-
#     take the person out of the group that brings one of the roles, or bind that role to a group
#     the person is not in
#   practice: separation of duties
#   canary: |
#     {"point": "live", "settings": {"separation-of-duties": {"conflicts": [["ask", "allow"]]}},
#      "bindings": {"binding/group/a/ask/prod": {"role": "ask"},
#       "binding/group/b/allow/prod": {"role": "allow"}},
#      "users": {"a@x.org": {"address": "user/a@x.org", "roles": [
#       {"binding": "binding/group/a/ask/prod"}, {"binding": "binding/group/b/allow/prod"}]}}}
package guardrails.separation_of_duties

import data.guardrails.lib

listed := lib.items(lib.settings("separation-of-duties"), "conflicts")

is_conflict(roles) if {
	is_array(roles)
	every role in roles {
		is_string(role)
	}
	count({role | some role in roles}) > 1
}

conflicts contains roles if {
	some list in listed
	is_conflict(list)
	roles := {role | some role in list}
}

role_of := {address: lib.text(b, "role") | some address, b in lib.bindings}

held_by[name] contains hold if {
	some name, user in lib.users
	some path in lib.items(user, "roles")
	binding := lib.text(path, "binding")
	role := object.get(role_of, binding, "")
	hold := {"role": role, "binding": binding}
}

held := held_by

gained contains pair if {
	some x in lib.new_gains
	pair := [lib.text(x, "user"), lib.text(x, "role")]
}

broken contains b if {
	some roles in conflicts
	some name, holds in held
	both := {hold.role | some hold in holds; hold.role in roles}
	count(both) > 1
	b := {
		"user": object.get(lib.users, name, null),
		"ways": {text |
			some hold in holds
			hold.role in both
			text := sprintf("`%v` by `%v`", [hold.role, hold.binding])
		},
		"new": count({role | some role in both; [name, role] in gained}),
	}
}

# A plan is not kept from its work by what it does not add to.
stands(b) if {
	input.point == "plan"
	b["new"] == 0
}

said(b) := lib.finding("separation-of-duties", b.user, sprintf(
	"`%v` holds roles that are not for one person: %v",
	[lib.text(b.user, "address"), concat(", ", b.ways)],
))

deny contains v if {
	some b in broken
	not stands(b)
	v := said(b)
}

warn contains v if {
	some b in broken
	stands(b)
	v := said(b)
}

# A conflict that can never be found must not look like one that is kept.
warn contains v if {
	some i, list in listed
	not is_conflict(list)
	v := {
		"id": "separation-of-duties",
		"msg": sprintf("`conflicts` number %v is no list of two or more names of roles", [i + 1]),
		"addresses": [],
		"_loc": null,
	}
}
