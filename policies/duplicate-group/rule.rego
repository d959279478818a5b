# METADATA
# title: A new group is not an old one again
# description: >-
#   A group that is made with exactly the members of another is one more thing to review, and one
#   of the two is soon forgotten.
# custom:
#   id: duplicate-group
#   severity: warn
#   scope: plan
#   kinds: [protected]
#   remedy: >-
#     bind the role to the group that is there already, and take the new one out; where both are
#     meant, say in the new group's description what sets it apart
#   practice: map new services to existing user groups before making new ones
#   canary: |
#     {"groups": {"new": {"present": true, "members": 2, "sameMembers": ["old"], "alsoMade": []}}}
package guardrails.duplicate_group

import data.guardrails.lib

warn contains v if {
	some name, group in lib.groups
	group.sameMembers != []
	is_array(group.sameMembers)

	# Two groups that are empty are alike in nothing yet.
	object.get(group, "members", -1) != 0

	# All that are alike are one finding, at the first of those that are made.
	made := object.get(group, "alsoMade", [])
	is_array(made)
	found := lib.finding("duplicate-group", group, sprintf(
		"`group/%v` is made with exactly the members of %v",
		[name, twins(group)],
	))
	others := [sprintf("group/%v", [other]) | some other in made]
	v := object.union(found, {"addresses": array.concat(found.addresses, others)})
}

# The first ten by name, and how many more there are.
twins(group) := concat("", [concat(", ", names), more(number_of_twins(group) - count(names))]) if {
	shown := array.slice(sort(group.sameMembers), 0, 10)
	names := [sprintf("`group/%v`", [twin]) | some twin in shown]
}

more(n) := sprintf(" and %v more", [n]) if n > 0

more(n) := "" if n <= 0

number_of_twins(group) := n if {
	n := object.get(group, "sameMembersCount", null)
	is_number(n)
} else := count(group.sameMembers)
