//! Which rule uses which, and that none uses itself (hazard H3: recursion ends the process, and
//! OPA refuses it when it compiles).

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{Module, Span};

use super::syntax::{self, Path, Seen};

/// A rule's whole path: the package's parts and its name.
pub(super) type RulePath = Vec<String>;

/// One file's syntax tree with what its names mean.
pub(super) struct Scoped<'a> {
    pub(super) module: &'a Module,
    /// The package's parts.
    pub(super) package: Vec<String>,
    /// What imports of `data` are called here, and what they stand for (without `data`).
    pub(super) imports: BTreeMap<String, Vec<String>>,
}

/// Every rule of every file, by its path, and where it is first declared.
pub(super) struct Rules<'a> {
    paths: BTreeMap<RulePath, &'a Span>,
    /// Each package with the first part of each of its rules' names.
    names: BTreeSet<RulePath>,
}

impl<'a> Rules<'a> {
    pub(super) fn of(files: &[Scoped<'a>]) -> Self {
        let mut rules = Self { paths: BTreeMap::new(), names: BTreeSet::new() };
        for file in files {
            for rule in &file.module.policy {
                if let Some((head, _)) = syntax::head_of(rule) {
                    let path = file.own(&head);
                    rules.names.extend(path.get(..=file.package.len()).map(<[String]>::to_vec));
                    rules.paths.entry(path).or_insert_with(|| rule.span());
                }
            }
        }
        rules
    }

    /// Whether there is a rule of exactly this path.
    pub(super) fn has(&self, path: &[String]) -> bool {
        self.paths.contains_key(path)
    }

    /// The rules that a path of `data` reaches: those at it, above it and below it.
    pub(super) fn reached<'b>(&'b self, path: &[String]) -> impl Iterator<Item = &'b RulePath> {
        let above = (1..path.len()).filter_map(|count| path.get(..count));
        let above = above.filter_map(|prefix| self.paths.get_key_value(prefix));
        let from = self.paths.range(path.to_vec()..);
        let below = from.take_while(|(rule, _)| rule.starts_with(path));
        above.chain(below).map(|(rule, _)| rule)
    }
}

impl Scoped<'_> {
    /// The path of a name of this package.
    pub(super) fn own(&self, path: &Path<'_>) -> RulePath {
        let mut whole = self.package.clone();
        whole.push(path.root.to_owned());
        whole.extend(path.parts.iter().map(|&part| part.to_owned()));
        whole
    }

    /// What a reference stands for below `data`; `None` for a variable and for `input`.
    pub(super) fn resolve(&self, path: &Path<'_>, rules: &Rules<'_>) -> Option<Vec<String>> {
        let parts = path.parts.iter().map(|&part| part.to_owned());
        if path.root == "data" {
            return Some(parts.collect());
        }
        if let Some(import) = self.imports.get(path.root) {
            return Some(import.iter().cloned().chain(parts).collect());
        }
        let own = self.own(path);
        let name = own.get(..=self.package.len())?;
        rules.names.contains(name).then_some(own)
    }
}

/// Every cycle, each as the rules along it and where its first rule is.
pub(super) fn cycles<'a>(files: &[Scoped<'a>], rules: &Rules<'a>) -> Vec<(Vec<String>, &'a Span)> {
    let mut edges: BTreeMap<&RulePath, BTreeSet<&RulePath>> = BTreeMap::new();
    for file in files {
        for rule in &file.module.policy {
            let Some((head, _)) = syntax::head_of(rule) else { continue };
            let Some((from, _)) = rules.paths.get_key_value(&file.own(&head)) else { continue };
            let targets = edges.entry(from).or_default();
            syntax::walk_rule(rule, &mut |seen| {
                let (Seen::Name(path) | Seen::Call(path) | Seen::Replaced(path)) = seen else {
                    return;
                };
                if let Some(path) = file.resolve(&path, rules) {
                    targets.extend(rules.reached(&path));
                }
            });
        }
    }
    find(&edges, rules)
}

/// Depth first, without recursion of our own.
fn find<'a>(
    edges: &BTreeMap<&RulePath, BTreeSet<&RulePath>>,
    rules: &Rules<'a>,
) -> Vec<(Vec<String>, &'a Span)> {
    let mut found = Vec::new();
    let mut done: BTreeSet<&RulePath> = BTreeSet::new();
    for start in edges.keys() {
        let mut path: Vec<&RulePath> = Vec::new();
        let mut on_path: BTreeSet<&RulePath> = BTreeSet::new();
        // What to do next: enter a rule, or leave the one entered last.
        let mut todo: Vec<(&RulePath, bool)> = vec![(start, true)];
        while let Some((rule, enter)) = todo.pop() {
            if !enter {
                path.pop();
                on_path.remove(rule);
                done.insert(rule);
                continue;
            }
            if on_path.contains(rule) {
                let from = path.iter().position(|at| *at == rule).unwrap_or(0);
                let around = path.iter().skip(from).chain([&rule]).map(|at| at.join("."));
                if let Some(span) = rules.paths.get(rule) {
                    found.push((around.collect(), *span));
                }
                continue;
            }
            if done.contains(rule) {
                continue;
            }
            path.push(rule);
            on_path.insert(rule);
            todo.push((rule, false));
            todo.extend(edges.get(rule).into_iter().flatten().map(|next| (*next, true)));
        }
    }
    found
}
