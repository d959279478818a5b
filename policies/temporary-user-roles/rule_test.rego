package guardrails.temporary_user_roles_test

import data.guardrails.lib_test
import data.guardrails.temporary_user_roles

denied(doc) := found if found := temporary_user_roles.deny with input as doc

address := "binding/user/a@x.org/viewer/-"

bound(over) := lib_test.doc({"changes": [lib_test.change(address, "binding", object.union(
	{"after": {"principal": "user/a@x.org", "role": "viewer"}},
	over,
))]})

granted(grant) := bound({"grant": grant})

until(left) := granted({"until": "2026-12-24T12:00:00Z", "untilNs": lib_test.now + left, "reason": "INC-1"})

said(what) := {
	"id": "temporary-user-roles",
	"msg": sprintf("`%v` binds a role to a user and %v", [address, what]),
	"addresses": [address],
	"_loc": lib_test.source,
}

endless := said("has no `until`; the most is 7 days")

unreasoned := said("gives no reason")

late(left, most) := said(sprintf("ends on `2026-12-24`, after %v days; the most is %v", [left, most]))

test_denies_one_without_an_end if {
	every action in ["declare", "create", "update", "observe"] {
		denied(bound({"action": action, "grant": {"reason": "INC-1"}})) == {endless}
	}
}

test_denies_one_that_ends_late if {
	denied(until(33 * lib_test.day)) == {late(33, 7)}
}

test_denies_one_without_a_reason if {
	every reason in ["", " ", "\t\n"] {
		denied(granted({"untilNs": lib_test.now + lib_test.day, "reason": reason})) == {unreasoned}
	}
}

test_denies_one_with_neither if {
	denied(bound({})) == {endless, unreasoned}
}

test_allows_a_short_one_with_a_reason if {
	denied(until(lib_test.day)) == set()
}

# A role of so many nanoseconds that begins in so many.
later(from, length) := granted({
	"fromNs": lib_test.now + from,
	"until": "2026-12-24T12:00:00Z",
	"untilNs": (lib_test.now + from) + length,
	"reason": "INC-1",
})

test_boundary_of_the_days_from_the_beginning if {
	denied(later(40 * lib_test.day, 7 * lib_test.day)) == set()
	denied(later(40 * lib_test.day, (7 * lib_test.day) + 1)) == {late(8, 7)}

	# What has begun is counted from now on.
	denied(later(-40 * lib_test.day, 47 * lib_test.day)) == set()
	denied(later(-40 * lib_test.day, 48 * lib_test.day)) == {late(8, 7)}
}

test_allows_one_that_has_ended if {
	denied(until(-1)) == set()
}

test_allows_groups_and_removals_and_other_kinds if {
	denied(bound({"after": {"principal": "group/ops", "role": "viewer"}})) == set()
	denied(bound({"action": "delete"})) == set()
	denied(bound({"kind": "user"})) == set()
}

test_allows_a_break_glass_account_that_is_seen if {
	emergency := {"breakGlass": {"a@x.org": {}}}
	denied(object.union(bound({"action": "observe"}), emergency)) == set()
	denied(object.union(bound({"action": "create"}), emergency)) == {endless, unreasoned}
	other := {"breakGlass": {"b@x.org": {}}}
	denied(object.union(bound({"action": "observe"}), other)) == {endless, unreasoned}
}

test_boundary_of_the_days if {
	denied(until(7 * lib_test.day)) == set()
	denied(until((7 * lib_test.day) + 1)) == {late(8, 7)}
	denied(until((7 * lib_test.day) - 1)) == set()
	denied(until(8 * lib_test.day)) == {late(8, 7)}
}

test_boundary_of_a_parameter if {
	settings := {"settings": {"temporary-user-roles": {"days": 2}}}
	denied(object.union(until(2 * lib_test.day), settings)) == set()
	denied(object.union(until(3 * lib_test.day), settings)) == {late(3, 2)}
}

test_missing_parameters_are_strict if {
	every days in [0, -1, null, "99"] {
		settings := {"settings": {"temporary-user-roles": {"days": days}}}
		denied(object.union(until(9 * lib_test.day), settings)) == {late(9, 7)}
	}
}

test_missing_fields_are_denied if {
	every grant in [null, {}, {"untilNs": null, "reason": null}, {"untilNs": "soon", "reason": 1}] {
		denied(bound({"grant": grant})) == {endless, unreasoned}
	}
	every after in [null, {"principal": null}] {
		denied(bound({"after": after})) == {endless, unreasoned}
	}
	denied(granted({"untilNs": -5, "reason": "INC-1"})) == {endless}
	found := denied({"changes": [bound({}).changes[0], {}]})
	{v.addresses | some v in found} == {[address], [""]}
}

test_boundary_of_the_strictest_parameter if {
	settings := {"settings": {"temporary-user-roles": {"days": 1}}}
	one := said("has no `until`; the most is 1 day")
	denied(object.union(granted({"reason": "INC-1"}), settings)) == {one}
	denied(object.union(until(2 * lib_test.day), settings)) == {late(2, 1)}
}
