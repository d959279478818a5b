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

# The parameters of a rule.
settings(id) := object_of(object_of(input, "settings"), id)

# A day, in nanoseconds.
day := 86400000000000

now := number(input, "nowNs")

changes := items(input, "changes")

users := object_of(input, "users")

groups := object_of(input, "groups")

bindings := object_of(input, "bindings")

domains := object_of(input, "domains")

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
