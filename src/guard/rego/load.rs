//! From a set of policies to an engine that may be asked: everything that is wrong is said at
//! once, and nothing runs that is not understood.

use regorus::unstable::{Module, Ref};

use super::lint::{self, Entrypoint};
use super::outline::Rule;
use super::{Outline, PolicySet, fields, metadata, prescan, shadow, syntax};
use crate::guard::input::json_schema;
use crate::guard::{PolicyError, Problem, builtin};
use crate::plan::Level;

/// A rule and the entrypoints to ask.
#[derive(Clone, Debug)]
pub(super) struct Loaded {
    pub(super) rule: Rule,
    pub(super) entrypoints: Vec<Entrypoint>,
    /// Whether there is a companion to ask whether a finding is undefined ([`shadow`]).
    pub(super) is_shadowed: bool,
}

/// Reads the rule files (not the tests) into `engine`, and checks them. `settings` is what is
/// mounted as `data.settings`.
///
/// # Errors
///
/// [`PolicyError::Problems`], all of them.
pub(super) fn load(
    set: &PolicySet,
    settings: &serde_json::Value,
    engine: &mut regorus::Engine,
) -> Result<Vec<Loaded>, PolicyError> {
    let outline = Outline::of(set)?;
    let mut problems = Vec::new();
    for file in set.files.iter().filter(|file| !file.is_test()) {
        add(engine, &file.path, &file.text, &mut problems);
    }
    let modules: Vec<Ref<Module>> = engine.get_modules().clone();
    let modules: Vec<&Module> = modules.iter().map(AsRef::as_ref).collect();
    problems.extend(lint::problems(&modules, settings));
    let schema = json_schema();
    problems.extend(modules.iter().flat_map(|module| fields::problems(module, &schema)));
    let mut loaded: Vec<Loaded> =
        outline.rules().iter().map(|rule| loaded(rule, &modules, &mut problems)).collect();
    for module in &modules {
        stray(module, &outline, &mut problems);
    }
    if problems.is_empty() {
        shadowed(&modules, &mut loaded, engine, &mut problems);
    }
    if problems.is_empty() {
        return Ok(loaded);
    }
    problems.sort();
    problems.dedup();
    Err(PolicyError::Problems(problems))
}

/// Adds the companions that tell whether a finding is undefined. The pack has none: its own tests
/// hold every finding of it.
fn shadowed(
    modules: &[&Module],
    loaded: &mut [Loaded],
    engine: &mut regorus::Engine,
    problems: &mut Vec<Problem>,
) {
    for module in modules {
        let path = module.package.span.source.get_path().clone();
        let package = package_of(module);
        if builtin::is_built_in(&path) {
            continue;
        }
        let Some(text) = shadow::companions(&package, module) else { continue };
        match engine.add_policy(format!("{path}#findings"), text) {
            Ok(_) => {
                let of_it = loaded.iter_mut().filter(|one| one.rule.package == package);
                of_it.for_each(|one| one.is_shadowed = true);
            }
            Err(error) => problems.push(from_engine(&path, &error.to_string())),
        }
    }
}

/// Adds one file, after a look at what would make the parser itself run away.
pub(super) fn add(
    engine: &mut regorus::Engine,
    path: &str,
    text: &str,
    problems: &mut Vec<Problem>,
) {
    if let Some(problem) = prescan::too_deep(path, text) {
        problems.push(problem);
        return;
    }
    match engine.add_policy(path.to_owned(), text.to_owned()) {
        Ok(_) => {
            let parsed = engine.get_modules().last().map(|module| package_of(module));
            let read = metadata::package_of(text).map(|(package, _)| package.to_owned());
            if parsed != read {
                problems.push(Problem {
                    file: path.to_owned(),
                    line: 1,
                    column: 1,
                    what: "the package cannot be told from the text".to_owned(),
                    remedy: "write `package guardrails.name` on a line of its own".to_owned(),
                });
            }
        }
        Err(error) => problems.push(from_engine(path, &error.to_string())),
    }
}

fn package_of(module: &Module) -> String {
    syntax::path(&module.package.refr).map(|(path, _)| path.dotted()).unwrap_or_default()
}

fn loaded(rule: &Rule, modules: &[&Module], problems: &mut Vec<Problem>) -> Loaded {
    let of_rule: Vec<&Module> =
        modules.iter().copied().filter(|module| package_of(module) == rule.package).collect();
    let (entrypoints, wrong) = lint::entrypoints(&of_rule);
    let misnamed = !wrong.is_empty();
    problems.extend(wrong);
    let mut say = |what: String, remedy: &str| {
        problems.push(Problem {
            file: rule.file.clone(),
            line: 1,
            column: 1,
            what,
            remedy: remedy.to_owned(),
        });
    };
    if entrypoints.is_empty() && !of_rule.is_empty() && !misnamed {
        let what = format!("the rule `{}` denies nothing and warns of nothing", rule.id);
        say(what, "write `deny contains v if { … }` or `warn contains v if { … }`");
    }
    let denies = entrypoints.iter().any(|entry| entry.level == Level::Deny);
    if rule.severity == Level::Warn && denies {
        let what = format!("the rule `{}` denies, and its header says `severity: warn`", rule.id);
        say(what, "write `severity: deny`, or rename `deny` to `warn`");
    }
    Loaded { rule: rule.clone(), entrypoints, is_shadowed: false }
}

/// Entrypoints in a package that is no rule's would never be asked.
fn stray(module: &Module, outline: &Outline, problems: &mut Vec<Problem>) {
    let package = package_of(module);
    if outline.rules().iter().any(|rule| rule.package == package) {
        return;
    }
    let (entrypoints, wrong) = lint::entrypoints(&[module]);
    problems.extend(wrong);
    problems.extend(entrypoints.into_iter().map(|entry| Problem {
        file: entry.file,
        line: entry.line,
        column: 1,
        what: format!("`{}` is in the package `{package}`, which is never asked", entry.name),
        remedy: "put it into a rule's folder and package".to_owned(),
    }));
}

/// An error of the engine as a problem: it writes `--> file:line:column`, a few lines of source,
/// and `error: what`.
pub(super) fn from_engine(path: &str, message: &str) -> Problem {
    let place = message.split_once("--> ").and_then(|(_, rest)| {
        let mut parts = rest.lines().next()?.trim().rsplitn(3, ':');
        let column = parts.next()?.parse().ok()?;
        let line = parts.next()?.parse().ok()?;
        Some((parts.next()?.to_owned(), line, column))
    });
    let (file, line, column) = place.unwrap_or_else(|| (path.to_owned(), 1, 1));
    let what = match message.rsplit_once("error: ") {
        Some((_, what)) => what.trim(),
        None => message.trim(),
    };
    Problem { file, line, column, what: what.to_owned(), remedy: "correct it".to_owned() }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::PolicyFile;
    use super::*;

    /// What finds something in the emptiest of canaries, and nowhere else.
    pub(in crate::guard::rego) const SINGS: &str =
        "warn_canary contains v if { input.organization == \"canary\"; v := {\"msg\": \"c\"} }\n";

    fn none() -> serde_json::Value {
        serde_json::json!({})
    }

    /// A set of one rule with this body.
    pub(in crate::guard::rego) fn one_rule(body: &str) -> PolicySet {
        let header = "# METADATA\n# title: T\n# description: D\n# custom:\n#   id: own\n#   \
                      severity: deny\n#   scope: change\n#   kinds: [user]\n#   remedy: R\n#   \
                      canary: \"{}\"\npackage guardrails.own\n";
        let file =
            PolicyFile { path: "p/own/rule.rego".into(), text: format!("{header}{body}\n{SINGS}") };
        PolicySet { folders: vec!["p".to_owned()], files: vec![file] }
    }

    const FINE: &str = "deny contains v if { input.actor; v := {\"msg\": \"m\"} }\n";

    /// The complaint about a rule of this body; nothing where it loads.
    pub(in crate::guard::rego) fn said(body: &str) -> String {
        match load(&one_rule(body), &none(), &mut regorus::Engine::new()) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn rules_that_are_right_load() {
        for body in [
            FINE,
            "violation_x contains v if { v := {\"msg\": \"m\"} }",
            "deny contains v if { every x in input.changes { x.ok }; v := {\"msg\": \"m\"} }\n\
             h[k] := v if { some k, v in input.users }\nf(x) := g(x)\ng(x) := x.y\n\
             a := {x.y | some x in input.changes}",
            "deny contains v if { some e in es; not e.a in {1}; not startswith(e.b, \"x\"); v := \
             {\"msg\": \"m\"} }\nes contains e if { some u in input.users; e := {\"a\": u, \"b\": \"\"} }",
            "deny contains v if { not input.actor; some c in input.changes; not c.removes; not c.a.b; \
             v := {\"msg\": \"m\"} }",
            "h[k] contains v if { some k, v in input.users }\ndeny contains v if { some k, vs in h; \
             count(h[k]) > 0; every w in vs { w }; every w in h { w }; v := {\"msg\": \"m\"} }",
            "deny contains v if { data.guardrails.own.x; v := {\"msg\": \"m\"} with input as {} }\n\
             x := true",
        ] {
            assert_eq!(said(body), "", "{body}");
        }
    }

    #[track_caller]
    fn refused(body: &str, at: &str, expected: &str) {
        let said = said(&format!("{body}\n{FINE}"));
        assert!(said.contains(expected), "{body}: {said}");
        assert!(said.contains(&format!("p/own/rule.rego:{at}")), "{body}: {said}");
    }

    #[test]
    fn what_could_silence_a_rule_is_refused_with_its_place() {
        for (body, at, expected) in [
            // Data that nobody loads would be undefined, and the rule silent.
            ("deny contains v if { some v in data.settings.list }", "", "nothing defines"),
            // H1: heads.
            (
                "deny contains {\"msg\": x.a} if some x in input.waivers",
                "12:15",
                "head of a partial",
            ),
            ("deny contains x.a if some x in input.waivers", "12:15", "holds `x.a`"),
            (
                "deny contains f(x) if some x in input.waivers\nf(x) := x",
                "12:15",
                "head of a partial",
            ),
            (
                "deny contains other if input.waivers\nother := input.users",
                "12:15",
                "holds `other`",
            ),
            ("deny contains input if input.waivers", "12:15", "holds `input`"),
            ("h[k] := v.a if some k, v in input.waivers", "12:9", "holds `v.a`"),
            ("h[x.k] contains 1 if some x in input.waivers", "12:3", "holds `x.k`"),
            // H3: recursion.
            ("f(x) := f(x + 1)", "12:1", "`guardrails.own.f` uses itself"),
            ("f(x) := g(x)\ng(x) := f(x)", "12:1", "uses itself"),
            ("r := s\ns if not r", "", "uses itself"),
            ("r := x if { x := data.guardrails.own.r with input as {} }", "12:1", "uses itself"),
            ("r := x if { some k; x := data.guardrails[k] }", "12:1", "uses itself"),
            ("r := x if { some k; x := data[k] }", "12:1", "uses itself"),
            ("r := 1 if { input with input.actor as r }", "12:1", "uses itself"),
            ("import data.guardrails.own.r as q\nr := q", "13:1", "uses itself"),
            ("r := {y | some y in r}", "12:1", "uses itself"),
            ("r if { every y in [1] { y == r } }", "12:1", "uses itself"),
            ("default r := false\nr if { input.actor } else := r", "", "uses itself"),
            // H4: what `not` is asked of.
            ("x if { some c in input.changes; not c.a in {1} }", "12:37", "asked of `c.a`"),
            (
                "x if { some c in us; not f(c.a.b) }\nf(1) := 1\nus contains u if some u in input.users",
                "12:28",
                "`c.a.b`",
            ),
            ("x(c) if not c.a > 1", "12:13", "asked of `c.a`"),
            (
                "x if { c := g(input); not [c.a] == [] }\ng(o) := v if v := object.get(o, \"actor\", {})",
                "12:28",
                "`c.a`",
            ),
            ("x if { some a in [1]; not us[input.actor] }\nus := {}", "12:30", "`input.actor`"),
            ("x if { every c in input.changes { not c.a == 1 } }", "12:39", "asked of `c.a`"),
            // Keys of the document.
            ("x := input.chnages", "12:6", "did you mean `changes`?"),
            ("import input.user as u\nx := u", "12:8", "no `user`; did you mean `users`?"),
            ("x := f(input, \"chnages\")\nf(a, b) := a[b]", "12:16", "did you mean `changes`?"),
            ("x if { input.actor with input.actr as 1 }", "12:25", "did you mean `actor`?"),
        ] {
            refused(body, at, expected);
        }
    }

    /// H1 again: what is empty is undefined in this engine, and handing it on empties a rule.
    #[test]
    fn sets_by_key_are_not_used_whole() {
        for (body, at, expected) in [
            (
                "h[k] contains v if some k, v in input.waivers\nx := count(h)",
                "13:12",
                "`h` is used whole",
            ),
            ("h[k] contains 1 if some k in [1]\nx if { y := h; y == {} }", "13:13", "`h` is"),
            (
                "h[k] contains 1 if some k in [1]\ng := data.guardrails.own.h\nx := {g}",
                "14:7",
                "`g` is used whole",
            ),
        ] {
            refused(body, at, expected);
        }
    }

    #[test]
    fn what_has_no_place_or_no_name_is_refused_with_its_place() {
        for (body, at, expected) in [
            // H5: brackets.
            ("x := [[[[[[[[[[[[[1]]]]]]]]]]]]]", "12:18", "brackets nest"),
            // Functions.
            ("x := http.send({\"url\": \"http://localhost\"})", "12:6", "`http.send` has no place"),
            ("x := time.now_ns()", "12:6", "use `input.nowNs`"),
            ("x := rand.intn(\"a\", 5)", "12:6", "must be judged alike"),
            ("x := uuid.rfc4122(\"a\")", "12:6", "has no place"),
            ("x := opa.runtime()", "12:6", "has no place"),
            ("x := crypto.sha256(\"a\")", "12:6", "no function `crypto.sha256`"),
            ("x if { false; nothere(1) }", "12:15", "no function `nothere`"),
            ("x := data.guardrails.own.nothere(1)", "12:6", "no rule defines the function"),
            ("x := {y | y := http.send({})}", "12:16", "has no place"),
            ("x if { input.actor with time.now_ns as 1 }", "12:25", "`with` replaces"),
            // Names.
            ("x := data.seting.y", "12:6", "nothing defines `data.seting.y`"),
            ("x := data.guardrails.own.y", "12:6", "nothing defines"),
            // Entrypoints.
            ("denyAll contains v if { v := 1 }", "12:1", "called like a rule"),
            ("Deny contains v if { v := 1 }", "12:1", "called like a rule"),
            ("deny_ contains v if { v := 1 }", "12:1", "called like a rule"),
            ("warn := true", "12:1", "not a set of findings"),
            ("warn[k] := v if { some k, v in input }", "12:1", "not a set of findings"),
            ("warn(x) := x", "12:1", "not a set of findings"),
            ("default warn := 1", "12:1", "not a set of findings"),
            // Syntax.
            ("x := {", "", "p/own/rule.rego:1"),
            ("x := 1 y", "12:", "p/own/rule.rego"),
        ] {
            refused(body, at, expected);
        }
    }

    #[test]
    fn a_rule_that_denies_nothing_is_refused() {
        let mut set = one_rule("x := 1");
        set.files[0].text = set.files[0].text.replace("warn_canary contains v", "other contains v");
        let error = load(&set, &serde_json::json!({}), &mut regorus::Engine::new())
            .unwrap_err()
            .to_string();
        assert!(error.contains("denies nothing"), "{error}");
        let mut set = one_rule(FINE);
        set.files[0].text = set.files[0].text.replace("severity: deny", "severity: warn");
        let error = load(&set, &none(), &mut regorus::Engine::new()).unwrap_err().to_string();
        assert!(error.contains("says `severity: warn`"), "{error}");
    }

    #[test]
    fn a_rule_in_a_library_is_refused() {
        let mut set = one_rule(FINE);
        let text = format!("package guardrails.lib.x\n{FINE}");
        set.files.push(PolicyFile { path: "p/lib/x.rego".to_owned(), text });
        let error = load(&set, &none(), &mut regorus::Engine::new()).unwrap_err().to_string();
        assert!(error.contains("p/lib/x.rego:2:1: `deny` is in the package"), "{error}");
    }

    #[test]
    fn a_package_inside_a_rule_is_refused() {
        let mut set = one_rule(FINE);
        let one = PolicyFile {
            path: "p/lib/x.rego".to_owned(),
            text: "package guardrails.lib.x\ny := {}\n".to_owned(),
        };
        let text = "package guardrails.lib.x.y\nz := 1\n".to_owned();
        set.files.extend([one, PolicyFile { path: "p/more/x.rego".to_owned(), text }]);
        let error = load(&set, &none(), &mut regorus::Engine::new()).unwrap_err().to_string();
        let expected = "p/more/x.rego:1:1: the package lies in the rule `data.guardrails.lib.x.y`";
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn all_problems_are_said_at_once_each_in_its_place() {
        let mut set = one_rule("x := time.now_ns()\nf(x) := f(x)\ndeny contains x.a if x := {}");
        let text = "package guardrails.lib.own\nx := rand.intn(\"a\", 1)\n".to_owned();
        set.files.push(PolicyFile { path: "p/lib/l.rego".to_owned(), text });
        let PolicyError::Problems(problems) =
            load(&set, &none(), &mut regorus::Engine::new()).unwrap_err()
        else {
            panic!()
        };
        let places: Vec<_> = problems.iter().map(|p| (p.file.as_str(), p.line)).collect();
        let own = "p/own/rule.rego";
        assert_eq!(places, [("p/lib/l.rego", 2), (own, 12), (own, 13), (own, 14)]);
    }
}
