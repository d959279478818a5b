# METADATA
# title: Changes of domains are seen
# description: >-
#   A claim decides who may have an address in a domain, and its connection decides who can sign in
#   as any of its users. Every change of one is shown to whoever approves the plan.
# custom:
#   id: domain-change
#   severity: warn
#   scope: change
#   kinds: [protected]
#   remedy: have the security team approve the plan, and tell those who answer for the domain
#   practice: alert on changes of domain claims and of sign-in
#   canary: |
#     {"changes": [{"address": "domain/x.org", "kind": "domain", "action": "create"}]}
package guardrails.domain_change

import data.guardrails.lib

id := "domain-change"

connection(fields) := sprintf("`%v`", [lib.text(fields, "sso")]) if {
	lib.text(fields, "sso") != ""
} else := "no connection"

listed(fields) := sprintf("`%v`", [concat("`, `", fields)]) if {
	count(fields) > 0
} else := "in what, the plan does not say"

# The changes of domains, with their names and what they were and will be.
shown contains x if {
	some c in lib.domain_changes
	x := {
		"change": c,
		"name": trim_prefix(lib.text(c, "address"), "domain/"),
		"from": connection(lib.object_of(c, "before")),
		"to": connection(lib.object_of(c, "after")),
		"fields": [f | some f in lib.items(c, "fields"); is_string(f)],
	}
}

warn contains v if {
	some x in shown
	x.change.action == "create"
	v := lib.finding(id, x.change, sprintf(
		"`%v` is claimed, and its users sign in by %v",
		[x.name, x.to],
	))
}

warn contains v if {
	some x in shown
	x.change.action == "delete"
	v := lib.finding(id, x.change, sprintf(
		"the claim of `%v` is given up; its users signed in by %v",
		[x.name, x.from],
	))
}

warn contains v if {
	some x in shown
	x.change.action == "update"
	"sso" in x.fields
	v := lib.finding(id, x.change, sprintf(
		"the sign-in of `%v` moves from %v to %v",
		[x.name, x.from, x.to],
	))
}

# An update that does not say what it changes is shown too.
warn contains v if {
	some x in shown
	x.change.action == "update"
	others := [f | some f in x.fields; f != "sso"]
	x.fields != ["sso"]
	v := lib.finding(id, x.change, sprintf(
		"the claim of `%v` changes: %v",
		[x.name, listed(others)],
	))
}
