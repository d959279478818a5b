//! Import circles: files of one room that import each other, directly or through others.
//!
//! Imports are read as text. A name that is taken from a `mod.rs` counts as taken from the file
//! that defines it, so a `mod.rs` that only re-exports is part of no circle.

use std::collections::{BTreeMap, BTreeSet};

use crate::File;
use crate::rust::{closing, mask, test_modules, without_tests, word_at, words};

/// The most circles that may remain in the whole crate.
const MOST: usize = 3;

/// A circle that remains: its files, and why it is better than the way around it.
pub(crate) struct Kept {
    pub(crate) files: &'static [&'static str],
    pub(crate) reason: &'static str,
}

/// The circles that remain.
pub(crate) const KEPT: &[Kept] = &[];

/// Where circles are still to be broken, as the start of a path: an entry leaves the list with its
/// last circle.
pub(crate) const TO_BREAK: &[&str] = &[];

/// Re-exports lead to re-exports: how many are followed before a path counts as unknown.
const HOPS: usize = 12;

/// Every circle that neither `kept` nor `to_break` lists, every entry of these that is out of date
/// or has no reason, and a list that is too long.
pub(crate) fn circles(files: &[File], kept: &[Kept], to_break: &[&str]) -> Vec<String> {
    let edges = Crate::of(files).edges();
    let mut breaches = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open = BTreeSet::new();
    for circle in components(&edges) {
        let inside = |start: &&&str| circle.iter().all(|file| file.starts_with(**start));
        if let Some(start) = to_break.iter().find(inside) {
            open.insert(*start);
            continue;
        }
        let known =
            kept.iter().position(|one| one.files.iter().copied().eq(circle.iter().copied()));
        match known {
            Some(at) => {
                seen.insert(at);
            }
            None => breaches.push(describe(&circle, &edges)),
        }
    }
    for (at, one) in kept.iter().enumerate() {
        let named = one.files.join(", ");
        if !seen.contains(&at) {
            breaches.push(format!("KEPT: {named} are no circle any more; take the entry out"));
        }
        if one.reason.trim().len() < 20 {
            breaches.push(format!("KEPT: say why {named} have to import each other"));
        }
    }
    for done in to_break.iter().filter(|start| !open.contains(**start)) {
        breaches.push(format!("TO_BREAK: `{done}` has no circle any more; take it out"));
    }
    if kept.len() > MOST {
        breaches.push(format!("KEPT: {} circles, {MOST} is the most; break one", kept.len()));
    }
    breaches
}

/// Who imports what from whom inside one room: importing file, defining file, names.
type Edges<'a> = BTreeMap<&'a str, BTreeMap<&'a str, BTreeSet<String>>>;

fn describe(circle: &[&str], edges: &Edges<'_>) -> String {
    let mut said = format!(
        "an import circle of {} files; move what they share into a file that imports none of them:",
        circle.len()
    );
    for from in circle {
        for (to, names) in edges.get(from).into_iter().flatten() {
            if circle.contains(to) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                said.push_str(&format!("\n  {from} imports {to}: {}", names.join(", ")));
            }
        }
    }
    said
}

/// The strongly connected components of more than one file, each in order.
fn components<'a>(edges: &Edges<'a>) -> Vec<Vec<&'a str>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> =
        edges.keys().map(|from| (*from, reachable(from, edges))).collect();
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    let mut found = Vec::new();
    for (from, reached) in &reach {
        if placed.contains(from) || !reached.contains(from) {
            continue;
        }
        let back = |to: &&&str| reach.get(**to).is_some_and(|there| there.contains(from));
        let circle: Vec<&str> = reached.iter().filter(back).copied().collect();
        placed.extend(&circle);
        found.push(circle);
    }
    found
}

/// What `from` imports, directly or through others; itself only by way of a circle.
fn reachable<'a>(from: &str, edges: &Edges<'a>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let next = |from: &str| edges.get(from).into_iter().flat_map(BTreeMap::keys).copied();
    let mut open: Vec<&str> = next(from).collect();
    while let Some(to) = open.pop() {
        if reached.insert(to) {
            open.extend(next(to));
        }
    }
    reached
}

/// One leaf of a `use` tree.
struct Import {
    /// The segments of its path; a last `self` is left out.
    path: Vec<String>,
    /// The name it gives; `*` for everything.
    name: String,
    /// Whether it is visible outside its module, and so may be there for others alone.
    is_public: bool,
}

/// One file as a module.
struct Module<'a> {
    file: &'a str,
    /// Its code without comments, literals, tests and `use` statements.
    code: String,
    imports: Vec<Import>,
}

/// Every module of the crate by its path (`plan::access::build`).
struct Crate<'a> {
    modules: BTreeMap<String, Module<'a>>,
}

impl<'a> Crate<'a> {
    fn of(files: &'a [File]) -> Self {
        let masked: Vec<(&str, String)> = files
            .iter()
            .filter(|file| file.path.starts_with("src/") && file.path.ends_with(".rs"))
            .map(|file| (file.path.as_str(), mask(&file.text)))
            .collect();
        let tests: BTreeSet<String> =
            masked.iter().flat_map(|(path, code)| tests_of(&module_path(path), code)).collect();
        let is_test = |module: &str| {
            tests.iter().any(|test| module == test || module.starts_with(&format!("{test}::")))
        };
        let modules = masked.iter().filter_map(|(path, code)| {
            let module = module_path(path);
            let (code, imports) = split_imports(&without_tests(code));
            (!is_test(&module)).then_some((module, Module { file: path, code, imports }))
        });
        Self { modules: modules.collect() }
    }

    /// The imports that stay inside their room.
    fn edges(&self) -> Edges<'a> {
        let mut edges: Edges<'a> = BTreeMap::new();
        for (path, module) in &self.modules {
            for (target, name) in self.taken_by(path, module) {
                let Some(other) = self.modules.get(&target) else { continue };
                if target != *path && !path.is_empty() && room(path) == room(&target) {
                    let names = edges.entry(module.file).or_default();
                    names.entry(other.file).or_default().insert(name);
                }
            }
        }
        edges
    }

    /// The modules from which `module` takes something, and what.
    fn taken_by(&self, path: &str, module: &Module<'_>) -> Vec<(String, String)> {
        let mut taken = Vec::new();
        // Modules that are known by a name here: what counts is what is taken out of them.
        let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for import in &module.imports {
            let is_named = words(&module.code, &import.name).next().is_some();
            if import.is_public && !is_named {
                continue;
            }
            let Some(target) = self.resolve(path, &import.path, HOPS) else { continue };
            if self.is_module(path, &import.path) && is_named {
                known.insert(import.name.clone(), import.path.clone());
            } else {
                taken.push((target, import.name.clone()));
            }
        }
        for (child, _) in self.children(path) {
            known.insert(child.clone(), vec![child]);
        }
        for used in paths(&module.code) {
            let Some((first, rest)) = used.split_first() else { continue };
            let full = match known.get(first) {
                Some(start) => start.iter().chain(rest).cloned().collect(),
                None if matches!(first.as_str(), "super" | "self" | "crate") => used.clone(),
                None => continue,
            };
            if let Some(target) = self.resolve(path, &full, HOPS) {
                taken.push((target, full.last().cloned().unwrap_or_default()));
            }
        }
        taken
    }

    fn children(&self, path: &str) -> Vec<(String, String)> {
        let start = if path.is_empty() { String::new() } else { format!("{path}::") };
        let inside = self.modules.keys().filter_map(|full| {
            let name = full.strip_prefix(&start).filter(|name| !name.is_empty())?;
            (!name.contains("::")).then(|| (name.to_owned(), full.clone()))
        });
        inside.collect()
    }

    /// The module that defines what `path` names, as seen from the module `from`; `None` for
    /// another crate.
    fn resolve(&self, from: &str, path: &[String], hops: usize) -> Option<String> {
        let (mut at, rest) = self.start(from, path)?;
        for (index, segment) in rest.iter().enumerate() {
            if segment == "*" {
                return Some(at);
            }
            let child = join(&at, segment);
            if self.modules.contains_key(&child) {
                at = child;
                continue;
            }
            let after = rest.get(index + 1..).unwrap_or_default();
            let hops = hops.checked_sub(1)?;
            return Some(self.through(&at, segment, after, hops).unwrap_or(at));
        }
        Some(at)
    }

    /// Where `name` is defined that `module` only imports.
    fn through(&self, module: &str, name: &str, after: &[String], hops: usize) -> Option<String> {
        let imports = &self.modules.get(module)?.imports;
        if let Some(import) = imports.iter().find(|import| import.name == name) {
            let path: Vec<String> = import.path.iter().chain(after).cloned().collect();
            return self.resolve(module, &path, hops);
        }
        let globs = imports.iter().filter(|import| import.name == "*");
        globs.filter_map(|glob| self.resolve(module, &glob.path, hops)).find_map(|inside| {
            let there = self.modules.get(&inside)?;
            if defines(&there.code, name) {
                return Some(inside);
            }
            hops.checked_sub(1).and_then(|hops| self.through(&inside, name, after, hops))
        })
    }

    /// The module at which a path starts, and what follows.
    fn start<'p>(&self, from: &str, path: &'p [String]) -> Option<(String, &'p [String])> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some((String::new(), rest)),
            "self" => Some((from.to_owned(), rest)),
            "super" => {
                let mut at = parent(from);
                let mut rest = rest;
                while let Some(("super", after)) =
                    rest.split_first().map(|(first, after)| (first.as_str(), after))
                {
                    (at, rest) = (parent(&at), after);
                }
                Some((at, rest))
            }
            child => self.modules.contains_key(&join(from, child)).then(|| (from.to_owned(), path)),
        }
    }

    fn is_module(&self, from: &str, path: &[String]) -> bool {
        let Some((mut at, rest)) = self.start(from, path) else { return false };
        for segment in rest {
            at = join(&at, segment);
            if !self.modules.contains_key(&at) {
                return false;
            }
        }
        true
    }
}

fn module_path(file: &str) -> String {
    let inside = file.strip_prefix("src/").unwrap_or(file);
    let inside = inside.strip_suffix(".rs").unwrap_or(inside);
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    if matches!(inside, "lib" | "main") { String::new() } else { inside.replace('/', "::") }
}

fn join(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
}

fn parent(module: &str) -> String {
    module.rsplit_once("::").map_or_else(String::new, |(parent, _)| parent.to_owned())
}

fn room(module: &str) -> &str {
    module.split("::").next().unwrap_or_default()
}

/// The modules of `module` that stand behind `#[cfg(test)]`.
fn tests_of(module: &str, masked: &str) -> Vec<String> {
    let spans = test_modules(masked);
    let names = spans.into_iter().filter_map(|span| {
        let text = masked.get(span)?;
        let at = words(text, "mod ").next()?;
        Some(join(module, word_at(text, at + "mod ".len())))
    });
    names.collect()
}

fn defines(code: &str, name: &str) -> bool {
    ["fn ", "struct ", "enum ", "trait ", "type ", "const ", "static "]
        .iter()
        .any(|keyword| words(code, &format!("{keyword}{name}")).next().is_some())
}

/// Code without its `use` statements, and what these import.
fn split_imports(code: &str) -> (String, Vec<Import>) {
    let mut rest = code.as_bytes().to_vec();
    let mut imports = Vec::new();
    for at in words(code, "use ") {
        let Some(length) = code.get(at..).and_then(|tail| tail.find(';')) else { continue };
        let tree = code.get(at + "use ".len()..at + length).unwrap_or_default();
        let line = code.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
        let is_public = line.trim_start().starts_with("pub");
        leaves(tree, &[], is_public, &mut imports);
        rest.iter_mut().skip(at).take(length).for_each(|byte| *byte = b' ');
    }
    (String::from_utf8_lossy(&rest).into_owned(), imports)
}

/// The leaves of a `use` tree whose groups stand behind `start`.
fn leaves(tree: &str, start: &[String], is_public: bool, found: &mut Vec<Import>) {
    for item in items(tree) {
        let (path, group) = match item.find('{') {
            Some(open) => {
                let end = closing(item, open);
                (item.get(..open).unwrap_or_default(), item.get(open + 1..end.saturating_sub(1)))
            }
            None => (item, None),
        };
        let (path, alias) = match path.split_once(" as ") {
            Some((path, alias)) => (path, Some(alias.trim())),
            None => (path, None),
        };
        let segments = path.split("::").map(str::trim).filter(|segment| !segment.is_empty());
        let mut full: Vec<String> = start.to_vec();
        full.extend(segments.map(str::to_owned));
        if let Some(group) = group {
            leaves(group, &full, is_public, found);
            continue;
        }
        if full.len() > 1 && full.last().is_some_and(|last| last == "self") {
            full.pop();
        }
        let Some(last) = full.last().cloned() else { continue };
        let name = alias.map_or(last, str::to_owned);
        found.push(Import { path: full, name, is_public });
    }
}

/// The items of a group, split at the commas that stand in no inner group.
fn items(tree: &str) -> Vec<&str> {
    let (mut depth, mut from) = (0_usize, 0);
    let mut found = Vec::new();
    for (at, byte) in tree.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                found.push(tree.get(from..at).unwrap_or_default());
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(tree.get(from..).unwrap_or_default());
    found.into_iter().map(str::trim).filter(|item| !item.is_empty()).collect()
}

/// Every path of two segments or more in code.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < code.len() {
        let first = word_at(code, at);
        if first.is_empty() {
            at += code.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            continue;
        }
        let start = code.get(..at).unwrap_or_default();
        let is_later = start.ends_with("::");
        let mut path = vec![first.to_owned()];
        at += first.len();
        while code.get(at..at + 2) == Some("::") && !word_at(code, at + 2).is_empty() {
            let next = word_at(code, at + 2);
            path.push(next.to_owned());
            at += 2 + next.len();
        }
        // `pub(in crate::plan)` says who may see an item, and takes nothing.
        let is_scope = start.ends_with("(in ");
        if path.len() > 1 && !is_later && !is_scope {
            found.push(path);
        }
    }
    found
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

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        circles(&tree(files), &[], &[])
    }

    #[test]
    fn a_circle_is_seen_however_the_import_is_written() {
        for back in [
            "use super::a::A;",
            "use super::{a::{self, A}, c};",
            "use crate::plan::a::A;",
            "use crate::plan::{a::A as C};",
            "fn b() { super::a::a() }",
            "fn b(a: &crate::plan::a::A) {}",
            "use super::a;\nfn b() { a::a() }",
            "use super::a::*;",
        ] {
            let files = [
                ("src/plan/mod.rs", "mod a;\nmod b;"),
                ("src/plan/a.rs", "use super::b::B;\npub struct A;"),
                ("src/plan/b.rs", back),
            ];
            let said = found(&files);
            assert_eq!(said.len(), 1, "{back}: {said:?}");
            let told = said.join("");
            assert!(told.contains("src/plan/a.rs imports src/plan/b.rs: B"), "{told}");
        }
    }

    #[test]
    fn a_circle_of_many_files_and_folders_is_one() {
        let files = [
            ("src/plan/mod.rs", "mod a;\nmod inner;\nmod c;\nmod d;"),
            ("src/plan/a.rs", "use super::inner::B;"),
            ("src/plan/inner/mod.rs", "mod b;\npub(super) use b::B;"),
            ("src/plan/inner/b.rs", "use super::super::c::C;\npub(super) struct B;"),
            ("src/plan/c.rs", "use crate::plan::a::A;"),
            ("src/plan/d.rs", "use super::a::A;"),
        ];
        let said = found(&files);
        assert_eq!(said.len(), 1, "{said:?}");
        let told = said.join("");
        assert!(told.contains("of 3 files"), "{told}");
        assert!(!told.contains("d.rs") && !told.contains("mod.rs"), "{told}");
    }

    #[test]
    fn a_module_that_only_re_exports_is_in_no_circle() {
        let files = [
            ("src/plan/mod.rs", "mod a;\nmod b;\npub use a::{A, Other as Another};\npub use b::*;"),
            ("src/plan/a.rs", "pub struct A; pub struct Other;"),
            ("src/plan/b.rs", "use super::{A, Another};\npub struct B;"),
            ("src/plan/c.rs", "use super::B;"),
        ];
        assert_eq!(found(&files), Vec::<String>::new());
        // The same where the name goes through `mod.rs` and the file behind it looks back.
        let back = [
            ("src/plan/mod.rs", "mod a;\nmod b;\npub use a::A;\npub use b::*;"),
            ("src/plan/a.rs", "use super::B;\npub struct A;"),
            ("src/plan/b.rs", "use super::A;\npub struct B;"),
        ];
        let said = found(&back);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(!said.join("").contains("mod.rs"), "{said:?}");
    }

    #[test]
    fn a_module_that_works_with_what_it_re_exports_can_be_in_one() {
        let uses = "mod a;\npub use a::A;\npub struct M;\npub fn m() -> A { a::make() }";
        let files = [("src/plan/mod.rs", uses), ("src/plan/a.rs", "use super::M;\npub struct A;")];
        assert_eq!(found(&files).len(), 1);
        let aside = [("src/plan/mod.rs", uses), ("src/plan/a.rs", "use crate::kind::M;")];
        assert_eq!(found(&aside), Vec::<String>::new());
    }

    #[test]
    fn tests_comments_and_other_rooms_make_no_circle() {
        let files = [
            ("src/plan/mod.rs", "mod a;\n#[cfg(test)]\nmod helpers;\n"),
            ("src/plan/a.rs", "use super::b::B;\nuse crate::live::L;\n"),
            (
                "src/plan/b.rs",
                "// use super::a::A;\nfn b() { \"super::a::A\" }\n#[cfg(test)]\nmod tests {\n use super::super::a::A;\n}",
            ),
            ("src/plan/helpers.rs", "use super::a::A;"),
            ("src/live/mod.rs", "use crate::plan::a::A;"),
        ];
        assert_eq!(found(&files), Vec::<String>::new());
    }

    #[test]
    fn a_visibility_is_no_import() {
        let files = [
            ("src/plan/mod.rs", "mod a;\npub fn m() -> a::A {}"),
            ("src/plan/a.rs", "pub(in crate::plan) struct A;"),
        ];
        assert_eq!(found(&files), Vec::<String>::new());
    }

    #[test]
    fn what_is_kept_is_named_exactly_with_a_reason_and_is_little() {
        let both: &'static [&'static str] = &["src/plan/a.rs", "src/plan/b.rs"];
        let files = tree(&[
            ("src/plan/mod.rs", "mod a;\nmod b;"),
            ("src/plan/a.rs", "use super::b;"),
            ("src/plan/b.rs", "use super::a;"),
        ]);
        let reason = "a tree of expressions has to name itself";
        let kept = |files, reason| Kept { files, reason };
        assert_eq!(circles(&files, &[kept(both, reason)], &[]), Vec::<String>::new());
        assert_eq!(circles(&files, &[kept(both, "")], &[]).len(), 1);
        assert_eq!(circles(&files, &[kept(&["src/plan/a.rs"], reason)], &[]).len(), 2);
        assert_eq!(circles(&tree(&[]), &[kept(both, reason)], &[]).len(), 1);
        let many: Vec<Kept> = (0..=MOST).map(|_| kept(both, reason)).collect();
        assert!(circles(&files, &many, &[]).iter().any(|said| said.contains("is the most")));
    }

    #[test]
    fn a_place_whose_circles_are_broken_leaves_the_list() {
        let files = tree(&[
            ("src/plan/mod.rs", "mod a;\nmod b;"),
            ("src/plan/a.rs", "use super::b;"),
            ("src/plan/b.rs", "use super::a;"),
        ]);
        assert_eq!(circles(&files, &[], &["src/plan/"]), Vec::<String>::new());
        assert_eq!(circles(&files, &[], &["src/live/"]).len(), 2);
        assert_eq!(circles(&files, &[], &["src/plan/", "src/live/"]).len(), 1);
    }
}
