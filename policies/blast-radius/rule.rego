# METADATA
# title: No plan makes a crowd privileged at once
# description: >-
#   One binding gives a privileged role to no more than a few persons who did not have it: a role
#   bound to the wrong group is seen before it is everybody's.
# custom:
#   id: blast-radius
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   parameters: {people: 10}
#   remedy: >-
#     bind the role to a smaller group made for the task; where so many persons do need it, add
#     them in several steps, or write a waiver for the binding
#   practice: keep the reach of a single authorization change small
#   canary: |
#     {"settings": {"blast-radius": {"people": 1}}, "access": {"gained": [
#       {"user": "a@x.org", "binding": "binding/group/ops/admin/prod", "privileged": true},
#       {"user": "b@x.org", "binding": "binding/group/ops/admin/prod", "privileged": true}]}}
package guardrails.blast_radius

import data.guardrails.lib

most := n if {
	n := lib.number(lib.settings("blast-radius"), "people")
	n > 0
} else := 10

by_binding[binding] contains user if {
	# Who keeps a role by another way is made no more privileged.
	some x in lib.privileged_gains & lib.new_gains
	binding := lib.text(x, "binding")
	user := lib.text(x, "user")
}

people := by_binding

deny contains v if {
	some address, users in people
	count(users) > most
	binding := lib.object_of(lib.bindings, address)
	msg := sprintf("`%v` gives the privileged role `%v` to %v persons who lack it; the most is %v", [
		address,
		lib.text(binding, "role"),
		count(users),
		most,
	])
	v := lib.finding("blast-radius", {"address": address, "source": lib.place(binding)}, msg)
}
