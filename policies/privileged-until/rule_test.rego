package guardrails.privileged_until_test

import data.guardrails.lib_test
import data.guardrails.privileged_until

denied(doc) := found if found := privileged_until.deny with input as doc

admins := "binding/group/ops/admin/prod"

granted(fields, change) := lib_test.doc({
	"bindings": {admins: lib_test.binding(admins, object.union(
		{"role": "admin", "privileged": true},
		fields,
	))},
	"changes": [lib_test.change(admins, "binding", change)],
})

ending(left) := granted({"until": "2027-12-24T12:00:00Z", "untilNs": lib_test.now + left}, {})

said(about, msg) := {
	"id": "privileged-until",
	"msg": sprintf("`%v` %v", [about, msg]),
	"addresses": [about],
	"_loc": lib_test.source,
}

endless := said(admins, "gives the privileged role `admin` and has no `until`; the most is 365 days")

late(left, most) := said(admins, sprintf(
	"gives the privileged role `admin` and ends on `2027-12-24`, after %v days; the most is %v",
	[left, most],
))

test_denies_a_binding_without_an_end if {
	every action in ["declare", "create", "update", "observe"] {
		denied(granted({}, {"action": action})) == {endless}
	}
}

test_denies_a_binding_that_ends_late if {
	denied(ending(398 * lib_test.day)) == {late(398, 365)}
}

# A role of so many days that begins in so many.
later(from, days) := granted(
	{
		"fromNs": lib_test.now + (from * lib_test.day),
		"until": "2027-12-24T12:00:00Z",
		"untilNs": lib_test.now + ((from + days) * lib_test.day),
	},
	{},
)

test_boundary_of_the_days_from_the_beginning if {
	denied(later(40, 365)) == set()
	denied(later(40, 366)) == {late(366, 365)}

	# What has begun is counted from now on.
	denied(later(-40, 405)) == set()
	denied(later(-40, 406)) == {late(366, 365)}
}

test_allows_a_binding_with_an_end if {
	denied(ending(90 * lib_test.day)) == set()
	denied(ending(-1)) == set()
}

test_allows_what_is_not_privileged if {
	denied(granted({"privileged": false}, {})) == set()
}

test_allows_the_removal_and_other_kinds if {
	denied(granted({}, {"action": "delete"})) == set()
	denied(granted({}, {"kind": "group"})) == set()
}

by_hand(action, name) := object.union(
	granted({}, {"action": action, "after": {"principal": "user/bg@x.org"}}),
	{"breakGlass": {name: {}}},
)

test_allows_a_break_glass_account_that_is_seen if {
	denied(by_hand("observe", "bg@x.org")) == set()
	denied(by_hand("observe", "other@x.org")) == {endless}
	denied(by_hand("create", "bg@x.org")) == {endless}
}

member := "membership/ops/a@x.org"

gained(over) := lib_test.access("a@x.org", object.union(
	{"role": "admin", "binding": admins, "privileged": true},
	over,
))

joining(ways, change) := lib_test.doc({
	"access": {"gained": ways, "lost": []},
	"changes": [lib_test.change(member, "membership", change)],
})

brings := "brings the privileged role `admin` by `binding/group/ops/admin/prod` and "

joins := said(member, concat("", [brings, "has no `until`; the most is 365 days"]))

test_denies_a_membership_without_an_end if {
	denied(joining([gained({})], {})) == {joins}
	denied(joining([gained({})], {"action": "update"})) == {joins}
	denied(joining([gained({"already": true})], {})) == {joins}
}

test_denies_a_membership_once_for_all_its_roles if {
	other := gained({"role": "owner", "binding": "binding/group/ops/owner/prod"})
	both := concat("", [
		brings,
		"has no `until`; the most is 365 days, brings the privileged role `owner` by ",
		"`binding/group/ops/owner/prod` and has no `until`; the most is 365 days",
	])
	denied(joining([gained({}), other], {})) == {said(member, both)}
}

test_denies_each_membership_by_itself if {
	other := lib_test.access("b@x.org", {"role": "admin", "binding": admins, "privileged": true})
	doc := lib_test.doc({
		"access": {"gained": [gained({}), other]},
		"changes": [
			lib_test.change(member, "membership", {}),
			lib_test.change("membership/ops/b@x.org", "membership", {}),
		],
	})
	{v.addresses | some v in denied(doc)} == {[member], ["membership/ops/b@x.org"]}
}

test_denies_the_binding_only_where_both_are_new if {
	binding := granted({}, {})
	doc := object.union(binding, {
		"access": {"gained": [gained({})]},
		"changes": [binding.changes[0], lib_test.change(member, "membership", {})],
	})
	denied(doc) == {endless}
}

test_allows_memberships_that_bring_nothing_for_good if {
	denied(joining([gained({"privileged": false})], {})) == set()
	denied(joining([gained({"untilNs": lib_test.now + lib_test.day})], {})) == set()
	denied(joining([gained({"membership": "membership/ops/b@x.org"})], {})) == set()
	denied(joining([], {})) == set()
	denied(joining([gained({})], {"action": "delete"})) == set()
	denied(joining([gained({})], {"kind": "user"})) == set()
}

test_boundary_of_the_days if {
	denied(ending(365 * lib_test.day)) == set()
	denied(ending((365 * lib_test.day) + 1)) == {late(366, 365)}
	denied(ending(366 * lib_test.day)) == {late(366, 365)}
}

test_boundary_of_the_days_of_a_membership if {
	at_the_edge := lib_test.now + (365 * lib_test.day)
	denied(joining([gained({"untilNs": at_the_edge})], {})) == set()
	beyond := gained({"until": "2027-11-21T12:00:01Z", "untilNs": at_the_edge + 1})
	denied(joining([beyond], {})) == {said(member, concat("", [
		brings,
		"ends on `2027-11-21`, after 366 days; the most is 365",
	]))}
}

test_boundary_of_a_parameter if {
	settings := {"settings": {"privileged-until": {"maxDays": 30}}}
	denied(object.union(ending(30 * lib_test.day), settings)) == set()
	denied(object.union(ending(31 * lib_test.day), settings)) == {late(31, 30)}
}

test_missing_parameters_are_strict if {
	every days in [0, -1, null, "9999"] {
		settings := {"settings": {"privileged-until": {"maxDays": days}}}
		denied(object.union(ending(366 * lib_test.day), settings)) == {late(366, 365)}
	}
}

test_missing_fields_are_denied if {
	every until in [null, "soon", -1] {
		denied(granted({"untilNs": until}, {})) == {endless}
		denied(joining([gained({"untilNs": until})], {})) == {joins}
	}
	denied(granted({"privileged": null}, {})) == {endless}
	denied(granted({}, {"action": null})) == {endless}
	denied(joining([gained({"privileged": null})], {})) == {joins}
	unknown := said(admins, "gives the privileged role `` and has no `until`; the most is 365 days")
	denied(lib_test.doc({"changes": granted({}, {}).changes})) == {unknown}
	found := denied(lib_test.doc({"changes": [granted({}, {}).changes[0], {}]}))
	{v.addresses | some v in found} == {[admins], [""]}
	of_no_kind := said(member, "gives the privileged role `` and has no `until`; the most is 365 days")
	denied(joining([gained({})], {"kind": null})) == {of_no_kind, joins}
}

test_boundary_of_the_strictest_parameter if {
	settings := {"settings": {"privileged-until": {"maxDays": 1}}}
	one := said(admins, "gives the privileged role `admin` and has no `until`; the most is 1 day")
	denied(object.union(granted({}, {}), settings)) == {one}
	denied(object.union(ending(2 * lib_test.day), settings)) == {late(2, 1)}
}
