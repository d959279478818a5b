//! Keys that a finding reads and the input document never has: `c.adress` of `some c in
//! input.changes`. The finding would be undefined for ever, so the rule does not load.
//!
//! Only what is certain is refused: a variable that one statement binds, to a part of the document
//! whose keys are fixed. The fields of an object (`after`, `before`) are not.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{Expr, Literal, Module, Rule, RuleHead};
use serde_json::Value as Json;

use super::at::at;
use super::shadow;
use super::syntax::{self, Path, Seen};
use crate::config::nearest;
use crate::guard::Problem;

/// The schemas that a value may have; `None`: nothing is known of it.
type Shapes<'s> = Option<Vec<&'s Json>>;

/// The problems of the findings in `module`, by the JSON Schema of the input document.
pub(super) fn problems(module: &Module, schema: &Json) -> Vec<Problem> {
    let schema = Schema { root: schema };
    let of_rule = |rule: &Rule| {
        let shapes = bound(rule, &schema);
        let mut problems = Vec::new();
        for statement in shadow::findings(rule) {
            syntax::walk_statement(statement, &mut |seen| {
                if let Seen::Name(path) = seen {
                    problems.extend(unknown(&path, &shapes, &schema));
                }
            });
        }
        problems
    };
    module.policy.iter().flat_map(|rule| of_rule(rule)).collect()
}

fn unknown(
    path: &Path<'_>,
    bound: &BTreeMap<String, Shapes<'_>>,
    schema: &Schema<'_>,
) -> Option<Problem> {
    let mut shapes = start(path.root, bound, schema)?;
    for step in &path.steps {
        shapes = match schema.step(&shapes, *step) {
            Step::Into(next) => next,
            Step::Unknown => return None,
            Step::Missing(names) => {
                let name = (*step)?;
                let what = format!(
                    "the finding reads `{}`, and the input document has no `{name}` there: the rule \
                     would be silent",
                    path.shown()
                );
                let remedy = match nearest(name, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if names.is_empty() => {
                        "take it out: what it is read from has no keys".into()
                    }
                    None => format!(
                        "it has {}; what a user or group says is below `after` and `before`",
                        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
                    ),
                };
                return Some(at(path.span, what, &remedy));
            }
        };
    }
    None
}

fn start<'s>(root: &str, bound: &BTreeMap<String, Shapes<'s>>, schema: &Schema<'s>) -> Shapes<'s> {
    match bound.get(root) {
        Some(shapes) => shapes.clone(),
        None => (root == "input").then(|| vec![schema.root]),
    }
}

/// The bindings of the variables of a rule, where they are certain. A name that is bound in two
/// places, or declared for later, may be two variables.
fn bound<'s>(rule: &Rule, schema: &Schema<'s>) -> BTreeMap<String, Shapes<'s>> {
    let mut binders: Vec<(String, Option<Binder<'_>>)> = Vec::new();
    syntax::walk_rule(rule, &mut |seen| {
        if let Seen::Stands(literal) = seen {
            binders_of(literal, &mut binders);
        }
    });
    if let Rule::Spec { head: RuleHead::Func { args, .. }, .. } = rule {
        binders.extend(args.iter().filter_map(|arg| Some((name_of(arg)?, None))));
    }
    let mut shapes: BTreeMap<String, Shapes<'s>> = BTreeMap::new();
    let mut twice: BTreeSet<&String> = BTreeSet::new();
    let mut once: BTreeSet<&String> = BTreeSet::new();
    for (name, _) in &binders {
        if !once.insert(name) {
            twice.insert(name);
        }
    }
    for name in &once {
        shapes.insert((*name).clone(), None);
    }
    // A variable may be bound to a part of another: as often as there are some.
    for _ in &binders {
        for (name, binder) in &binders {
            let Some(binder) = binder.as_ref().filter(|_| !twice.contains(name)) else { continue };
            let found = binder.shapes(&shapes, schema);
            shapes.insert(name.clone(), found);
        }
    }
    shapes
}

/// The binding of a variable: to a value, or to the members of one.
struct Binder<'a> {
    of: &'a Expr,
    is_member: bool,
}

impl Binder<'_> {
    fn shapes<'s>(&self, bound: &BTreeMap<String, Shapes<'s>>, schema: &Schema<'s>) -> Shapes<'s> {
        let (path, _) = syntax::path(self.of)?;
        let mut shapes = start(path.root, bound, schema)?;
        let members = self.is_member.then_some(None);
        for step in path.steps.iter().copied().chain(members) {
            let Step::Into(next) = schema.step(&shapes, step) else { return None };
            shapes = next;
        }
        Some(shapes)
    }
}

fn binders_of<'a>(literal: &'a Literal, binders: &mut Vec<(String, Option<Binder<'a>>)>) {
    match literal {
        Literal::SomeIn { key, value, collection, .. } => {
            let key = key.as_ref().and_then(|key| name_of(key));
            binders.extend(key.map(|name| (name, None)));
            let of = collection.as_ref();
            binders.extend(name_of(value).map(|name| (name, Some(Binder { of, is_member: true }))));
        }
        Literal::Expr { expr, .. } => {
            if let Expr::AssignExpr { lhs, rhs, .. } = expr.as_ref() {
                let of = rhs.as_ref();
                let name = name_of(lhs);
                binders.extend(name.map(|name| (name, Some(Binder { of, is_member: false }))));
            }
        }
        Literal::SomeVars { vars, .. } => {
            // Twice: bound by a statement that does not look like one.
            let names = vars.iter().map(|span| span.text().to_owned());
            binders.extend(names.flat_map(|name| [(name.clone(), None), (name, None)]));
        }
        Literal::Every { key, value, .. } => {
            let names = key.iter().chain([value]).map(|span| span.text().to_owned());
            binders.extend(names.map(|name| (name, None)));
        }
        Literal::NotExpr { .. } => {}
    }
}

fn name_of(expr: &Expr) -> Option<String> {
    syntax::variable(expr).map(str::to_owned)
}

/// Where a step into a value leads.
enum Step<'s> {
    Into(Vec<&'s Json>),
    Unknown,
    /// Nowhere: the keys that there are.
    Missing(BTreeSet<&'s str>),
}

/// The JSON Schema of the input document.
struct Schema<'s> {
    root: &'s Json,
}

impl<'s> Schema<'s> {
    /// One step into values of these shapes: to a key, or (`None`) to any member.
    fn step(&self, shapes: &[&'s Json], to: Option<&str>) -> Step<'s> {
        let (mut next, mut names) = (Vec::new(), BTreeSet::new());
        let mut open: Vec<&Json> = shapes.to_vec();
        while let Some(shape) = open.pop() {
            let Some(keys) = shape.as_object() else { return Step::Unknown };
            if let Some(other) = keys.get("$ref").and_then(Json::as_str) {
                let Some(found) = other.strip_prefix('#').and_then(|it| self.root.pointer(it))
                else {
                    return Step::Unknown;
                };
                open.push(found);
                continue;
            }
            let choices = ["anyOf", "oneOf"].iter().filter_map(|word| keys.get(*word)?.as_array());
            let choices: Vec<&Json> = choices.flatten().collect();
            if !choices.is_empty() {
                open.extend(choices);
                continue;
            }
            let others = keys.get("additionalProperties");
            match (keys.get("properties").and_then(Json::as_object), keys.get("items"), to) {
                (Some(known), _, Some(name)) => match known.get(name).or(others) {
                    Some(found) => next.push(found),
                    None => names.extend(known.keys().map(String::as_str)),
                },
                (Some(known), _, None) => next.extend(known.values().chain(others)),
                (None, Some(items), None) => next.push(items),
                (None, Some(_), Some(_)) => {}
                (None, None, _) => match others {
                    Some(found) => next.push(found),
                    None if is_scalar(shape) => {}
                    None => return Step::Unknown,
                },
            }
        }
        if next.is_empty() { Step::Missing(names) } else { Step::Into(next) }
    }
}

/// Whether a shape is text, a number, a truth value or null: nothing that has keys.
fn is_scalar(shape: &Json) -> bool {
    let is_one =
        |word: &Json| word.as_str().is_some_and(|word| !matches!(word, "object" | "array"));
    let of_type = shape.get("type").is_some_and(|types| match types {
        Json::Array(all) => all.iter().all(is_one),
        one => is_one(one),
    });
    of_type || shape.get("const").or(shape.get("enum")).is_some()
}

#[cfg(test)]
mod tests {
    use super::super::load::tests::said;

    #[test]
    fn a_key_that_the_document_never_has_is_refused_with_its_place() {
        for (body, at, expected) in [
            ("some c in input.changes\n\tv := {\"msg\": c.adress}", "14:", "mean `address`?"),
            (
                "some c in input.changes\n\tv := {\"msg\": \"m\", \"addresses\": [c.adress]}",
                "14:",
                "mean `address`?",
            ),
            ("c := input.changes[_]\n\tv := {\"msg\": c.grant.untill}", "14:", "mean `until`?"),
            (
                "some c in input.changes\n\tg := c.grant\n\tv := {\"msg\": sprintf(\"%v\", [g.unti1])}",
                "15:",
                "mean `until`?",
            ),
            (
                "some i, c in input.changes\n\tv := {\"msg\": sprintf(\"%v %v\", [i, c.reson])}",
                "14:",
                "mean `reason`?",
            ),
            ("input.actor\n\tv := {\"msg\": input.changes[0].adress}", "14:", "mean `address`?"),
            ("input.actor\n\tv := {\"msg\": input.summary.created}", "14:", "mean `create`?"),
            ("some u in input.users\n\tname := u.userNam\n\tv := {\"msg\": name}", "14:", "there"),
            (
                "input.actor\n\tv := {\"msg\": concat(\"\", [x | some c in input.changes; x := c.adress])}",
                "14:",
                "mean `address`?",
            ),
            ("some w in input.waivers\n\tv := {\"msg\": w.rule.name}", "14:", "has no keys"),
            (
                "some a in input.access.gained\n\tv := {\"msg\": a.binding, \"remedy\": a.rol}",
                "14:",
                "mean `role`?",
            ),
        ] {
            let told = said(&format!("deny contains v if {{\n\t{body}\n}}"));
            assert!(told.contains(&format!("p/own/rule.rego:{at}")), "{body}: {told}");
            assert!(told.contains(expected), "{body}: {told}");
        }
    }

    #[test]
    fn what_may_be_there_is_not_refused() {
        for body in [
            "some c in input.changes; v := {\"msg\": c.after.nickName}",
            "some c in input.changes; v := {\"msg\": c.before.name.givenName, \"source\": c.source.file}",
            "some c in input.changes; c.adress; v := {\"msg\": c.address}",
            "c := {\"adress\": \"x\"}; v := {\"msg\": c.adress}",
            "some c in input.changes; some d in object.get(c, \"x\", []); v := {\"msg\": d.y}",
            "some c in input.changes; v := {\"msg\": concat(\"\", [x | some c in data.guardrails.own.mine; x := c.adress])}",
            "some c; input.changes[c].removes; v := {\"msg\": sprintf(\"%v\", [c])}",
            "some k, u in input.users; v := {\"msg\": k}",
            "v := {\"msg\": said(input.users)}",
            "some name in input.privileged; v := {\"msg\": name}",
        ] {
            let helpers =
                "mine := [{\"adress\": \"x\"}]\nsaid(c) := x if { some d in c; x := d.any }";
            assert_eq!(said(&format!("deny contains v if {{ {body} }}\n{helpers}")), "", "{body}");
        }
    }
}
