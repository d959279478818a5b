# METADATA
# title: No group is in itself
# description: >-
#   Groups that are members of each other in a circle all have the members and the roles of each,
#   and nobody can tell from any one of them who is in it.
# custom:
#   id: group-cycle
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   remedy: >-
#     take one of the groups out of the one that it is a member of
#   practice: keep nested groups free of cycles
#   canary: |
#     {"point": "live", "groups": {"a": {"present": true, "cycle": ["a", "b"]},
#       "b": {"present": true, "cycle": ["a", "b"]}}}
package guardrails.group_cycle

import data.guardrails.lib

at_plan if input.point == "plan"

# The groups that this plan makes or changes, and those that it puts into others.
touched contains group if {
	some c in lib.group_changes - lib.deleted
	group := trim_prefix(lib.text(c, "address"), "group/")
}

touched contains group if {
	some c in lib.membership_changes - lib.deleted
	group := trim_prefix(lib.text(lib.object_of(c, "after"), "user"), "group/")
}

# Each circle once, whichever of its groups tells of it.
circles contains names if {
	some name, group in lib.groups
	group.cycle != []
	is_array(group.cycle)
	names := {name} | {sprintf("%v", [other]) | some other in group.cycle}
}

# What stood before a plan is not the plan's fault.
standing(names) if {
	at_plan
	count(names & touched) == 0
}

said contains entry if {
	some names in circles
	ordered := sort(names)
	shown := [sprintf("`group/%v`", [name]) | some name in ordered]
	entry := {"names": names, "finding": {
		"id": "group-cycle",
		"msg": sprintf("groups are members of each other in a circle: %v", [concat(", ", shown)]),
		"addresses": [sprintf("group/%v", [name]) | some name in ordered],
		"_loc": lib.place(lib.object_of(lib.groups, ordered[0])),
	}}
}

deny contains v if {
	some entry in said
	not standing(entry.names)
	v := entry.finding
}

warn contains v if {
	some entry in said
	standing(entry.names)
	v := entry.finding
}
