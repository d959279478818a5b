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
#     {"groups": {"new": {"present": true, "members": 2, "sameMembers": ["old"]}}}
package guardrails.duplicate_group

import data.guardrails.lib

warn contains v if {
	some name, group in lib.groups
	group.sameMembers != []
	is_array(group.sameMembers)

	# Two groups that are empty are alike in nothing yet.
	object.get(group, "members", -1) != 0
	twins := [sprintf("`group/%v`", [twin]) | some twin in group.sameMembers]
	v := lib.finding("duplicate-group", group, sprintf(
		"`group/%v` is made with exactly the members of %v",
		[name, concat(", ", sort(twins))],
	))
}
