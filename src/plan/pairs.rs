//! Pairs the values of two lists that are compared without order (RFC 7643 section 2.4), in time
//! that grows with their length: a list comes from a server, and may be as long as it likes.

use std::collections::BTreeMap;

use serde_json::Value;

/// How many values are paired by trying all with all.
const FEW: usize = 8;

/// How two values of a list are compared.
pub(super) struct Pairing<'a> {
    /// Whether what is found says what is asked.
    pub(super) same: &'a dyn Fn(&Value, &Value) -> bool,
    /// Facts about a value, as text. A value that says what another asks has all facts that this
    /// has, and perhaps more: those with the rarest fact are the only candidates.
    pub(super) facts: &'a dyn Fn(&Value) -> Vec<String>,
}

impl Pairing<'_> {
    /// Whether every element of `asked` has one of its own in `found`, and none is left over.
    ///
    /// Equal values are paired first, which never spoils a pairing of the others: whatever says
    /// more than one of them would also do for the other.
    pub(super) fn pair_off(&self, asked: &[Value], found: &[Value]) -> bool {
        if asked.len() != found.len() {
            return false;
        }
        let (asked, found) =
            if asked.len() <= FEW { few_unequal(asked, found) } else { unequal(asked, found) };
        if asked.len() <= FEW {
            self.all_with_all(&asked, &found)
        } else {
            self.by_facts(&asked, &found)
        }
    }

    fn all_with_all(&self, asked: &[&Value], found: &[&Value]) -> bool {
        let mut taken_by = vec![None; found.len()];
        (0..asked.len()).all(|at| self.place(at, (asked, found), &mut taken_by, &mut Vec::new()))
    }

    /// Finds a partner for the value at `at`, moving others to another partner where that helps.
    fn place(
        &self,
        at: usize,
        (asked, found): (&[&Value], &[&Value]),
        taken_by: &mut [Option<usize>],
        tried: &mut Vec<usize>,
    ) -> bool {
        let Some(one) = asked.get(at) else { return false };
        for (place, other) in found.iter().enumerate() {
            if tried.contains(&place) || !(self.same)(one, other) {
                continue;
            }
            tried.push(place);
            let holder = taken_by.get(place).copied().flatten();
            if holder.is_none_or(|other| self.place(other, (asked, found), taken_by, tried)) {
                if let Some(slot) = taken_by.get_mut(place) {
                    *slot = Some(at);
                }
                return true;
            }
        }
        false
    }

    /// Pairs those that ask most first, each with the first free candidate.
    fn by_facts(&self, asked: &[&Value], found: &[&Value]) -> bool {
        let mut with: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, value) in found.iter().enumerate() {
            for fact in (self.facts)(value) {
                with.entry(fact).or_default().push(place);
            }
        }
        with.insert(String::new(), (0..found.len()).collect());
        let mut asked: Vec<(Vec<String>, &Value)> =
            asked.iter().map(|value| ((self.facts)(value), *value)).collect();
        asked.sort_by_key(|(facts, _)| std::cmp::Reverse(facts.len()));
        let mut is_taken = vec![false; found.len()];
        asked.into_iter().all(|(mut facts, value)| {
            facts.push(String::new());
            let count = |fact: &String| with.get(fact).map_or(0, Vec::len);
            let Some(rarest) = facts.iter().min_by_key(|fact| count(fact)) else { return false };
            let Some(candidates) = with.get_mut(rarest) else { return false };
            let mut at = 0;
            while let Some(place) = candidates.get(at).copied() {
                let Some(taken) = is_taken.get_mut(place) else { return false };
                let is_it =
                    !*taken && found.get(place).is_some_and(|other| (self.same)(value, other));
                if *taken || is_it {
                    candidates.swap_remove(at);
                    *taken = true;
                } else {
                    at += 1;
                }
                if is_it {
                    return true;
                }
            }
            false
        })
    }
}

/// What is left of two short lists when equal values are paired.
fn few_unequal<'a>(asked: &'a [Value], found: &'a [Value]) -> (Vec<&'a Value>, Vec<&'a Value>) {
    let mut free: Vec<&Value> = found.iter().collect();
    let mut rest = Vec::new();
    for one in asked {
        match free.iter().position(|other| *other == one) {
            Some(at) => drop(free.remove(at)),
            None => rest.push(one),
        }
    }
    (rest, free)
}

/// What is left of two lists when equal values are paired.
fn unequal<'a>(asked: &'a [Value], found: &'a [Value]) -> (Vec<&'a Value>, Vec<&'a Value>) {
    let mut free: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for value in found {
        free.entry(value.to_string()).or_default().push(value);
    }
    let is_left =
        |one: &&Value| free.get_mut(&one.to_string()).and_then(|same| same.pop()).is_none();
    let rest = asked.iter().filter(is_left).collect();
    (rest, free.into_values().flatten().collect())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde_json::json;

    use super::*;

    /// Whether `found` has every part that `asked` has.
    fn covers(asked: &Value, found: &Value) -> bool {
        match (asked, found) {
            (Value::Object(asked), Value::Object(found)) => {
                asked.iter().all(|(name, value)| found.get(name) == Some(value))
            }
            _ => asked == found,
        }
    }

    fn parts(value: &Value) -> Vec<String> {
        match value {
            Value::Object(map) => map.iter().map(|(name, part)| format!("{name}={part}")).collect(),
            other => vec![other.to_string()],
        }
    }

    /// The answer, and how many comparisons it took.
    fn pair(asked: &[Value], found: &[Value]) -> (bool, usize) {
        let count = Cell::new(0);
        let same = |asked: &Value, found: &Value| {
            count.set(count.get() + 1);
            covers(asked, found)
        };
        let answer = Pairing { same: &same, facts: &parts }.pair_off(asked, found);
        (answer, count.get())
    }

    #[test]
    fn long_lists_take_few_comparisons_whatever_is_in_them() {
        const COUNT: usize = 2_000;
        let list = |make: &dyn Fn(usize) -> Value| -> Vec<Value> { (0..COUNT).map(make).collect() };
        let shapes: [(&str, Vec<Value>, Vec<Value>, bool); 8] = [
            (
                "reversed",
                list(&|n| json!({"value": n})),
                list(&|n| json!({"value": COUNT - 1 - n})),
                true,
            ),
            (
                "more said",
                list(&|n| json!({"value": n})),
                list(&|n| json!({"value": n, "display": 1})),
                true,
            ),
            (
                "one value",
                list(&|n| json!({"value": 1, "type": n})),
                list(&|n| json!({"value": 1, "type": COUNT - 1 - n, "display": n})),
                true,
            ),
            (
                "all alike",
                list(&|_| json!({"value": 1})),
                list(&|n| json!({"value": 1, "display": n})),
                true,
            ),
            ("asks nothing", list(&|_| json!({})), list(&|n| json!({"value": n})), true),
            ("texts", list(&|n| json!(n)), list(&|n| json!(COUNT - 1 - n)), true),
            (
                "others",
                list(&|n| json!({"value": n})),
                list(&|n| json!({"value": n + 1, "display": 1})),
                false,
            ),
            (
                "one more",
                list(&|n| json!({"value": n})),
                list(&|n| json!({"value": n / 2, "display": n})),
                false,
            ),
        ];
        for (name, asked, found, expected) in shapes {
            let (answer, count) = pair(&asked, &found);
            assert_eq!(answer, expected, "{name}");
            assert!(count <= 4 * COUNT, "{name}: {count} comparisons of {COUNT} values");
        }
    }

    #[test]
    fn short_lists_are_paired_whenever_they_can_be() {
        let value = |number: usize| {
            let mut value = serde_json::Map::new();
            for (name, digit) in [("a", number % 3), ("b", number / 3 % 3)] {
                if digit > 0 {
                    value.insert(name.to_owned(), json!(digit));
                }
            }
            Value::Object(value)
        };
        let triples =
            || (0..9_usize.pow(3)).map(|n| [value(n % 9), value(n / 9 % 9), value(n / 81)]);
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        for asked in triples() {
            for found in triples().step_by(7) {
                let fits =
                    |order: &[usize; 3]| (0..3).all(|at| covers(&asked[at], &found[order[at]]));
                let expected = orders.iter().any(fits);
                assert_eq!(pair(&asked, &found).0, expected, "{asked:?} {found:?}");
            }
        }
    }

    #[test]
    fn the_long_way_agrees_with_the_short_one() {
        let filler = |n: usize| json!({"value": format!("filler {n}"), "display": "d"});
        let asks = [json!({"a": 1}), json!({"a": 1, "b": 2}), json!({"b": 2}), json!({"a": 2})];
        let says = [
            json!({"a": 1, "b": 2, "c": 1}),
            json!({"a": 1, "c": 2}),
            json!({"b": 2, "c": 3}),
            json!({"a": 2, "c": 4}),
        ];
        for (more, last, expected) in [(0, 4, true), (40, 4, true), (0, 3, false), (40, 3, false)] {
            let mut asked: Vec<Value> =
                (0..more).map(|n| json!({"value": format!("filler {n}")})).collect();
            let mut found: Vec<Value> = (0..more).rev().map(filler).collect();
            asked.extend(asks.clone());
            found.extend(says[..last].to_vec());
            found.extend(vec![json!({"a": 3}); 4 - last]);
            assert_eq!(pair(&asked, &found).0, expected, "{more} {last}");
        }
    }
}
