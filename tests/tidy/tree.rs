//! The rules over the tree: which files stand beside which, and what no file may hold.

use std::collections::BTreeSet;

use crate::File;

/// The most bytes a tracked file may have.
pub(crate) const SIZE_BUDGET: u64 = 1024 * 1024;
/// The most lines a guardrail may have, its header with parameters and canary among them.
const RULE_BUDGET: usize = 120;

/// Every module at the top is named in `lib.rs`, and says in its first line what it is.
pub(crate) fn contents(files: &[File]) -> Vec<String> {
    let lib = text_of(files, "src/lib.rs").unwrap_or_default();
    let mut breaches = Vec::new();
    for module in top_modules(files) {
        if !lib.lines().any(|line| line.trim() == format!("pub mod {module};")) {
            breaches.push(format!(
                "src/lib.rs: `{module}` is missing; the table of contents names every top module (`pub mod {module};`)"
            ));
        }
        let paths = [format!("src/{module}/mod.rs"), format!("src/{module}.rs")];
        let Some((path, text)) =
            paths.iter().find_map(|path| text_of(files, path).map(|text| (path, text)))
        else {
            breaches.push(format!("src/{module}: has no mod.rs"));
            continue;
        };
        let says = text.lines().next().and_then(|line| line.strip_prefix("//!"));
        if says.is_none_or(|line| line.trim().len() < 10) {
            breaches.push(format!("{path}:1: say in a `//!` line what this module is for"));
        }
    }
    breaches
}

/// Every file right under `tests` is a module of the suite or a test target of the manifest:
/// cargo finds none by itself, and a test that is in neither never runs.
pub(crate) fn tests_run(files: &[File]) -> Vec<String> {
    let manifest = text_of(files, "Cargo.toml").unwrap_or_default();
    let suite = text_of(files, "tests/suite.rs").unwrap_or_default();
    let names = files.iter().filter_map(|file| file.path.strip_prefix("tests/"));
    names
        .filter_map(|path| path.strip_suffix(".rs").filter(|name| !name.contains('/')))
        .filter(|name| {
            let module = suite.lines().any(|line| line == format!("mod {name};"));
            let target = format!("path = \"tests/{name}.rs\"");
            !module && !manifest.lines().any(|line| line == target)
        })
        .map(|name| format!("tests/{name}.rs: never runs; add `mod {name};` to tests/suite.rs"))
        .collect()
}

/// A guardrail is a folder with `rule.rego` and `rule_test.rego`, short, and says what it is.
pub(crate) fn policies(files: &[File]) -> Vec<String> {
    let mut breaches = Vec::new();
    for folder in folders(files, "policies/") {
        let rule = text_of(files, &format!("{folder}/rule.rego"));
        let test = text_of(files, &format!("{folder}/rule_test.rego"));
        match (rule, test) {
            (Some(_), None) => breaches
                .push(format!("{folder}: rule.rego without rule_test.rego; show it can fire")),
            (None, Some(_)) => breaches.push(format!("{folder}: rule_test.rego without rule.rego")),
            _ => {}
        }
        let Some(rule) = rule else { continue };
        if !rule.lines().any(|line| line.trim_end() == "# METADATA") {
            breaches.push(format!(
                "{folder}/rule.rego:1: no `# METADATA` header; say its id, severity, title and remedy"
            ));
        }
        let lines = rule.lines().count();
        if lines > RULE_BUDGET {
            breaches.push(format!(
                "{folder}/rule.rego: {lines} lines, {RULE_BUDGET} is the most; a rule says one thing"
            ));
        }
    }
    breaches
}

/// An example is a story: what it shows, its project, and what running it prints.
pub(crate) fn examples(files: &[File]) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut stories: Vec<(String, &[&str])> = Vec::new();
    for folder in folders(files, "examples/") {
        if folder == "examples/guardrails" {
            // A story for each rule: what it refuses, and the same made right.
            let both: &[&str] =
                &["README.md", "refused/muster.yaml", "right/muster.yaml", "transcript.txt"];
            let inside = folders(files, "examples/guardrails/");
            stories.extend(inside.into_iter().map(|folder| (folder, both)));
        } else {
            stories.push((folder, &["README.md", "muster.yaml", "transcript.txt"]));
        }
    }
    for (folder, names) in stories {
        for name in names {
            if text_of(files, &format!("{folder}/{name}")).is_none() {
                breaches.push(format!(
                    "{folder}: {name} is missing; every example is a story that the tests run"
                ));
            }
        }
    }
    breaches
}

/// Every command of a test in a README picks some test: its last word is part of the name of one, or
/// of the module that it is in.
pub(crate) fn commands_pick_tests(files: &[File]) -> Vec<String> {
    let rust: Vec<&File> = files.iter().filter(|file| file.path.ends_with(".rs")).collect();
    let picks = |wanted: &str| {
        let last = wanted.rsplit("::").next().unwrap_or(wanted);
        let module = |path: &str| {
            path.ends_with(&format!("/{last}.rs")) || path.contains(&format!("/{last}/"))
        };
        rust.iter().any(|file| module(&file.path) || file.text.contains(&format!("fn {last}")))
    };
    let mut breaches = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with("README.md")) {
        for command in file.text.split('`').filter(|part| part.starts_with("cargo test --")) {
            let wanted = command.split_whitespace().rfind(|word| !word.starts_with('-'));
            if let Some(wanted) = wanted.filter(|wanted| !picks(wanted)) {
                breaches.push(format!("{}: `{command}` picks no test: `{wanted}`", file.path));
            }
        }
    }
    breaches
}

/// No tracked file names a path of somebody's machine or the host of a package registry.
pub(crate) fn no_places(path: &str, text: &str) -> Vec<String> {
    if path == "Cargo.lock" {
        return Vec::new();
    }
    let mut breaches = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let lower = line.to_ascii_lowercase();
        for place in places().iter().filter(|place| holds(&lower, place)) {
            breaches.push(format!(
                "{path}:{}: names `{place}`; a clone runs anywhere: use a path relative to the repository, or the registry's ordinary client",
                number + 1
            ));
        }
    }
    breaches
}

/// A tracked file is at most 1 MiB.
pub(crate) fn size(path: &str, bytes: u64) -> Vec<String> {
    let breach =
        format!("{path}: {bytes} bytes, {SIZE_BUDGET} is the most; make it in the test instead");
    if bytes > SIZE_BUDGET { vec![breach] } else { Vec::new() }
}

/// Every ban in `.clippy.toml` says what to do instead.
pub(crate) fn bans_have_reasons(text: &str) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
        inside |= line.starts_with("disallowed-");
        if inside && line.contains('"') && !line.starts_with('#') {
            let reason = line.split_once("reason = \"").map(|(_, rest)| rest);
            if reason.is_none_or(|reason| reason.trim_start().starts_with('"')) {
                breaches.push(format!(".clippy.toml:{number}: a ban without a reason; say what to do instead (`reason = \"..\"`)"));
            }
        }
        inside &= !line.ends_with(']');
    }
    breaches
}

/// Pieced together, so that this file does not hold what it looks for.
fn places() -> Vec<String> {
    let pieces = [
        ("/wor", "k/"),
        ("/ro", "ot/"),
        ("/tm", "p/"),
        ("/home/", "runner"),
        ("crates", ".io"),
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("npm", "js.org"),
        ("npm", "js.com"),
        ("deb.", "debian.org"),
        ("proxy.", "golang.org"),
    ];
    pieces.iter().map(|(head, tail)| format!("{head}{tail}")).collect()
}

/// A path counts where it begins: `/a/b/` is not held by `x/a/b/`.
fn holds(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().last());
        !place.starts_with('/')
            || !before.is_some_and(|c| c.is_alphanumeric() || "._-}".contains(c))
    })
}

fn text_of<'a>(files: &'a [File], path: &str) -> Option<&'a str> {
    files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
}

fn top_modules(files: &[File]) -> BTreeSet<&str> {
    let inside = files.iter().filter_map(|file| file.path.strip_prefix("src/"));
    inside
        .filter_map(|path| match path.split_once('/') {
            Some((room, _)) => Some(room),
            None => path.strip_suffix(".rs"),
        })
        .filter(|name| !matches!(*name, "lib" | "main"))
        .collect()
}

/// The folders right under `root`.
fn folders(files: &[File], root: &str) -> BTreeSet<String> {
    let inside = files.iter().filter_map(|file| file.path.strip_prefix(root));
    inside
        .filter_map(|path| path.split_once('/'))
        .map(|(name, _)| format!("{root}{name}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Vec<File> {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
            bytes: text.len() as u64,
        };
        files.iter().map(file).collect()
    }

    #[test]
    fn a_module_that_is_unnamed_or_undocumented_is_seen() {
        let good = [
            ("src/lib.rs", "pub mod plan;\npub mod apply;\n"),
            ("src/main.rs", ""),
            ("src/plan/mod.rs", "//! Plans and their order.\n"),
            ("src/plan/diff.rs", ""),
            ("src/apply.rs", "//! What changes the world.\n"),
        ];
        assert_eq!(contents(&tree(&good)), Vec::<String>::new());
        let unnamed = [("src/lib.rs", ""), ("src/plan/mod.rs", "//! Plans and their order.\n")];
        assert_eq!(contents(&tree(&unnamed)).len(), 1);
        let undocumented = [("src/lib.rs", "pub mod plan;"), ("src/plan/mod.rs", "mod diff;\n")];
        assert_eq!(contents(&tree(&undocumented)).len(), 1);
        let headless = [("src/lib.rs", "pub mod plan;"), ("src/plan/diff.rs", "//! Differences.")];
        assert_eq!(contents(&tree(&headless)).len(), 1);
    }

    #[test]
    fn a_file_of_tests_that_never_runs_is_seen() {
        let manifest = ("Cargo.toml", "path = \"tests/suite.rs\"\npath = \"tests/real.rs\"\n");
        let suite = ("tests/suite.rs", "mod laws;\n// mod forgotten;\n");
        let good = [manifest, suite, ("tests/real.rs", ""), ("tests/laws.rs", "")];
        assert_eq!(tests_run(&tree(&good)), Vec::<String>::new());
        assert_eq!(tests_run(&tree(&[manifest, suite, ("tests/laws/world.rs", "")])).len(), 0);
        assert_eq!(tests_run(&tree(&[manifest, suite, ("tests/forgotten.rs", "")])).len(), 1);
        assert_eq!(tests_run(&tree(&[manifest, suite, ("tests/suit.rs", "")])).len(), 1);
    }

    #[test]
    fn a_rule_without_test_header_or_measure_is_seen() {
        let (rule, test) = ("policies/a/rule.rego", "policies/a/rule_test.rego");
        let readme = ("policies/README.md", "");
        let good = [readme, (rule, "# METADATA\n# title: a\n"), (test, "")];
        assert_eq!(policies(&tree(&good)), Vec::<String>::new());
        assert_eq!(policies(&tree(&[(rule, "# METADATA\n")])).len(), 1);
        assert_eq!(policies(&tree(&[(test, "")])).len(), 1);
        assert_eq!(policies(&tree(&[(rule, "package a\n"), (test, "")])).len(), 1);
        let long = "# METADATA\n".repeat(RULE_BUDGET + 1);
        assert_eq!(policies(&tree(&[(rule, &long), (test, "")])).len(), 1);
    }

    #[test]
    fn an_example_that_is_no_story_is_seen() {
        let good =
            ["README.md", "muster.yaml", "transcript.txt"].map(|n| format!("examples/a/{n}"));
        for missing in 0..=good.len() {
            let kept = good.iter().enumerate().filter(|(at, _)| *at != missing);
            let files: Vec<_> = kept.map(|(_, path)| (path.as_str(), "")).collect();
            assert_eq!(examples(&tree(&files)).len(), usize::from(missing < good.len()));
        }
    }

    #[test]
    fn every_place_is_seen_and_look_alikes_are_not() {
        for place in places() {
            assert_eq!(no_places("README.md", &format!("see {place}x")).len(), 1, "{place}");
            assert!(no_places("Cargo.lock", &place).is_empty(), "{place}");
        }
        let fine = "examples/wor".to_owned() + "k/a, ${DIR}/tm" + "p/x, /network/";
        assert_eq!(no_places("README.md", &fine), Vec::<String>::new());
    }

    #[test]
    fn a_large_file_is_seen() {
        assert_eq!(size("a.bin", SIZE_BUDGET + 1).len(), 1);
        assert!(size("a.bin", SIZE_BUDGET).is_empty());
    }

    #[test]
    fn a_ban_without_a_reason_is_seen() {
        let bans = |ban: &str| format!("disallowed-methods = [\n  # why\n  {ban},\n]\nx = \"y\"\n");
        for bad in ["\"a::b\"", "{ path = \"a::b\" }", "{ path = \"a::b\", reason = \"\" }"] {
            assert_eq!(bans_have_reasons(&bans(bad)).len(), 1, "{bad}");
        }
        let good = bans("{ path = \"a::b\", reason = \"use c\" }");
        assert_eq!(bans_have_reasons(&good), Vec::<String>::new());
        assert_eq!(bans_have_reasons("disallowed-types = [\"a::B\"]\n").len(), 1);
    }
}
