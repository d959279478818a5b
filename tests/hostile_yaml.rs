//! Hostile YAML: every case is refused by the right check at the right place, and nothing of it
//! is accepted.

use super::support::corpus::{Case, DESIRED, PROJECT, Where, cases};
use muster::config::{Diagnostics, Severity, SourceText, parse};
use muster::report::{Style, diagnostics};

/// The cases above this size are read once, not in every test.
const SMALL: usize = 100_000;

fn source(name: &str, bytes: &[u8]) -> SourceText {
    SourceText { name: name.into(), bytes: bytes.to_vec() }
}

/// The two files of a case.
fn files(case: &Case) -> (SourceText, SourceText) {
    match case.file {
        Where::Desired => {
            (source("muster.yaml", PROJECT.as_bytes()), source("identity.yaml", &case.bytes))
        }
        Where::Project => {
            (source("muster.yaml", &case.bytes), source("identity.yaml", DESIRED.as_bytes()))
        }
    }
}

/// What is wrong with how a case was refused, if anything.
fn complaint(case: &Case, problems: &Diagnostics) -> Option<String> {
    let file = if case.file == Where::Project { "muster.yaml" } else { "identity.yaml" };
    let sorted = problems.sorted();
    let is_it = |one: &muster::config::Diagnostic| {
        one.id == case.check
            && one.severity == Severity::Error
            && one.source.as_ref().is_some_and(|source| {
                &*source.file == file && (source.line, source.column) == case.place
            })
    };
    if sorted.iter().any(is_it) {
        return None;
    }
    let found: Vec<String> = sorted
        .iter()
        .take(5)
        .map(|one| format!("{} at {:?}: {}", one.id, one.source, one.what))
        .collect();
    Some(format!("{}: wanted {} at {:?}, got {found:#?}", case.name, case.check, case.place))
}

#[test]
fn every_hostile_file_is_refused_at_its_place() {
    let cases = cases();
    assert!(cases.len() >= 45, "{}", cases.len());
    let mut complaints = Vec::new();
    for case in &cases {
        let (project, desired) = files(case);
        match parse(&project, std::slice::from_ref(&desired), 2) {
            Ok(_) => complaints.push(format!("{}: accepted", case.name)),
            Err(problems) => complaints.extend(complaint(case, &problems)),
        }
    }
    assert!(complaints.is_empty(), "{} wrong:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn a_refusal_is_short_harmless_and_keeps_secrets() {
    for case in cases().into_iter().filter(|case| case.bytes.len() < SMALL) {
        let (project, desired) = files(&case);
        let Err(problems) = parse(&project, std::slice::from_ref(&desired), 1) else {
            panic!("{}: accepted", case.name)
        };
        let sorted = problems.sorted();
        assert!(sorted.len() <= 410, "{}: {} problems", case.name, sorted.len());
        for one in &sorted {
            let told = [&one.what, &one.why, &one.remedy];
            assert!(told.iter().all(|text| !text.is_empty()), "{}: {one:?}", case.name);
            assert!(told.iter().all(|text| text.len() < 900), "{}: {one:?}", case.name);
            assert!(!told.iter().any(|text| text.contains("TOPSECRET")), "{}", case.name);
            assert!(!one.what.ends_with('.'), "{}: {one:?}", case.name);
        }
        let shown = diagnostics(&problems, &[&project, &desired], Style::PLAIN);
        let is_harmless = |letter: char| !letter.is_control() || letter == '\n';
        assert!(shown.chars().all(is_harmless), "{}", case.name);
        assert!(!shown.contains(['\u{202e}', '\u{200b}']), "{}", case.name);
    }
}

#[test]
fn the_number_of_threads_and_the_order_of_files_change_nothing() {
    let is_small = |case: &&Case| case.file == Where::Desired && case.bytes.len() < SMALL;
    for case in cases().iter().filter(is_small) {
        let (project, desired) = files(case);
        let others = [
            source("a.yaml", b"users:\n  Zed@example.com: {}\n"),
            source("z.yaml", b"users:\n  zed@example.com: {}\n"),
        ];
        let [a, z] = others;
        let forwards = parse(&project, &[a.clone(), desired.clone(), z.clone()], 1);
        let backwards = parse(&project, &[z, desired, a], 3);
        let (Err(one), Err(other)) = (forwards, backwards) else {
            panic!("{}: accepted", case.name)
        };
        assert_eq!(one.sorted(), other.sorted(), "{}", case.name);
    }
}
