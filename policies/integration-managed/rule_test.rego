package guardrails.integration_managed_test

import data.guardrails.integration_managed
import data.guardrails.lib_test

changing(over) := lib_test.doc({"changes": [lib_test.change(
	"group/ops", "group",
	object.union({"managedBy": "okta"}, over),
)]})

denied := count(integration_managed.deny)

test_denies_a_change_of_what_others_manage if {
	every action in ["create", "update", "delete"] {
		found := integration_managed.deny with input as changing({"action": action})
		found == {{
			"id": "integration-managed",
			"msg": sprintf(
				"`group/ops` is managed by `okta`, and this plan would %v it",
				[action],
			),
			"addresses": ["group/ops"],
			"_loc": lib_test.source,
		}}
	}
}

test_denies_every_kind if {
	every kind in ["user", "group", "membership", "binding", "domain"] {
		denied == 1 with input as changing({"kind": kind})
	}
}

test_allows_what_nobody_else_manages if denied == 0 with input as changing({"managedBy": ""})

test_allows_what_is_declared_or_there if {
	denied == 0 with input as changing({"action": "declare"})
	denied == 0 with input as changing({"action": "observe"})
}

test_boundary_of_a_last_change_that_lacks_fields if {
	two := {"changes": array.concat(changing({}).changes, [{"address": "group/g"}, null])}
	found := integration_managed.deny with input as two
	{v.addresses | some v in found} == {["group/ops"]}
}

test_missing_manager_is_nobody if {
	denied == 0 with input as changing({"managedBy": null})
	denied == 1 with input as changing({"source": null, "kind": null})
}
