package guardrails.group_only_roles_test

import data.guardrails.group_only_roles
import data.guardrails.lib_test

denied(doc) := found if found := group_only_roles.deny with input as doc

address := "binding/user/a@x.org/viewer/-"

binding(action, after) := lib_test.doc({"changes": [lib_test.change(address, "binding", {
	"action": action,
	"after": after,
})]})

to_user := {"principal": "user/a@x.org", "role": "viewer"}

to_group := {"principal": "group/ops", "role": "viewer"}

said(role, principal) := {{
	"id": "group-only-roles",
	"msg": sprintf("`%v` binds the role `%v` to `%v`, which is no group", [address, role, principal]),
	"addresses": [address],
	"_loc": lib_test.source,
}}

test_denies_a_user if {
	every action in ["declare", "create", "update", "observe"] {
		denied(binding(action, to_user)) == said("viewer", "user/a@x.org")
	}
}

test_allows_a_group if {
	every action in ["declare", "create", "update", "observe"] {
		denied(binding(action, to_group)) == set()
	}
}

test_allows_the_removal if {
	denied(binding("delete", null)) == set()
	denied(binding("delete", to_user)) == set()
}

test_allows_other_kinds if {
	denied(lib_test.doc({"changes": [lib_test.change("user/a@x.org", "user", {})]})) == set()
}

emergency(action) := object.union(binding(action, to_user), {"breakGlass": {"a@x.org": {}}})

test_allows_a_break_glass_account_that_is_seen if {
	denied(emergency("observe")) == set()
}

test_denies_a_break_glass_account_that_is_declared if {
	every action in ["declare", "create", "update"] {
		denied(emergency(action)) == said("viewer", "user/a@x.org")
	}
}

test_denies_another_account_that_is_seen if {
	doc := object.union(binding("observe", to_user), {"breakGlass": {"b@x.org": {}}})
	denied(doc) == said("viewer", "user/a@x.org")
}

test_boundary_of_what_a_group_is if {
	every principal in ["groups/ops", "group", "Group/ops", "", "user/group/ops"] {
		denied(binding("create", {"principal": principal, "role": "viewer"})) == said("viewer", principal)
	}
}

test_missing_fields_are_denied if {
	denied(binding("create", {"role": "viewer"})) == said("viewer", "")
	denied(binding("create", {"principal": null, "role": null})) == said("", "")
	denied(binding("create", null)) == said("", "")
	denied(binding(null, to_user)) == said("viewer", "user/a@x.org")
}

test_missing_fields_of_the_last_change_silence_nothing if {
	first := binding("create", to_user).changes[0]
	{v.addresses | some v in denied(lib_test.doc({"changes": [first, {}]}))} == {[address], [""]}
}
