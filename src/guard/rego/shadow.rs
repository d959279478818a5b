//! Findings that a rule would have made and cannot: its body holds, and what it says is undefined.
//! Rego has no word for that but silence, so every such rule gets a companion that speaks then.
//!
//! `deny contains v if { A; v := {"msg": f(x)} }` is asked again as
//! `{ A; count([true | v := {"msg": f(x)}]) == 0 }`. What only makes up the finding, a variable
//! that is used nowhere else, counts to the finding: a lookup that is meant as a condition stands
//! in the body by itself.

use std::collections::BTreeSet;
use std::fmt::Write;

use regorus::Value;
use regorus::unstable::{Expr, Literal, LiteralStmt, Module, Rule, RuleHead, Span};

use super::syntax::{self, Seen};

/// The name of the companions of one package. A rule of that name is refused.
pub(super) const NAME: &str = "muster_undefined_findings";

/// The text of the companions of all rules of `modules`, which are of one package; `None` where no
/// rule needs one. Each is a set of the places (`file:line`) whose finding is undefined.
pub(super) fn companions(package: &str, module: &Module) -> Option<String> {
    let mut text = String::new();
    for rule in &module.policy {
        companion(rule, &mut text);
    }
    if text.is_empty() {
        return None;
    }
    let imports: Vec<&str> = module.imports.iter().map(|import| import.span.text()).collect();
    Some(format!("package {package}\n\n{}\n\n{text}", imports.join("\n")))
}

/// The statements of each body of a rule that make up its finding; none for a rule that makes none.
pub(super) fn findings(rule: &Rule) -> impl Iterator<Item = &LiteralStmt> {
    let bodies = bodies(rule).into_iter();
    let all = bodies.flat_map(|(statements, making)| statements.iter().zip(making));
    all.filter_map(|(one, is_making)| is_making.then_some(one))
}

/// The bodies of a rule that end in a finding, and which of their statements make it up.
fn bodies(rule: &Rule) -> Vec<(&[LiteralStmt], Vec<bool>)> {
    let Rule::Spec { head: RuleHead::Set { refr, key: Some(key), .. }, bodies, .. } = rule else {
        return Vec::new();
    };
    let (Some(finding), Some((name, _))) = (syntax::variable(key), syntax::path(refr)) else {
        return Vec::new();
    };
    let of_body = |statements: &'_ [LiteralStmt]| {
        let making = making(finding, statements);
        let is_made = statements.iter().zip(&making).any(|(statement, is_making)| {
            *is_making
                && assigned(statement).is_some_and(|(name, value)| name == finding && says(value))
        });
        let asked = is_made || super::lint::level_of(name.root).is_some();
        (asked && making.contains(&true)).then_some(making)
    };
    let all = bodies.iter().map(|body| body.query.stmts.as_slice());
    all.filter_map(|statements| Some((statements, of_body(statements)?))).collect()
}

fn companion(rule: &Rule, text: &mut String) {
    for (statements, making) in bodies(rule) {
        let of = |wanted: bool| {
            let parts =
                statements.iter().zip(&making).filter(move |(_, making)| **making == wanted);
            parts.map(|(statement, _)| whole(&statement.span)).collect::<Vec<_>>().join("\n\t")
        };
        let span = rule.span();
        let place = format!("{}:{}", span.source.get_path(), span.line);
        let place = serde_json::Value::from(place);
        let _ = write!(
            text,
            "{NAME} contains {place} if {{\n\t{}\n\tcount([true |\n\t{}\n\t]) == 0\n}}\n\n",
            of(false),
            of(true),
        );
    }
}

/// The text of a span with the quotes of a string that it begins or ends with, which the engine
/// leaves out.
fn whole(span: &Span) -> &str {
    let all = span.source.contents();
    let is_quote = |at: usize| matches!(all.as_bytes().get(at), Some(b'"' | b'`'));
    let (start, end) = (span.start as usize, span.end as usize);
    let start = start.checked_sub(1).filter(|before| is_quote(*before)).unwrap_or(start);
    let end = if is_quote(end) { end + 1 } else { end };
    all.get(start..end).unwrap_or_default()
}

/// Whether a value is a finding that is written out.
fn says(value: &Expr) -> bool {
    let Expr::Object { fields, .. } = value else { return false };
    fields.iter().any(|(_, key, _)| {
        matches!(key.as_ref(), Expr::String { value: Value::String(name), .. } if &**name == "msg")
    })
}

/// The variable that a statement assigns, and what to it.
fn assigned(statement: &LiteralStmt) -> Option<(&str, &Expr)> {
    let Literal::Expr { expr, .. } = &statement.literal else { return None };
    let Expr::AssignExpr { lhs, rhs, .. } = expr.as_ref() else { return None };
    Some((syntax::variable(lhs)?, rhs.as_ref()))
}

/// The statements that do nothing but make up the finding: they assign a variable that only such
/// statements use, or the finding itself.
fn making(finding: &str, statements: &[LiteralStmt]) -> Vec<bool> {
    let uses: Vec<BTreeSet<&str>> = statements.iter().map(used).collect();
    let mut making: Vec<bool> = statements.iter().map(|_| false).collect();
    loop {
        let is_new = |(at, statement): (usize, &LiteralStmt)| {
            let (name, _) = assigned(statement).filter(|_| making.get(at) == Some(&false))?;
            let others = uses.iter().zip(&making).enumerate().filter(|(other, _)| *other != at);
            let mut using = others.filter(|(_, (uses, _))| uses.contains(name)).peekable();
            let is_used = using.peek().is_some() || name == finding;
            (is_used && using.all(|(_, (_, making))| *making)).then_some(at)
        };
        let Some(next) = statements.iter().enumerate().find_map(is_new) else { return making };
        if let Some(one) = making.get_mut(next) {
            *one = true;
        }
    }
}

/// Every name in a statement.
fn used(statement: &LiteralStmt) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    syntax::walk_statement(statement, &mut |seen| {
        if let Seen::Name(path) | Seen::Call(path) = seen {
            names.insert(path.root);
        }
    });
    names
}

/// The complaint about a rule whose finding is undefined at these places.
pub(super) fn complaint(places: &Value) -> Option<String> {
    let Value::Set(places) = places else {
        return Some("whether its findings are undefined is not known".to_owned());
    };
    let first = places.iter().next()?.as_string().ok()?.to_string();
    Some(format!(
        "{first}: the rule holds, and its finding uses a value that is undefined, so that it would \
         say nothing; read that value with `object.get` and a default, or ask for it in the body"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use std::time::Duration;

    use super::super::engine::Engine;
    use super::super::load::tests::one_rule;
    use super::*;
    use crate::guard::PolicyError;
    use crate::guard::input::canary;

    /// The number of findings of a rule with this body on one change.
    fn asked(body: &str, change: &serde_json::Value) -> Result<usize, String> {
        let set = one_rule(body);
        let limit = Duration::from_secs(30);
        let mut engine = Engine::new(&set, "{}", limit).map_err(|error| error.to_string())?;
        let header = canary(&json!({}), &json!({})).to_string();
        engine.begin(&header, limit).map_err(|error| error.to_string())?;
        let changes = Value::from_json_str(&json!([change]).to_string()).unwrap();
        let both = |engine: &mut Engine| {
            let some = engine.ask_some(changes.clone())?;
            Ok::<_, PolicyError>(some.len() + engine.ask_all(changes.clone())?.len())
        };
        both(&mut engine).map_err(|error| error.to_string())
    }

    #[test]
    fn a_finding_that_is_undefined_is_an_error() {
        let boss = json!({ "address": "user/x", "after": { "title": "Boss" } });
        let nick = json!({ "address": "user/x", "after": { "title": "Boss", "nickName": "x" } });
        let held =
            "some c in input.changes; object.get(c, [\"after\", \"title\"], \"\") == \"Boss\"";
        for making in [
            "v := {\"msg\": sprintf(\"%v\", [c.after.nickName])}",
            "v := {\"msg\": \"no\", \"addresses\": [c.after.nickName]}",
            "v = {\"msg\": c.after.nickName}",
            "name := c.after.nickName; v := {\"msg\": name}",
            "m := say(c); v := {\"msg\": m}",
            "v := {\"msg\": \"no\", \"remedy\": concat(\" \", [\"say\", c.after.nickName])}",
        ] {
            let extra = "say(c) := c.after.nickName";
            let body = format!("{extra}\ndeny contains v if {{ {held}; {making} }}");
            let why = asked(&body, &boss).unwrap_err();
            assert!(why.contains("undefined") && why.contains("rule.rego:"), "{making}: {why}");
            assert!(asked(&body, &nick).is_ok_and(|found| found >= 1), "{making}");
        }
    }

    #[test]
    fn a_finding_of_a_helper_is_one_too() {
        let body = "found contains v if { some c in input.changes; v := {\"msg\": c.nobody} }\n\
                    deny contains v if some v in found";
        assert!(asked(body, &json!({ "address": "user/x" })).is_err());
    }

    #[test]
    fn what_the_body_asks_for_is_a_condition() {
        let body = "deny contains v if { some c in input.changes; nick := c.after.nickName; nick != \
                    \"\"; v := {\"msg\": nick} }";
        let change = json!({ "address": "user/x", "after": {} });
        assert!(asked(body, &change).is_ok());
    }
}
