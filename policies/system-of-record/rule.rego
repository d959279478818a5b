# METADATA
# title: What is declared is changed in the files only
# description: >-
#   Something that is declared is found otherwise at the target: it was changed by hand or by
#   another system, or a change of the files was never applied.
# custom:
#   id: system-of-record
#   severity: warn
#   scope: change
#   kinds: [protected]
#   remedy: >-
#     find out who changed it; then plan and apply, which brings it back, or write the change into
#     the files and have it reviewed
#   practice: make identity changes in the authoritative source only, never by hand at the target
#   canary: |
#     {"point": "live", "changes": [{"address": "user/a@x.org", "kind": "user",
#       "action": "observe", "after": {"active": false}, "fields": ["active"]}]}
package guardrails.system_of_record

import data.guardrails.lib

warn contains v if {
	input.point == "live"
	some c in lib.changes
	c.action == "observe"
	c.fields != []
	is_array(c.fields)
	fields := [sprintf("`%v`", [field]) | some field in c.fields]
	v := lib.finding("system-of-record", c, sprintf(
		"`%v` is not as the files say it is: it differs in %v",
		[lib.text(c, "address"), concat(", ", sort(fields))],
	))
}
