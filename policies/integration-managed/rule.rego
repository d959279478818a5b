# METADATA
# title: What somebody else manages is theirs to change
# description: >-
#   A user or group that an integration writes is written again by it: two programs undo each other,
#   and neither has the last word about who has access.
# custom:
#   id: integration-managed
#   severity: deny
#   scope: change
#   kinds: [protected]
#   remedy: >-
#     take it out of the YAML and change it where it is managed; or end the integration first, then
#     import it
#   practice: one system of record for every object
#   canary: |
#     {
#       "changes": [
#         {"address": "group/g", "kind": "group", "action": "update", "managedBy": "okta"}
#       ]
#     }
package guardrails.integration_managed

import data.guardrails.lib

deny contains v if {
	some c in lib.changes
	c.managedBy != ""
	is_string(c.managedBy)
	c.action in {"create", "update", "delete"}
	v := lib.finding("integration-managed", c, sprintf(
		"`%v` is managed by `%v`, and this plan would %v it",
		[lib.text(c, "address"), c.managedBy, c.action],
	))
}
