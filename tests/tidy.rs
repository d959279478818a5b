//! The architecture as tests: budgets, floors, and what may stand where.
//!
//! Every rule is a function from paths and texts to breaches, and is shown able to fail by a unit
//! test beside it; the tests here hold this repository up to it.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests read the repository, and ask git what is in it"
)]

#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/families.rs"]
mod families;
#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/rust.rs"]
mod rust;
#[path = "tidy/tree.rs"]
mod tree;

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of the repository.
struct File {
    /// Relative to the root, with `/`.
    path: String,
    /// Its text; bytes that are no UTF-8 are replaced.
    text: String,
    /// Its size.
    bytes: u64,
}

#[test]
fn files_and_functions_keep_their_budgets() {
    each(source, rules::file_budget);
    each(rust_code, rules::function_budget);
}

#[test]
fn only_edge_and_main_touch_the_world() {
    each(source, rules::effects);
    each(source, rules::tests_are_tests);
}

#[test]
fn imports_only_go_down() {
    each(source, rules::floors);
}

#[test]
fn the_rooms_that_decide_match_on_families() {
    each(source, families::no_kind_by_name);
    each(source, families::families_are_exhaustive);
}

#[test]
fn files_of_a_room_do_not_import_each_other_in_circles() {
    hold(circles::circles(&tracked(), circles::KEPT, circles::TO_BREAK));
}

#[test]
fn one_place_decides_whether_an_account_can_be_used() {
    each(source, rules::active_is_read_in_one_place);
}

#[test]
fn no_test_is_ignored_and_no_lint_is_allowed() {
    each(rust_code, rules::nothing_silenced);
}

#[test]
fn lib_names_every_module_and_each_says_what_it_is() {
    hold(tree::contents(&tracked()));
}

#[test]
fn every_file_of_tests_is_run() {
    hold(tree::tests_run(&tracked()));
}

#[test]
fn every_guardrail_is_short_described_and_tested() {
    hold(tree::policies(&tracked()));
}

#[test]
fn every_example_is_a_story() {
    hold(tree::examples(&tracked()));
}

#[test]
fn every_command_of_a_readme_picks_a_test() {
    hold(tree::commands_pick_tests(&tracked()));
}

#[test]
fn no_file_names_a_machine_or_a_registry() {
    each(|_| true, tree::no_places);
}

#[test]
fn no_file_is_large() {
    hold(tracked().iter().flat_map(|file| tree::size(&file.path, file.bytes)).collect());
}

#[test]
fn every_ban_has_a_reason() {
    let files = tracked();
    let bans: Vec<_> = files.iter().filter(|file| file.path == ".clippy.toml").collect();
    assert_eq!(bans.len(), 1, ".clippy.toml is missing: it holds the walls that clippy checks");
    hold(bans.iter().flat_map(|file| tree::bans_have_reasons(&file.text)).collect());
}

/// A file of the program.
fn source(path: &str) -> bool {
    path.starts_with("src/") && path.ends_with(".rs")
}

/// A file of the program or of its tests.
fn rust_code(path: &str) -> bool {
    path.ends_with(".rs")
}

fn each(which: fn(&str) -> bool, rule: fn(&str, &str) -> Vec<String>) {
    let files: Vec<_> = tracked().into_iter().filter(|file| which(&file.path)).collect();
    assert!(!files.is_empty(), "no file to look at: the rule would hold of anything");
    hold(files.iter().flat_map(|file| rule(&file.path, &file.text)).collect());
}

fn hold(breaches: Vec<String>) {
    assert!(breaches.is_empty(), "{} to mend:\n{}", breaches.len(), breaches.join("\n"));
}

/// Every file that git knows or would take; of an unpacked archive, every file outside `target`.
fn tracked() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let paths = if root.join(".git").exists() { git(root) } else { walk(root) };
    let mut files: Vec<_> = paths.iter().filter_map(|path| read(root, path)).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn git(root: &Path) -> Vec<PathBuf> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").arg("-C").arg(root).args(arguments).output();
    let Ok(output) = output else { panic!("cannot run `git ls-files`: is git installed?") };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    listed.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from).collect()
}

fn walk(root: &Path) -> Vec<PathBuf> {
    let mut folders = vec![root.to_owned()];
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            panic!("cannot read {}", folder.display())
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            match path.strip_prefix(root) {
                Ok(inside) if inside == Path::new("target") => {}
                Ok(_) if path.is_dir() => folders.push(path),
                Ok(inside) => paths.push(inside.to_owned()),
                Err(_) => {}
            }
        }
    }
    paths
}

/// A file that git still lists and somebody has deleted is no file.
fn read(root: &Path, path: &Path) -> Option<File> {
    let content = std::fs::read(root.join(path)).ok()?;
    let name = path.to_string_lossy().replace('\\', "/");
    let text = String::from_utf8_lossy(&content).into_owned();
    Some(File { path: name, text, bytes: content.len() as u64 })
}
