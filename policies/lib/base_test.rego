# A complete document about nothing, and complete things to put into it: every key is there, as
# `muster` writes it. Tests say only what matters to them. The tests of `lib` itself are in
# `rules_test.rego`: where the value of a `with` reads a constant of another package, the engine
# evaluates that package whole, and then takes what it used of `lib` for evaluated and undefined.
package guardrails.lib_test

# The time of every test: 2026-11-21T12:00:00Z.
now := 1795262400000000000

day := 86400000000000

empty := {
	"schema": "muster/input/v1",
	"point": "plan",
	"organization": "acme",
	"target": "greenlake",
	"holds": ["user", "group", "membership", "binding", "domain"],
	"now": "2026-11-21T12:00:00Z",
	"nowNs": now,
	"actor": "",
	"run": "local",
	"protected": {"users": [], "groups": []},
	"administrators": {"roles": [], "groups": [], "before": [], "after": []},
	"privileged": [],
	"breakGlass": {},
	"summary": {"create": 0, "update": 0, "delete": 0},
	"settings": {},
	"waivers": [],
	"workspaces": {},
	"users": {},
	"groups": {},
	"bindings": {},
	"domains": {},
	"access": {"gained": [], "lost": []},
	"changes": [],
}

# The empty document with `over` laid over it.
doc(over) := object.union(empty, over)

source := {"file": "a.yaml", "line": 3, "column": 5}

change(address, kind, over) := object.union(
	{
		"address": address,
		"kind": kind,
		"action": "create",
		"before": null,
		"after": {},
		"fields": [],
		"reason": "declared",
		"removes": false,
		"touchesProtected": false,
		"managedBy": "",
		"source": source,
		"grant": {
			"from": "", "fromNs": 0, "until": "", "untilNs": 0, "reason": "", "owner": "",
			"reviewed": "", "reviewedNs": 0, "reviewedBy": "",
		},
	},
	over,
)

user(name, over) := object.union(
	{
		"address": sprintf("user/%v", [name]),
		"declared": true, "live": true, "present": true, "active": true,
		"domain": "x.org", "class": "", "pseudoAddress": false, "managedBy": "",
		"protected": false, "breakGlass": false,
		"created": "", "createdNs": 0, "lastLogin": "", "lastLoginNs": 0,
		"groups": [], "roles": [], "rolesBefore": [],
		"source": source,
	},
	over,
)

group(name, over) := object.union(
	{
		"address": sprintf("group/%v", [name]),
		"declared": true, "live": true, "present": true, "protected": false, "managedBy": "",
		"owner": "", "baseline": null, "allows": [], "members": 1, "membersBefore": 1,
		"roles": [], "parents": [], "children": [], "cycle": [], "sameMembers": [],
		"sameMembersCount": 0, "alsoMade": [],
		"privileged": false,
		"source": source,
	},
	over,
)

binding(address, over) := object.union(
	{
		"address": address,
		"role": "viewer", "workspace": "prod", "scope": ["workspace"], "principal": "group/ops",
		"privileged": false, "declared": true, "live": true, "present": true, "managedBy": "",
		"from": "", "fromNs": 0, "until": "", "untilNs": 0, "reason": "", "owner": "",
		"reviewed": "", "reviewedNs": 0, "reviewedBy": "",
		"source": source,
	},
	over,
)

domain(name, over) := object.union(
	{
		"address": sprintf("domain/%v", [name]),
		"declared": true, "live": true, "present": true, "owner": "", "sso": "", "ssoBefore": "",
		"state": "verified", "verified": true, "lastVerified": "", "lastVerifiedNs": 0,
		"parent": "", "tenant": "", "routable": true, "users": 0, "usersBefore": 0, "examples": [],
		"managedBy": "",
		"source": source,
	},
	over,
)

access(name, over) := object.union(
	{
		"user": name,
		"address": sprintf("user/%v", [name]),
		"role": "viewer", "workspace": "prod", "scope": ["workspace"], "via": "group/ops",
		"binding": "binding/group/ops/viewer/prod",
		"membership": sprintf("membership/ops/%v", [name]),
		"privileged": false, "already": false,
		"until": "", "untilNs": 0, "reason": "", "owner": "",
		"source": source,
	},
	over,
)

test_allows_to_say_what_matters_only if {
	doc({"actor": "a"}).actor == "a"
	doc({}).nowNs == now
	now + day > now
	user("a@x.org", {"class": "c"}).class == "c"
}
