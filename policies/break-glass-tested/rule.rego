# METADATA
# title: Break-glass accounts are tested
# description: >-
#   An emergency exit that nobody has opened for a while may be locked: every break-glass account
#   is signed in with regularly, and the day is written down.
# custom:
#   id: break-glass-tested
#   severity: warn
#   scope: plan
#   kinds: [protected]
#   parameters: {days: 92}
#   remedy: >-
#     sign in with the account, see that it can do what it is for, and write the day as `tested`
#     under `breakGlass`
#   practice: test break-glass procedures every quarter
#   canary: |
#     {"breakGlass": {"bg@x.org": {"address": "user/bg@x.org", "tested": "2020-01-01",
#       "testedNs": 1577836800000000000}}}
package guardrails.break_glass_tested

import data.guardrails.lib

days := n if {
	n := lib.number(lib.settings("break-glass-tested"), "days")
	n > 0
} else := 92

accounts := lib.object_of(input, "breakGlass")

warn contains v if {
	some account in accounts
	lib.number(account, "testedNs") <= 0
	msg := sprintf("no test of the break-glass account `%v` is written down", [
		lib.text(account, "address"),
	])
	v := lib.finding("break-glass-tested", account, msg)
}

warn contains v if {
	some account in accounts
	tested := lib.number(account, "testedNs")
	tested > 0
	lib.now - tested > days * lib.day
	msg := sprintf("the break-glass account `%v` was tested on `%v`, %v ago; the most is %v", [
		lib.text(account, "address"),
		lib.date(account, "tested"),
		lib.counted(lib.begun_days(lib.now - tested), "day"),
		days,
	])
	v := lib.finding("break-glass-tested", account, msg)
}

# A test that is still to come is none.
warn contains v if {
	some account in accounts
	lib.number(account, "testedNs") > lib.now
	msg := sprintf("the break-glass account `%v` is tested only on `%v`, which is yet to come", [
		lib.text(account, "address"),
		lib.date(account, "tested"),
	])
	v := lib.finding("break-glass-tested", account, msg)
}
