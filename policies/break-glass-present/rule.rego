# METADATA
# title: Enough break-glass accounts can be used
# description: >-
#   The accounts for the day on which nothing else works are there and active, and there is more
#   than one of them: the only one may be the one that is locked out. Where fewer than `atLeast` can
#   be used and one that is declared cannot, a plan that gives anything is denied. Where just fewer
#   are declared, one or none, that is said and holds nothing up, unless `required` is true.
# custom:
#   id: break-glass-present
#   severity: deny
#   scope: plan
#   kinds: [protected]
#   waivable: false
#   parameters: {atLeast: 2, required: false}
#   remedy: >-
#     make or reactivate the missing account by hand, at the directory itself, and name at least
#     `atLeast` of them under `breakGlass`
#   practice: keep dedicated break-glass accounts for disaster recovery
#   canary: |
#     {"point": "live", "holds": ["binding"], "breakGlass": {
#       "one@x.org": {"address": "user/one@x.org", "state": "active"},
#       "two@x.org": {"address": "user/two@x.org", "state": "inactive"}}}
package guardrails.break_glass_present

import data.guardrails.lib

settings := lib.settings("break-glass-present")

at_least := n if {
	n := lib.number(settings, "atLeast")
	n > 0
} else := 2

accounts := lib.object_of(input, "breakGlass")

# Where the target holds no roles nobody can be locked out by them.
without_roles if {
	holds := object.get(input, "holds", null)
	is_array(holds)
	not "binding" in holds
}

# Of a state that cannot be known nothing bad is said.
usable contains name if {
	some name, account in accounts
	lib.text(account, "state") in {"active", "unknown"}
}

condition(account) := state if {
	state := lib.text(account, "state")
	state != ""
} else := "in no known state"

shut := object.remove(accounts, usable)

which("") := ""

which(texts) := sprintf(" (%v)", [texts]) if texts != ""

reasons := [sprintf("`%v` is %v", [name, condition(account)]) | some name, account in shut]

said := "no break-glass account is declared" if {
	count(accounts) == 0
} else := sprintf("of %v %v can be used%v", [
	lib.counted(count(accounts), "break-glass account"),
	count(usable),
	which(concat(", ", reasons)),
])

# The lines of those that are shut come first.
places := [lib.place(account) | some group in [shut, accounts]; some account in group]

# Each that is declared is relied on; one that can be used is judged no harder than none.
promised if count(shut) > 0

promised if lib.is_set(settings, "required")

removing := {c | some c in lib.changes; c.removes == true}

some_change_does_more if count(lib.all_changes - removing) > 0

some_change_does_more if count(lib.protected_changes) > 0

# Access can be taken away even where the emergency exit is shut: such a plan makes nothing worse.
harmless if {
	lib.text(input, "point") == "plan"
	not some_change_does_more
}

# Files at rest may be those of such a plan.
harmless if lib.text(input, "point") == "check"

findings contains v if {
	not without_roles
	count(usable) < at_least
	v := {
		"id": "break-glass-present",
		"msg": sprintf("%v; the least is %v", [said, at_least]),
		"addresses": [lib.text(account, "address") | some account in accounts],
		"_loc": array.concat(places, [null])[0],
	}
}

deny contains v if {
	promised
	not harmless
	some v in findings
}

warn contains v if {
	some v in findings
	not v in deny
}
