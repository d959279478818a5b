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

# A user comes into a domain who is made, or gets a name in another domain.
comes(c, _) if text(c, "action") == "create"

comes(c, domain) if {
	text(c, "action") == "update"
	"userName" in items(c, "fields")
	behind_at(lower(text(object_of(c, "before"), "userName"))) != domain
}

# Who comes into a domain by this plan, by name.
coming contains name if {
	some c in changes
	text(c, "kind") == "user"
	name := trim_prefix(text(c, "address"), "user/")
	comes(c, domain_of(name))
}

gained := items(object_of(input, "access"), "gained")

lost := items(object_of(input, "access"), "lost")

# What says how things are to be, or are: everything but what is taken away.
standing contains c if {
	some c in changes
	text(c, "action") != "delete"
}

# Roles that are given, or held.
granted contains c if {
	some c in standing
	text(c, "kind") in {"binding", ""}
}
