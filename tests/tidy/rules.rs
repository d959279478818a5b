//! The rules over one Rust file: each takes a path and a text and says every breach it sees.

use crate::rust::{
    closing, functions, line_of, mask, strings, test_modules, without_tests, word_at, words,
};

/// The most lines a file may have, its test modules apart.
const FILE_BUDGET: usize = 400;
/// The most lines a function may have.
const FUNCTION_BUDGET: usize = 70;

/// The floors, from the ground up: an import only ever goes down.
const FLOORS: &[(&str, u8)] = &[
    ("cli", 8),
    ("edge", 7),
    ("report", 6),
    ("provider", 6),
    ("apply", 5),
    ("guard", 4),
    ("plan", 3),
    ("live", 2),
    ("config", 2),
    ("kind", 1),
    ("sandbox", 1),
];

/// What touches the world, and so stands only in `src/edge` and `src/main.rs`.
const EFFECTS: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::os",
    "std::process",
    "io::stdin",
    "io::stdout",
    "io::stderr",
    "thread::spawn",
    "thread::sleep",
    "tokio",
    "reqwest",
    "axum",
    "hyper",
    "rustix",
    "indicatif",
    "rand",
    "getrandom",
    "SystemTime",
    "RandomState",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "TimeZone::system",
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
    "dbg!",
];

/// Paths that begin like an effect and are plain values.
const VALUES: &[&str] = &[
    "std::net::IpAddr",
    "std::net::Ipv4Addr",
    "std::net::Ipv6Addr",
    "std::net::SocketAddr",
    "std::process::ExitCode",
];

/// A file is at most 400 lines, its test modules apart.
pub(crate) fn file_budget(path: &str, text: &str) -> Vec<String> {
    let masked = mask(text);
    let in_tests: usize = test_modules(&masked)
        .into_iter()
        .map(|span| line_of(&masked, span.end) - line_of(&masked, span.start) + 1)
        .sum();
    let lines = text.lines().count().saturating_sub(in_tests);
    let breach = format!(
        "{path}: {lines} lines without its tests, {FILE_BUDGET} is the most; split it by concept"
    );
    if lines > FILE_BUDGET { vec![breach] } else { Vec::new() }
}

/// A function is at most 70 lines, from its `fn` to its closing brace.
pub(crate) fn function_budget(path: &str, text: &str) -> Vec<String> {
    let masked = mask(text);
    let long = functions(&masked).into_iter().filter(|f| f.lines > FUNCTION_BUDGET);
    long.map(|f| {
        format!(
            "{path}:{}: `{}` has {} lines, {FUNCTION_BUDGET} is the most; give its parts names",
            f.line, f.name, f.lines
        )
    })
    .collect()
}

/// Nothing outside `src/edge` and `src/main.rs` touches the world.
pub(crate) fn effects(path: &str, text: &str) -> Vec<String> {
    if path == "src/main.rs" || room(path) == Some("edge") || is_test_file(path) {
        return Vec::new();
    }
    let code = without_tests(&mask(text));
    let mut found: Vec<(usize, String)> = Vec::new();
    for effect in EFFECTS {
        let hits = words(&code, effect).filter(|&at| !is_value(&code, at));
        found.extend(hits.map(|at| (line_of(&code, at), (*effect).to_owned())));
    }
    for (at, name) in grouped(&code, "std") {
        if ["fs", "env", "net", "os", "process"].contains(&name) {
            found.push((line_of(&code, at), format!("std::{name}")));
        }
    }
    found.sort();
    found
        .into_iter()
        .map(|(line, effect)| {
            format!("{path}:{line}: `{effect}` touches the world; do it in `src/edge` and pass the value in")
        })
        .collect()
}

/// An import between rooms only ever goes down a floor; `sandbox` imports no other room.
pub(crate) fn floors(path: &str, text: &str) -> Vec<String> {
    let Some(room) = room(path).filter(|_| !is_test_file(path)) else { return Vec::new() };
    let Some(floor) = floor(room) else {
        return vec![format!("{path}: the room `{room}` has no floor; give it one in FLOORS")];
    };
    let code = without_tests(&mask(text));
    let mut breaches = Vec::new();
    for (at, other) in imported(path, &code).into_iter().filter(|(_, other)| *other != room) {
        let line = line_of(&code, at);
        match self::floor(other) {
            None => breaches.push(format!("{path}:{line}: `{other}` is no room of the crate")),
            Some(_) if room == "sandbox" => breaches.push(format!(
                "{path}:{line}: `sandbox` imports `{other}`; it is the other side of the wire and knows no other room"
            )),
            Some(below) if below >= floor => breaches.push(format!(
                "{path}:{line}: `{room}` (floor {floor}) imports `{other}` (floor {below}); imports only go down: move what is shared to a lower floor"
            )),
            Some(_) => {}
        }
    }
    breaches
}

/// No test is ignored and no lint is silenced by `allow`.
pub(crate) fn nothing_silenced(path: &str, text: &str) -> Vec<String> {
    let code = mask(text);
    let mut breaches = Vec::new();
    for (at, _) in code.match_indices('#') {
        let open = at + 1 + usize::from(code.get(at + 1..at + 2) == Some("!"));
        if code.get(open..open + 1) != Some("[") {
            continue;
        }
        let attribute = code.get(open..closing(&code, open)).unwrap_or_default();
        let line = line_of(&code, at);
        if words(attribute, "ignore").next().is_some() {
            breaches.push(format!(
                "{path}:{line}: a test is ignored; mend it, or delete it and say why"
            ));
        }
        if words(attribute, "allow").any(|at| attribute.get(at + 5..at + 6) == Some("(")) {
            breaches.push(format!("{path}:{line}: a lint is allowed; mend the cause, or `#[expect(.., reason = \"..\")]` it on the one item"));
        }
    }
    breaches
}

/// `mod tests` stands behind `#[cfg(test)]`: what the other rules leave out is not in the program.
pub(crate) fn tests_are_tests(path: &str, text: &str) -> Vec<String> {
    let code = without_tests(&mask(text));
    words(&code, "mod tests")
        .map(|at| {
            format!("{path}:{}: `mod tests` without `#[cfg(test)]` before it", line_of(&code, at))
        })
        .collect()
}

/// Whether an account can be used is decided in `live/usability.rs` alone: nothing else names the
/// field `active` but the table of fields and what reads or writes it as text.
pub(crate) fn active_is_read_in_one_place(path: &str, text: &str) -> Vec<String> {
    let codec = ["provider", "sandbox", "config"].iter().any(|name| room(path) == Some(name));
    if codec || is_test_file(path) || ["src/live/usability.rs", "src/kind/user.rs"].contains(&path)
    {
        return Vec::new();
    }
    let tests = test_modules(&mask(text));
    let in_tests = |at: &usize| tests.iter().any(|span| span.contains(at));
    strings(text)
        .into_iter()
        .filter(|(at, literal)| {
            literal.trim_matches(['r', '#', '"', 'b']) == "active" && !in_tests(at)
        })
        .map(|(at, _)| {
            let line = line_of(text, at);
            format!("{path}:{line}: `active` is read here; ask `live::Usability`, as all others do")
        })
        .collect()
}

/// The room of a file under `src`: its folder's or its own name.
fn room(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    match inside.split_once('/') {
        Some((room, _)) => Some(room),
        None => inside.strip_suffix(".rs").filter(|name| !matches!(*name, "lib" | "main")),
    }
}

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// Whether the path here is a value's, or a group of nothing but values.
fn is_value(code: &str, at: usize) -> bool {
    let rest = code.get(at..).unwrap_or_default();
    let single = VALUES.iter().any(|value| rest.starts_with(value));
    let group = ["std::net", "std::process"].into_iter().any(|module| {
        let opening = format!("{module}::{{");
        let names =
            || grouped(rest.get(..closing(rest, opening.len() - 1)).unwrap_or(rest), module);
        rest.starts_with(&opening)
            && names()
                .iter()
                .all(|(_, name)| VALUES.contains(&format!("{module}::{name}").as_str()))
    });
    single || group
}

/// Every name that `crate::` or enough `super::` leads to, with its offset.
fn imported<'a>(path: &str, code: &'a str) -> Vec<(usize, &'a str)> {
    let mut found: Vec<_> = words(code, "crate::")
        .map(|at| (at, word_at(code, at + "crate::".len())))
        .filter(|(_, name)| !name.is_empty())
        .collect();
    found.extend(grouped(code, "crate"));
    let to_root = "super::".repeat(depth(path));
    for at in words(code, &to_root) {
        let preceded = code.get(..at).is_some_and(|before| before.ends_with("super::"));
        let name = word_at(code, at + to_root.len());
        if !preceded && !name.is_empty() && name != "super" {
            found.push((at, name));
        }
    }
    found
}

/// How many `super::` lead from a file's module to the crate's root.
fn depth(path: &str) -> usize {
    let steps = path.split('/').count() - 1;
    if path.ends_with("/mod.rs") { steps - 1 } else { steps }
}

/// The first names inside `root::{ .. }`, with their offsets.
fn grouped<'a>(code: &'a str, root: &str) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    let opening = format!("{root}::{{");
    for start in words(code, &opening) {
        let open = start + opening.len() - 1;
        let mut at = open + 1;
        let end = closing(code, open);
        while at < end {
            let rest = code.get(at..end).unwrap_or_default();
            at += rest.len() - rest.trim_start().len();
            let name = word_at(code, at);
            if !name.is_empty() {
                found.push((at, name));
            }
            at = next_item(code, at, end);
        }
    }
    found
}

/// The offset behind the next comma of this group, nested groups passed over.
fn next_item(code: &str, from: usize, end: usize) -> usize {
    let mut at = from;
    while at < end {
        match code.as_bytes().get(at) {
            Some(b'{') => at = closing(code, at),
            Some(b',') => return at + 1,
            _ => at += 1,
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_seen_and_its_tests_do_not_count() {
        let long = "fn a() {}\n".repeat(FILE_BUDGET + 1);
        assert_eq!(file_budget("src/plan/a.rs", &long).len(), 1);
        let tests = "fn a() {}\n".repeat(FILE_BUDGET - 1)
            + "#[cfg(test)]\nmod tests {\n"
            + &"fn b() {}\n".repeat(90)
            + "}\n";
        assert!(file_budget("src/plan/a.rs", &tests).is_empty());
    }

    #[test]
    fn a_long_function_is_seen() {
        let body = "let x = \"}\"; // }\n";
        let fits = format!("fn a() {{\n{}}}\n", body.repeat(FUNCTION_BUDGET - 2));
        let long = format!("fn a() {{\n{}}}\n", body.repeat(FUNCTION_BUDGET - 1));
        assert!(function_budget("src/plan/a.rs", &fits).is_empty());
        let said = function_budget("src/plan/a.rs", &long).join("");
        assert!(said.starts_with("src/plan/a.rs:1: `a` has 71 lines"), "{said}");
    }

    #[test]
    fn every_effect_is_seen_outside_edge_and_only_there() {
        for effect in EFFECTS {
            let code = format!("fn a() {{ let x = {effect}(); }}");
            assert_eq!(effects("src/plan/a.rs", &code).len(), 1, "{effect}");
            assert!(effects("src/edge/a.rs", &code).is_empty(), "{effect}");
            assert!(effects("src/main.rs", &code).is_empty(), "{effect}");
        }
        assert_eq!(effects("src/cli/a.rs", "use std::{fmt, fs::{self, File}, env};").len(), 2);
        assert_eq!(effects("src/cli/mod.rs", "use std::net::{IpAddr, TcpStream};").len(), 1);
    }

    #[test]
    fn words_values_comments_and_tests_are_no_effects() {
        let code = "//! std::fs\nuse std::net::{Ipv4Addr, IpAddr};\nuse std::net::IpAddr;\nfn brand(my_tokio: u8) { \"println!\" }\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        assert_eq!(effects("src/plan/a.rs", code), Vec::<String>::new());
    }

    #[test]
    fn an_import_upwards_is_seen_however_it_is_written() {
        for up in [
            "use crate::guard::Verdict;",
            "use crate::{kind::{Address, Key}, guard};",
            "fn a() -> crate::edge::X {}",
            "use super::super::apply::Step;",
            "use crate::nowhere::Step;",
        ] {
            assert_eq!(floors("src/plan/a.rs", up).len(), 1, "{up}");
        }
        assert_eq!(floors("src/plan/mod.rs", "use super::guard::X;").len(), 1);
        assert_eq!(floors("src/report/a.rs", "use crate::provider::X;").len(), 1);
        assert_eq!(floors("src/live/a.rs", "use crate::config::X;").len(), 1);
        assert_eq!(floors("src/sandbox/a.rs", "use crate::kind::X;").len(), 1);
        assert_eq!(floors("src/attic/mod.rs", "").len(), 1);
    }

    #[test]
    fn an_import_downwards_or_at_home_is_none_of_these() {
        let code = "use crate::{kind::{Address, guard}, live};\nuse super::guard;\nuse crate::plan::X;\n// crate::cli\n";
        assert_eq!(floors("src/plan/a.rs", code), Vec::<String>::new());
        assert_eq!(floors("src/lib.rs", "pub use crate::cli::X;"), Vec::<String>::new());
    }

    #[test]
    fn an_ignored_test_and_an_allowed_lint_are_seen() {
        for bad in [
            "#[ignore]",
            "#[ignore = \"slow\"]",
            "#[cfg_attr(unix, ignore)]",
            "#[allow(dead_code)]",
            "#![allow(dead_code)]",
            "#[cfg_attr(test, allow(dead_code))]",
        ] {
            assert_eq!(nothing_silenced("src/plan/a.rs", bad).len(), 1, "{bad}");
        }
        let good = "#[arg(ignore_case = true, allow_hyphen_values = true)] // #[ignore]\n#[expect(dead_code, reason = \"allow(x)\")]";
        assert_eq!(nothing_silenced("src/cli/a.rs", good), Vec::<String>::new());
    }

    #[test]
    fn a_reading_of_active_is_seen_outside_its_place_and_only_there() {
        let reading = "fn a(f: &Fields) { f.get(\"active\") }\n// \"active\"\n#[cfg(test)]\nmod tests { const A: &str = \"active\"; }\n";
        for path in ["src/plan/a.rs", "src/guard/a.rs", "src/report/a.rs", "src/live/a.rs"] {
            let said = active_is_read_in_one_place(path, reading);
            assert_eq!(said.len(), 1, "{path}: {said:?}");
            assert!(said[0].starts_with(&format!("{path}:1:")), "{said:?}");
        }
        assert_eq!(active_is_read_in_one_place("src/plan/a.rs", "a(r\"active\")").len(), 1);
        for path in ["src/live/usability.rs", "src/provider/a.rs", "src/config/a/b.rs"] {
            assert_eq!(active_is_read_in_one_place(path, reading), Vec::<String>::new());
        }
        let other = "a(\"inactive\", \"is active\", active)";
        assert_eq!(active_is_read_in_one_place("src/plan/a.rs", other), Vec::<String>::new());
    }

    #[test]
    fn an_unmarked_test_module_is_seen() {
        assert_eq!(tests_are_tests("src/plan/mod.rs", "mod tests;").len(), 1);
        assert!(tests_are_tests("src/plan/mod.rs", "#[cfg(test)]\nmod tests;").is_empty());
    }
}
