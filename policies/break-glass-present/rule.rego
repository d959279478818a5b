# METADATA
# title: Enough break-glass accounts can be used
# description: >-
#   The accounts for the day on which nothing else works are there and active, and there is more
#   than one of them: the only one may be the one that is locked out.
# custom:
#   id: break-glass-present
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   waivable: false
#   parameters: {atLeast: 2}
#   remedy: >-
#     make or reactivate the missing account by hand, at the directory itself, and name at least
#     `atLeast` of them under `breakGlass`
#   practice: keep dedicated break-glass accounts for disaster recovery
#   canary: |
#     {"point": "live", "breakGlass": {"bg@x.org": {"address": "user/bg@x.org",
#       "state": "inactive"}}}
package guardrails.break_glass_present

import data.guardrails.lib

at_least := n if {
	n := lib.number(lib.settings("break-glass-present"), "atLeast")
	n > 0
} else := 2

accounts := lib.object_of(input, "breakGlass")

# Of a state that cannot be known nothing bad is said.
usable contains name if {
	some name, account in accounts
	lib.text(account, "state") in {"active", "unknown"}
}

condition(account) := state if {
	state := lib.text(account, "state")
	state != ""
} else := "in no known state"

unusable contains text if {
	some name, account in accounts
	not name in usable
	text := sprintf("`%v` is %v", [name, condition(account)])
}

which(texts) := "" if texts == ""

which(texts) := sprintf(" (%v)", [texts]) if texts != ""

# Access can be taken away even where the emergency exit is shut: such a plan makes nothing worse.
some_change_does_more if {
	some c in lib.changes
	not lib.is_set(c, "removes")
}

some_change_does_more if {
	some c in lib.changes
	lib.is_not_denied(c, "touchesProtected")
}

only_removes if {
	lib.text(input, "point") == "plan"
	not some_change_does_more
}

findings contains v if {
	count(accounts) > 0
	count(usable) < at_least
	v := {
		"id": "break-glass-present",
		"msg": sprintf("of %v break-glass accounts %v can be used, and at least %v have to be%v", [
			count(accounts),
			count(usable),
			at_least,
			which(concat(", ", unusable)),
		]),
		"addresses": [lib.text(account, "address") | some account in accounts],
		"_loc": null,
	}
}

deny contains v if {
	not only_removes
	some v in findings
}

warn contains v if {
	only_removes
	some v in findings
}

# Where the target holds no roles nobody can be locked out by them.
warn contains v if {
	count(accounts) == 0
	"binding" in lib.items(input, "holds")
	v := {
		"id": "break-glass-present",
		"msg": sprintf("no break-glass account is declared; at least %v have to be", [at_least]),
		"addresses": [],
		"_loc": null,
	}
}
