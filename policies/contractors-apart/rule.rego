# METADATA
# title: Contractors hold roles by groups made for them
# description: >-
#   People of the classes in `classes` hold roles only through groups whose `allows` names their
#   class: what is given to a team is not given to everybody who works beside it.
# custom:
#   id: contractors-apart
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   parameters: {classes: [contractor]}
#   remedy: >-
#     make the person a member of a group for contractors instead, or write the class into `allows`
#     of the group where all its roles are meant for that class too; take a direct binding out
#   practice: keep the access of contractors and partners apart from that of employees
#   canary: |
#     {"point": "live", "users": {"c@x.org": {"class": "contractor", "present": true,
#       "active": true, "roles": [{"binding": "binding/group/ops/viewer/-", "via": "group/ops"}]}}}
package guardrails.contractors_apart

import data.guardrails.lib

written contains class if {
	some class in lib.items(lib.settings("contractors-apart"), "classes")
	plain(class) != ""
}

# No class written is not "no class is kept apart".
classes := {plain(class) | some class in written} if count(written) > 0

else := {"contractor"}

# What is not text is no class.
plain(value) := lower(trim_space(lib.text({"value": value}, "value")))

at_plan if input.point == "plan"

# Who is of no class is kept apart from nothing.
of_a_class := {name | some name, user in lib.users; user.class != ""}

of_no_class := object.keys(lib.users) - of_a_class

# By which ways people gain roles, or hold them. What stood before a plan is not the plan's fault.
ways contains way if {
	some x in lib.gains - {g | some g in lib.gained; g.user in of_no_class}
	way := {"user": lib.text(x, "user"), "via": lib.text(x, "via"), "verb": "gains"}
}

ways contains way if {
	not at_plan
	some name in of_a_class
	some path in lib.items(lib.object_of(lib.users, name), "roles")
	way := {"user": name, "via": lib.text(path, "via"), "verb": "holds"}
}

admitted(via, class) if {
	group := lib.object_of(lib.groups, trim_prefix(via, "group/"))
	some allowed in lib.items(group, "allows")
	plain(allowed) == class
}

by("") := "directly, not through a group that allows that class"

by(via) := sprintf("through `%v`, whose `allows` does not name that class", [via]) if via != ""

deny contains v if {
	some way in ways
	user := lib.object_of(lib.users, way.user)
	class := plain(lib.text(user, "class"))
	class in classes
	not admitted(way.via, class)
	v := lib.finding("contractors-apart", user, sprintf(
		"`user/%v` is of the class `%v` and %v a role %v",
		[way.user, class, way.verb, by(way.via)],
	))
}
