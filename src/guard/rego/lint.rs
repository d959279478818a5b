//! What the syntax tree must not hold, so that the engine's silences cannot become approvals.

use regorus::unstable::{BUILTINS, Expr, Literal, Module, Rule, RuleHead, Span};
use serde_json::Value as Json;

use super::at::at;
use super::calls::{self, Rules, Scoped};
use super::document::Document;
use super::keyed;
use super::maybe::{Tracer, Variables};
use super::syntax::{self, Path, Seen};
use crate::guard::Problem;
use crate::plan::Level;

/// A rule of a guardrail that is asked for findings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entrypoint {
    /// Its name: `deny`, `warn_late`.
    pub(super) name: String,
    /// What its findings do.
    pub(super) level: Level,
    /// The file it is in.
    pub(super) file: String,
    /// Its line.
    pub(super) line: u32,
}

/// Functions that would make a judgement depend on more than its input, with what to do instead.
const BANNED: &[(&str, &str)] = &[
    ("http.send", "take it out: a guardrail sees the input document and nothing else"),
    ("net.lookup_ip_addr", "take it out: a guardrail sees the input document and nothing else"),
    ("opa.runtime", "take it out: a guardrail sees the input document and nothing else"),
    ("rand.intn", "take it out: the same plan must be judged alike twice"),
    ("uuid.rfc4122", "take it out: the same plan must be judged alike twice"),
    ("time.now_ns", "use `input.nowNs`: the plan and its apply are judged at one instant"),
    ("rego.metadata.rule", "write the `id` and `remedy` into the finding or the METADATA"),
    ("rego.metadata.chain", "write the `id` and `remedy` into the finding or the METADATA"),
];

/// The banned functions, which the engine gets as functions that fail.
pub(super) fn banned() -> impl Iterator<Item = &'static str> {
    BANNED.iter().map(|(name, _)| *name)
}

/// Everything that is wrong with rule files whose syntax is right. `settings` is what is mounted
/// as `data.settings`.
pub(super) fn problems(modules: &[&Module], settings: &Json) -> Vec<Problem> {
    let mut problems = Vec::new();
    let document = Document::new(settings);
    let files: Vec<Scoped<'_>> =
        modules.iter().filter_map(|module| scoped(module, &mut problems)).collect();
    let rules = Rules::of(&files);
    let mut tracer = Tracer::new(&files, &rules);
    for file in &files {
        problems.extend(inside_a_rule(file, &rules));
        problems.extend(file.module.imports.iter().filter_map(|import| {
            let (path, _) = syntax::path(&import.refr)?;
            document.unknown_key(&path)
        }));
        for rule in &file.module.policy {
            head(rule, file, &rules, &mut problems);
            let mut variables = None;
            syntax::walk_rule(rule, &mut |seen| {
                problems.extend(match seen {
                    Seen::Call(path) => called(&path, file, &rules),
                    Seen::Name(path) => document
                        .unknown_key(&path)
                        .or_else(|| named(&path, file, &rules, &document)),
                    Seen::Replaced(path) => {
                        document.unknown_key(&path).or_else(|| replaced(&path, file, &rules))
                    }
                    Seen::Given(params) => document.unknown_argument(params),
                    Seen::Stands(Literal::NotExpr { expr, .. }) => {
                        let variables = variables.get_or_insert_with(|| Variables::of(rule, file));
                        tracer.missing(expr, variables).map(unsure)
                    }
                    Seen::Stands(_) => None,
                });
            });
        }
    }
    problems.extend(keyed::problems(&files, &rules));
    for (cycle, span) in calls::cycles(&files, &rules) {
        let what = format!("`{}` uses itself: {}", cycle[0], cycle.join(" → "));
        let remedy = "write it without recursion; `graph.reachable` follows chains of any length";
        problems.push(at(span, what, remedy));
    }
    problems
}

/// A package that lies at or below a rule of another one would be a part of what that rule says.
fn inside_a_rule(file: &Scoped<'_>, rules: &Rules<'_>) -> Option<Problem> {
    let mut above = (1..=file.package.len()).filter_map(|count| file.package.get(..count));
    let rule = above.find(|path| rules.has(path))?;
    let what = format!("the package lies in the rule `data.{}`", rule.join("."));
    Some(at(&file.module.package.span, what, "give the package a name of its own"))
}

fn scoped<'a>(module: &'a Module, problems: &mut Vec<Problem>) -> Option<Scoped<'a>> {
    let (package, _) = syntax::path(&module.package.refr)?;
    let package: Vec<String> =
        [package.root].into_iter().chain(package.parts).map(str::to_owned).collect();
    let mut imports = std::collections::BTreeMap::new();
    for import in &module.imports {
        let Some((path, _)) = syntax::path(&import.refr) else { continue };
        let name = import.r#as.as_ref().map(Span::text).or(path.parts.last().copied());
        match (path.root, name) {
            ("data", Some(name)) => {
                let parts = path.parts.iter().map(|&part| part.to_owned()).collect();
                imports.insert(name.to_owned(), parts);
            }
            ("data", None) => {
                let what = "all of `data` is imported".to_owned();
                problems.push(at(path.span, what, "import what is needed by its name"));
            }
            _ => {}
        }
    }
    Some(Scoped { module, package, imports })
}

fn called(path: &Path<'_>, file: &Scoped<'_>, rules: &Rules<'_>) -> Option<Problem> {
    let name = path.dotted();
    if let Some((_, instead)) = BANNED.iter().find(|(banned, _)| *banned == name) {
        return Some(at(path.span, format!("`{name}` has no place in a guardrail"), instead));
    }
    if let Some(resolved) = file.resolve(path, rules) {
        let known = rules.reached(&resolved).next().is_some();
        let what = format!("no rule defines the function `{name}`");
        return (!known).then(|| at(path.span, what, "correct the name"));
    }
    if name == "print" || BUILTINS.contains_key(name.as_str()) {
        return None;
    }
    let what = format!("there is no function `{name}` here");
    Some(at(path.span, what, "correct the name, or do without: not every function of OPA is here"))
}

fn named(
    path: &Path<'_>,
    file: &Scoped<'_>,
    rules: &Rules<'_>,
    document: &Document<'_>,
) -> Option<Problem> {
    let resolved = file.resolve(path, rules)?;
    if rules.reached(&resolved).next().is_some() || document.has_setting(&resolved) {
        return None;
    }
    let what = format!("nothing defines `data.{}`", resolved.join("."));
    let remedy =
        "correct the name, or write the value into a file in `settings` of a policy folder";
    Some(at(path.span, what, remedy))
}

/// What may be missing below a `not`.
fn unsure(expr: &Expr) -> Problem {
    let what = format!(
        "`not` is asked of `{}`, which may be missing, and OPA answers otherwise then",
        syntax::path(expr).map_or_else(String::new, |(path, _)| path.dotted()),
    );
    at(syntax::start(expr), what, "read it with `object.get` first, into a variable")
}

fn replaced(path: &Path<'_>, file: &Scoped<'_>, rules: &Rules<'_>) -> Option<Problem> {
    if path.root == "input" || file.resolve(path, rules).is_some() {
        return None;
    }
    let what = format!("`with` replaces `{}`", path.dotted());
    Some(at(path.span, what, "replace `input` or a rule; functions are replaced in tests only"))
}

/// Whether an expression in the head of a partial rule is always defined once the body holds: a
/// variable of the body, or a constant (hazard H1: what is not silently empties the whole rule).
fn defined(expr: &Expr, file: &Scoped<'_>, rules: &Rules<'_>) -> bool {
    match expr {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. } => true,
        Expr::Var { .. } => syntax::path(expr)
            .is_some_and(|(path, _)| path.root != "input" && file.resolve(&path, rules).is_none()),
        _ => false,
    }
}

fn head(rule: &Rule, file: &Scoped<'_>, rules: &Rules<'_>, problems: &mut Vec<Problem>) {
    let Rule::Spec { head, .. } = rule else { return };
    let (refr, value) = match head {
        RuleHead::Set { refr, key, .. } => (refr, key.as_ref()),
        RuleHead::Compr { refr, assign, .. } => (refr, assign.as_ref().map(|a| &a.value)),
        RuleHead::Func { .. } => return,
    };
    let keys = syntax::path(refr).map(|(_, inside)| inside).unwrap_or_default();
    if matches!(head, RuleHead::Compr { .. }) && keys.is_empty() {
        return;
    }
    let unsure = |expr: &&Expr| !defined(expr, file, rules);
    let inside = keys.into_iter().chain(value.map(|value| value.as_ref()));
    for expr in inside.filter(unsure) {
        let what = format!(
            "the head of a partial rule holds `{}`, and one undefined value there would silently \
             empty the whole rule",
            short(expr.span().text()),
        );
        let remedy = "assign it to a variable in the body, `v := …`, and put `v` in the head";
        problems.push(at(syntax::start(expr), what, remedy));
    }
}

fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None if line.len() < text.len() => format!("{line}…"),
        None => line.to_owned(),
    }
}

/// What a rule's name says it does: `deny`, `violation` and `warn`, alone or with `_words`, as
/// conftest has it.
pub(super) fn level_of(name: &str) -> Option<Level> {
    let (word, rest) = name.split_once('_').map_or((name, None), |(word, rest)| (word, Some(rest)));
    let words = |rest: &str| {
        let plain =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
        rest.split('_').all(plain)
    };
    if !rest.is_none_or(words) {
        return None;
    }
    match word {
        "deny" | "violation" => Some(Level::Deny),
        "warn" => Some(Level::Warn),
        _ => None,
    }
}

/// The entrypoints of one package, and what is wrong with rules that are called like one.
pub(super) fn entrypoints(modules: &[&Module]) -> (Vec<Entrypoint>, Vec<Problem>) {
    let mut found: Vec<Entrypoint> = Vec::new();
    let mut problems = Vec::new();
    for rule in modules.iter().flat_map(|module| &module.policy) {
        let Some((path, _)) = syntax::head_of(rule) else { continue };
        let name = path.root;
        let Some(level) = level_of(name) else {
            let low = name.to_ascii_lowercase();
            if ["deny", "warn", "violation"].iter().any(|word| low.starts_with(word)) {
                let what =
                    format!("`{name}` is called like a rule that denies or warns, and is none");
                let remedy = "write `deny`, `deny_words`, `warn` or `warn_words`; else rename it";
                problems.push(at(rule.span(), what, remedy));
            }
            continue;
        };
        let set =
            matches!(rule.as_ref(), Rule::Spec { head: RuleHead::Set { key: Some(_), .. }, .. });
        if !set || !path.parts.is_empty() || !path.whole {
            let what = format!("`{name}` is not a set of findings");
            problems.push(at(rule.span(), what, "write `deny contains v if { … v := {…} }`"));
            continue;
        }
        if found.iter().all(|entry| entry.name != name) {
            let file = rule.span().source.get_path().clone();
            let line = rule.span().line;
            found.push(Entrypoint { name: name.to_owned(), level, file, line });
        }
    }
    found.sort();
    (found, problems)
}
