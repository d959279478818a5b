//! The project on disk: found by walking up, read within bounds, never left.
#![expect(clippy::disallowed_methods, reason = "these tests make folders to read")]

use std::fs;
use std::path::Path;

use muster::config::{Diagnostics, SourceText};
use muster::edge::project::{find_root, read_policies, read_project};

const PROJECT: &str = "organization: acme\ntarget: { provider: sandbox }\n";

/// A folder with these files; a name that ends with `/` is a folder.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let Ok(root) = tempfile::tempdir() else { panic!("no temporary folder") };
    for (name, text) in files {
        let path = root.path().join(name);
        let parent = path.parent().map(fs::create_dir_all);
        assert!(matches!(parent, Some(Ok(()))), "{name}");
        let made =
            if name.ends_with('/') { fs::create_dir_all(&path) } else { fs::write(&path, text) };
        assert!(made.is_ok(), "{name}");
    }
    root
}

fn names(sources: &[SourceText]) -> Vec<&str> {
    sources.iter().map(|source| &*source.name).collect()
}

/// The checks that failed, with their places.
fn checks(problems: &Diagnostics) -> Vec<String> {
    let shown = |one: &muster::config::Diagnostic| match &one.source {
        Some(source) => format!("{} {source}", one.id),
        None => one.id.to_owned(),
    };
    problems.sorted().iter().map(shown).collect()
}

fn refused(root: &Path) -> Vec<String> {
    match read_project(root) {
        Ok(read) => panic!("accepted: {:?}", names(&read.sources)),
        Err(problems) => checks(&problems),
    }
}

#[test]
fn the_project_is_found_upwards_to_the_git_root() {
    let root = folder(&[
        ("muster.yaml", PROJECT),
        ("a/b/x.yaml", ""),
        ("other/.git/", ""),
        ("other/in/", ""),
    ]);
    let found = find_root(&root.path().join("a/b"));
    assert_eq!(found.ok(), fs::canonicalize(root.path()).ok());
    assert_eq!(refused(&root.path().join("other/in")), ["no-project"]);
}

#[test]
fn everything_beside_it_is_read_but_hidden_files_and_policies() {
    let project = format!("{PROJECT}policies: [guard/rules]\n");
    let root = folder(&[
        ("muster.yaml", &project),
        ("b.yaml", "users: {}"),
        ("a/c.yml", "users: {}"),
        (".hidden.yaml", "x"),
        (".git/x.yaml", "x"),
        ("guard/rules/data.yaml", "x"),
        ("guard/rules/rule.rego", "package x"),
        ("guard/own.yaml", "users: {}"),
        ("notes.md", "x"),
    ]);
    let Ok(read) = read_project(root.path()) else { panic!("refused") };
    assert_eq!(names(&read.sources), ["a/c.yml", "b.yaml", "guard/own.yaml"]);
    let Ok(policies) = read_policies(&read.root, &read.project) else { panic!("refused") };
    let names: Vec<&str> = policies.iter().map(|(name, _)| name.as_str()).collect();
    // Data beside rules is read with them; whether it may be there is judged later.
    assert_eq!(names, ["guard/rules/data.yaml", "guard/rules/rule.rego"]);
}

#[test]
fn a_file_beside_rules_that_nobody_would_read_is_an_error() {
    let project = format!("{PROJECT}policies: [guard]\n");
    let read = |name: &str| {
        let root = folder(&[
            ("muster.yaml", &project),
            ("a.yaml", "users: {}"),
            ("guard/good/rule.rego", "package x"),
            (name, "package y"),
        ]);
        let Ok(read) = read_project(root.path()) else { panic!("refused") };
        read_policies(&read.root, &read.project).err().map(|problems| checks(&problems))
    };
    for name in [
        "guard/good/rule_test.rego",
        "guard/README.md",
        "guard/good/Notes.MD",
        "guard/LICENSE",
        "guard/.regal",
        "guard/settings/teams.json",
    ] {
        assert_eq!(read(name), None, "{name}");
    }
    for name in [
        "guard/late/rule.rgo",
        "guard/rule.REGO",
        "guard/good/rule.rego.txt",
        "guard/good/rule_test.rego~",
        "guard/rule",
        "guard/settings/teams.JSON",
    ] {
        assert_eq!(read(name), Some(vec![format!("no-policy {name}:1:1")]), "{name}");
    }
}

#[test]
fn only_sources_are_read_where_they_are_named() {
    let project = format!("{PROJECT}sources: [teams, ./one.yaml]\n");
    let files = [
        ("muster.yaml", project.as_str()),
        ("teams/a.yaml", ""),
        ("one.yaml", ""),
        ("two.yaml", ""),
    ];
    let Ok(read) = read_project(folder(&files).path()) else { panic!("refused") };
    assert_eq!(names(&read.sources), ["one.yaml", "teams/a.yaml"]);
}

#[test]
fn a_folder_that_is_missing_or_empty_is_an_error_at_its_place() {
    let project = format!("{PROJECT}sources:\n  - gone\n  - empty\n  - full\n");
    let root =
        folder(&[("muster.yaml", &project), ("empty/notes.md", ""), ("full/a.yaml", "users: {}")]);
    assert_eq!(
        refused(root.path()),
        ["unreadable muster.yaml:4:5", "empty-source muster.yaml:5:5"]
    );
    let project = format!("{PROJECT}policies:\n  - gone\n  - empty\n");
    let root =
        folder(&[("muster.yaml", &project), ("empty/notes.md", ""), ("a.yaml", "users: {}")]);
    let Ok(read) = read_project(root.path()) else { panic!("refused") };
    match read_policies(&read.root, &read.project) {
        Ok(_) => panic!("accepted"),
        Err(problems) => assert_eq!(
            checks(&problems),
            ["unreadable muster.yaml:4:5", "empty-source muster.yaml:5:5"]
        ),
    }
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out_of_the_project_nor_in_circles() {
    use std::os::unix::fs::symlink;
    let outside = folder(&[("secret.yaml", "users: {}")]);
    let root = folder(&[("muster.yaml", PROJECT), ("real/a.yaml", "users: {}")]);
    let link = |to: &Path, name: &str| assert!(symlink(to, root.path().join(name)).is_ok());
    link(Path::new("real/a.yaml"), "inside.yaml");
    let Ok(read) = read_project(root.path()) else { panic!("refused") };
    assert_eq!(names(&read.sources), ["inside.yaml", "real/a.yaml"]);
    link(&outside.path().join("secret.yaml"), "file.yaml");
    link(outside.path(), "folder");
    link(Path::new("nowhere.yaml"), "broken.yaml");
    let found = refused(root.path());
    let expected = [
        "unreadable broken.yaml:1:1",
        "leaves-the-project file.yaml:1:1",
        "leaves-the-project folder:1:1",
    ];
    assert_eq!(found, expected);
    let root = folder(&[("muster.yaml", PROJECT), ("real/a.yaml", "users: {}")]);
    assert!(symlink("..", root.path().join("real/up")).is_ok());
    assert!(refused(root.path()).iter().any(|one| one.contains("link-in-a-circle")));
}

#[cfg(unix)]
#[test]
fn pipes_are_not_opened_and_large_files_are_not_read() {
    let root = folder(&[("muster.yaml", PROJECT), ("a.yaml", "users: {}")]);
    let pipe = root.path().join("pipe.yaml");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.is_ok_and(|status| status.success()));
    let Ok(large) = fs::File::create(root.path().join("large.yaml")) else { panic!("no file") };
    assert!(large.set_len(muster::config::MAX_FILE_BYTES + 1).is_ok());
    let expected = ["file-too-large large.yaml:1:1", "not-a-file pipe.yaml:1:1"];
    assert_eq!(refused(root.path()), expected);
}

#[test]
fn a_project_inside_the_project_is_refused() {
    let root =
        folder(&[("muster.yaml", PROJECT), ("sub/muster.yaml", PROJECT), ("a.yaml", "users: {}")]);
    assert_eq!(refused(root.path()), ["nested-project sub/muster.yaml:1:1"]);
}
