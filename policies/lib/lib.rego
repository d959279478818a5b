# METADATA
# title: What guardrails share
# description: >-
#   Reading what may be missing, and the lists that most rules go through. Sets are rules without
#   arguments, so that they are built once; functions never build a collection.
package guardrails.lib

# The value of a key where it is text, else "".
text(obj, key) := value if {
	is_object(obj)
	value := object.get(obj, key, "")
	is_string(value)
} else := ""

# The value of a key where it is a number, else 0.
number(obj, key) := value if {
	is_object(obj)
	value := object.get(obj, key, 0)
	is_number(value)
} else := 0

# The value of a key where it is a list, else [].
items(obj, key) := value if {
	is_object(obj)
	value := object.get(obj, key, [])
	is_array(value)
} else := []

# The value of a key where it is an object, else {}.
object_of(obj, key) := value if {
	is_object(obj)
	value := object.get(obj, key, {})
	is_object(value)
} else := {}

# Whether a key is true; anything else is not.
is_set(obj, key) if {
	is_object(obj)
	object.get(obj, key, false) == true
}

# Whether a key is anything but false; what may not be missed is asked with this.
is_not_denied(obj, key) if not is_denied(obj, key)

is_denied(obj, key) if {
	is_object(obj)
	object.get(obj, key, true) == false
}

# A finding about one thing.
finding(id, thing, msg) := {
	"id": id,
	"msg": msg,
	"addresses": [text(thing, "address")],
	"_loc": place(thing),
}

# The domains of break-glass accounts: no plan makes or moves the claim of one.
break_glass_domains contains domain if {
	some account in object_of(input, "breakGlass")
	domain := text(account, "domain")
	domain != ""
}

# A finding whose remedy is a claim. The one of a break-glass account's domain is made by hand.
claimed(found, domain) := object.union(found, {"remedy": sprintf(
	"`%v` is the domain of a break-glass account: claim it by hand, with somebody signed in by that account, and declare it when the claim is live; or move the account to a domain of its own first",
	[domain],
)}) if {
	domain in break_glass_domains
} else := found

# Where a thing was written, or null.
place(thing) := value if {
	is_object(thing)
	value := object.get(thing, "source", null)
} else := null

# A number of things in words, for those that take an `s`.
counted(1, thing) := sprintf("1 %v", [thing])

counted(n, thing) := sprintf("%v %vs", [n, thing]) if n != 1

# The day of an instant, which people write and read.
date(obj, key) := substring(text(obj, key), 0, 10)

# The parameters of a rule.
settings(id) := object_of(object_of(input, "settings"), id)

# A day, in nanoseconds.
day := 86400000000000

# Begun days, counted in whole numbers: nanoseconds are too many for a fraction to be exact.
begun_days(ns) := (n - (n % day)) / day if n := (ns + day) - 1

now := number(input, "nowNs")

changes := items(input, "changes")

users := object_of(input, "users")

groups := object_of(input, "groups")

bindings := object_of(input, "bindings")

domains := object_of(input, "domains")

# What is behind the last `@` of a name, or "".
behind_at(name) := parts[count(parts) - 1] if {
	parts := split(name, "@")
	count(parts) > 1
} else := ""

# The domain of a user: as the index says, else by the name.
domain_of(name) := value if {
	value := text(object_of(users, name), "domain")
	value != ""
} else := behind_at(name)

# The changes by what they are about: most rules look at one kind only.
user_changes := {c | some c in changes; c.kind == "user"}

group_changes := {c | some c in changes; c.kind == "group"}

membership_changes := {c | some c in changes; c.kind == "membership"}

binding_changes := {c | some c in changes; c.kind == "binding"}

domain_changes := {c | some c in changes; c.kind == "domain"}

of_a_kind := {c |
	some c in changes
	c.kind in {"user", "group", "membership", "binding", "domain"}
}

# What does not say what it is about may be about anything.
kindless := {c | some c in all_changes - of_a_kind; text(c, "kind") == ""}

all_changes := {c | some c in changes}

created := {c | some c in changes; c.action == "create"}

deleted := {c | some c in changes; c.action == "delete"}

# What may be about somebody protected, for nothing says that it is not.
protected_changes := all_changes - {c | some c in changes; c.touchesProtected == false}

# What says how things are to be, or are: everything but what is taken away.
standing := all_changes - deleted

# Roles that are given, or held.
granted := (binding_changes | kindless) - deleted

# Those to somebody who is no group, or nobody knows.
granted_directly := granted - {c |
	some c in granted
	is_string(c.after.principal)
	startswith(c.after.principal, "group/")
}

# Those with a reason that is not blank.
granted_with_reason := {c |
	some c in granted
	is_string(c.grant.reason)
	trim_space(c.grant.reason) != ""
}

# Those of bindings that may be privileged.
granted_privilege contains c if {
	some c in granted
	address := text(c, "address")
	not address in unprivileged_bindings
}

# A user comes into a domain who is made, or gets a name in another domain.
coming contains name if {
	some c in user_changes
	c.action == "create"
	name := trim_prefix(text(c, "address"), "user/")
}

coming contains name if {
	some c in user_changes
	c.action == "update"
	"userName" in c.fields
	is_array(c.fields)
	name := trim_prefix(text(c, "address"), "user/")
	behind_at(lower(text(object_of(c, "before"), "userName"))) != domain_of(name)
}

# The domain that they come into, by name.
domain_of_coming := {name: domain_of(name) | some name in coming}

gained := items(object_of(input, "access"), "gained")

lost := items(object_of(input, "access"), "lost")

gains := {x | some x in gained}

# What people have by another way already is no gain.
new_gains := gains - {x | some x in gained; x.already == true}

# What may be privileged, for nothing says that it is not.
privileged_gains := gains - {x | some x in gained; x.privileged == false}

privileged_bindings := object.keys(bindings) - unprivileged_bindings

unprivileged_bindings := {address | some address, b in bindings; b.privileged == false}

# Only what is a list has a first item.
groups_with_roles := {name | some name, group in groups; _ = group.roles[0]} - absent_groups

absent_groups := {name | some name, group in groups; group.present == false}

users_with_roles := {name | some name, user in users; _ = user.roles[0]}

users_in_groups := {name | some name, user in users; _ = user.groups[0]}

# Who is there and active in the end. All others have left.
staff := {name | some name, user in users; user.present == true; user.active == true}

# Why nobody can be a user in the end.
gone(user) := "is not there" if not is_set(user, "present")

else := "is not active" if not is_set(user, "active")

leavers := object.keys(users) - staff

# The tenants to whose directories domains belong.
tenant_of_domain := {name: text(d, "tenant") | some name, d in domains; text(d, "tenant") != ""}

# The tenant of each user in a domain of one. Whom the index gives a domain of no tenant has none.
tenant_of_user := {name: tenant |
	some name in object.keys(users) - {u | some u, user in users; user.domain in own_domains}
	tenant := tenant_of_domain[domain_of(name)]
}

own_domains := (object.keys(domains) - object.keys(tenant_of_domain)) - {""}

workspaces := object_of(input, "workspaces")

tenant_workspaces := {name | some name, w in workspaces; text(w, "via") != ""}

# What certainly is no tenant's.
own_workspaces := (object.keys(workspaces) | {""}) - tenant_workspaces

tenant_gains := gains - {x | some x in gained; x.workspace in own_workspaces}
