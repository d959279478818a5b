# METADATA
# title: Nobody asks for their own access
# description: >-
#   Whoever asks for a change gains nothing by it. A change whose author is not told, or is nobody
#   here, cannot be judged so: that is said where it gives somebody a privileged role.
# custom:
#   id: author-is-beneficiary
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   remedy: >-
#     have somebody else write the change, and say who asks for it (`actor`) where it is planned
#   practice: separate those who request access from those who receive it
#   canary: |
#     {"point": "plan", "actor": "a@x.org", "access": {"gained": [{"user": "a@x.org",
#       "address": "user/a@x.org", "role": "viewer", "binding": "binding/group/ops/viewer/-"}]}}
package guardrails.author_is_beneficiary

import data.guardrails.lib

actor := trim_prefix(lower(trim_space(lib.text(input, "actor"))), "user/")

place("") := "the whole organization"

place(workspace) := sprintf("`%v`", [workspace]) if workspace != ""

deny contains v if {
	actor != ""
	some x in lib.new_gains
	x.user == actor
	v := lib.finding("author-is-beneficiary", x, sprintf(
		"`%v` asks for this change, and gains the role `%v` in %v by `%v`",
		[actor, lib.text(x, "role"), place(lib.text(x, "workspace")), lib.text(x, "binding")],
	))
}

gives_privilege contains binding if {
	some x in lib.new_gains
	x.privileged == true
	binding := lib.text(x, "binding")
}

untold := "nobody is named who asks for it" if {
	actor == ""
	input.run == "pullRequest"
}

# A login of another system, mostly: it is compared with nobody.
untold := sprintf("`%v`, who asks for it, is no user here", [actor]) if {
	actor != ""
	object.get(lib.users, actor, null) == null
}

warn contains v if {
	some binding in gives_privilege
	v := lib.finding("author-is-beneficiary", {"address": binding}, sprintf(
		"somebody gains a privileged role by `%v`, and %v",
		[binding, untold],
	))
}
