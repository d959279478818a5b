package guardrails.break_glass_tested_test

import data.guardrails.break_glass_tested
import data.guardrails.lib_test

warned(doc) := found if found := break_glass_tested.warn with input as doc

account(over) := object.union(
	{"address": "user/bg@x.org", "tested": "2026-08-01T00:00:00Z", "testedNs": lib_test.now, "source": lib_test.source},
	over,
)

kept(over) := lib_test.doc({"breakGlass": {"bg@x.org": account(over)}})

ago(ns) := kept({"testedNs": lib_test.now - ns})

said(msg) := {{
	"id": "break-glass-tested",
	"msg": sprintf("%v", [msg]),
	"addresses": ["user/bg@x.org"],
	"_loc": lib_test.source,
}}

late(days, most) := said(sprintf(
	"the break-glass account `user/bg@x.org` was tested on `2026-08-01`, %v days ago; the most is %v",
	[days, most],
))

never := said("no test of the break-glass account `user/bg@x.org` is written down")

test_warns_of_one_tested_long_ago if {
	warned(ago(200 * lib_test.day)) == late(200, 92)
}

test_warns_of_one_never_tested if {
	warned(kept({"testedNs": 0})) == never
	warned(kept({"testedNs": -1})) == never
}

test_warns_of_a_test_to_come if {
	expected := said("the break-glass account `user/bg@x.org` is tested only on `2026-08-01`, which is yet to come")
	warned(ago(-1)) == expected
}

test_allows_one_tested_lately if {
	warned(ago(lib_test.day)) == set()
	warned(ago(0)) == set()
	warned(lib_test.doc({})) == set()
}

test_boundary_of_the_days if {
	warned(ago(92 * lib_test.day)) == set()
	warned(ago((92 * lib_test.day) + 1)) == late(93, 92)
	warned(ago(93 * lib_test.day)) == late(93, 92)
	warned(ago((3650 * lib_test.day) + 1)) == late(3651, 92)
}

test_boundary_of_a_parameter if {
	settings := {"settings": {"break-glass-tested": {"days": 30}}}
	warned(object.union(ago(30 * lib_test.day), settings)) == set()
	warned(object.union(ago(31 * lib_test.day), settings)) == late(31, 30)
}

test_missing_parameters_are_strict if {
	every days in [0, -5, null, "900"] {
		settings := {"settings": {"break-glass-tested": {"days": days}}}
		warned(object.union(ago(100 * lib_test.day), settings)) == late(100, 92)
	}
}

test_missing_days_are_warned_of if {
	warned(kept({"testedNs": null})) == never
	warned(kept({"testedNs": "2026-11-01"})) == never
	bare := {"breakGlass": {"bg@x.org": null, "two@x.org": account({})}}
	{v.addresses | some v in warned(lib_test.doc(bare))} == {[""]}
}

test_boundary_of_one_day if {
	settings := {"settings": {"break-glass-tested": {"days": 0.5}}}
	some v in warned(object.union(ago(lib_test.day), settings))
	contains(v.msg, ", 1 day ago; ")
}

test_boundary_of_the_strictest_parameter if {
	settings := {"settings": {"break-glass-tested": {"days": 1}}}
	warned(object.union(ago(2 * lib_test.day), settings)) == late(2, 1)
}
