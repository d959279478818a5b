package guardrails.privileged_reason_test

import data.guardrails.lib_test
import data.guardrails.privileged_reason

denied(doc) := found if found := privileged_reason.deny with input as doc

admins := "binding/group/ops/admin/prod"

granted(fields, change) := lib_test.doc({
	"bindings": {admins: lib_test.binding(admins, object.union(
		{"role": "admin", "privileged": true},
		fields,
	))},
	"changes": [lib_test.change(admins, "binding", change)],
})

said(role) := {{
	"id": "privileged-reason",
	"msg": sprintf("`%v` gives the privileged role `%v` and gives no reason", [admins, role]),
	"addresses": [admins],
	"_loc": lib_test.source,
}}

test_denies_one_without if {
	every action in ["declare", "create", "update", "observe"] {
		denied(granted({}, {"action": action})) == said("admin")
	}
}

test_allows_one_with if {
	denied(granted({"reason": "platform"}, {})) == set()
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
	denied(by_hand("observe", "other@x.org")) == said("admin")
	denied(by_hand("create", "bg@x.org")) == said("admin")
}

test_boundary_of_what_is_written if {
	every value in [" ", "\t", "\n "] {
		denied(granted({"reason": value}, {})) == said("admin")
	}
	denied(granted({"reason": " x "}, {})) == set()
}

test_missing_fields_are_denied if {
	denied(granted({"reason": null}, {})) == said("admin")
	denied(granted({"reason": ["x"]}, {})) == said("admin")
	denied(granted({"privileged": null}, {})) == said("admin")
	denied(granted({}, {"action": null, "kind": null})) == said("admin")
	denied(lib_test.doc({"changes": granted({}, {}).changes})) == said("")
	found := denied(lib_test.doc({"changes": [granted({}, {}).changes[0], {}]}))
	{v.addresses | some v in found} == {[admins], [""]}
}
