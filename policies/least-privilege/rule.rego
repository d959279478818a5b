# METADATA
# title: Roles are as narrow as they can be
# description: >-
#   No role by wildcard, no role for the whole organization without a reason, and a privileged
#   role for a time only.
# custom:
#   id: least-privilege
#   severity: deny
#   scope: change
#   kinds: [binding]
#   remedy: >-
#     name the role, the workspace it is for, why it is needed and until when
#   practice: grant the least privilege that does the work
package guardrails.least_privilege

privileged := {role | some role in object.get(input, ["administrators", "roles"], [])}

granted contains c if {
	some c in input.changes
	c.kind == "binding"
	c.action in {"declare", "create", "update"}
}

said(c, msg) := {
	"id": "least-privilege",
	"msg": msg,
	"addresses": [c.address],
	"_loc": object.get(c, "source", null),
}

deny contains v if {
	some c in granted
	role := object.get(c, ["after", "role"], "*")
	contains(role, "*")
	v := said(c, sprintf("the role `%v` is a wildcard", [role]))
}

deny contains v if {
	some c in granted
	object.get(c, ["after", "workspace"], "") == ""
	trim_space(object.get(c, ["grant", "reason"], "")) == ""
	v := said(c, "the role holds in the whole organization, and no reason is given")
}

warn contains v if {
	some c in granted
	object.get(c, ["after", "role"], "") in privileged
	object.get(c, ["grant", "until"], "") == ""
	v := said(c, "a privileged role is granted without `until`")
}
