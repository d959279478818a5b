//! Whether what is declared lies inside what is managed, and whether anything is declared at all.

use std::sync::Arc;

use super::World;
use crate::config::node::Place;
use crate::config::section::Declared;
use crate::config::sink::Sink;
use crate::config::words::Excerpt;
use crate::config::{
    Diagnostic, Diagnostics, Jurisdiction, Project, Selection, Severity, SourceText, compile_globs,
    is_glob, literal_glob,
};
use crate::kind::{Family, Key, KindName, Source};

/// Everything that is declared by its name must be managed or protected: anything else would never
/// be written, and whoever declared it would never know.
pub(super) fn check_jurisdiction(world: &World<'_>, project: &Project, sinks: &mut [Sink]) {
    let Ok(scope) = Jurisdiction::of(project) else { return };
    for (kind, (file, one)) in world.all() {
        let protected = match kind.family() {
            Family::Subject => scope.protects_user(&one.key),
            Family::Group => scope.protects_group(&one.key),
            Family::Scope => false,
            // Compared and shown even where they are not managed.
            Family::Membership | Family::Grant | Family::Plain => continue,
        };
        if !protected && !scope.manages(kind, &one.key) {
            let remedy = widen(kind, &one.key, project);
            report_outside(kind, one, &remedy, &mut sinks[*file]);
        }
    }
    if let Some((file, binding)) = world.bindings.first()
        && !project.manage.manages(KindName::Binding)
    {
        sinks[*file].warning(
            binding.place,
            "read-only-kind",
            [
                format_args!("bindings are declared, but not managed"),
                format_args!("without `manage.bindings` they are compared and never written"),
                format_args!(
                    "add `manage: {{ bindings: {{ onRemove: report }} }}` in {}",
                    project.file
                ),
            ],
        );
    }
}

/// The edit that makes the item of this kind and name one that is managed. It takes in nothing else.
fn widen(kind: KindName, key: &Key, project: &Project) -> String {
    let (plural, file) = (kind.plural(), &project.file);
    let domain = key.as_str().rsplit_once('@').map(|(_, domain)| domain);
    let domain = domain.filter(|domain| !domain.is_empty());
    let name = quoted(&literal_glob(key.as_str()));
    match project.manage.kinds.get(&kind).map(|managed| &managed.select) {
        Some(Selection::Domains(domains)) => match domain {
            Some(domain) => {
                format!("add `{}` to `manage.{plural}.domains` in {file}", quoted(domain))
            }
            None => whole_name(kind, key, domains.iter().find(|domain| !is_glob(domain))),
        },
        Some(Selection::Names { names, .. }) => {
            let is_named = compile_globs(names).is_ok_and(|names| names.is_match(key.as_str()));
            if is_named {
                format!("take what matches it out of `manage.{plural}.except` in {file}")
            } else {
                format!("add `{name}` to `manage.{plural}.names` in {file}")
            }
        }
        // All of the kind is managed: nothing of it is outside.
        Some(Selection::All) => format!("widen `manage.{plural}` in {file}"),
        None if kind.family() == Family::Subject => match domain {
            Some(domain) => {
                let domain = quoted(domain);
                format!("add `manage: {{ {plural}: {{ domains: [{domain}] }} }}` in {file}")
            }
            None => whole_name(kind, key, None),
        },
        None => format!("add `manage: {{ {plural}: {{ names: [{name}] }} }}` in {file}"),
    }
}

/// The remedy for a subject whose name has no domain. `*` would take in everybody else too.
fn whole_name(kind: KindName, key: &Key, domain: Option<&String>) -> String {
    let local = key.as_str().trim_end_matches('@');
    let domain = domain.map_or("example.com", String::as_str);
    let whole = quoted(&format!("{local}@{domain}"));
    format!("write the whole name of the {kind}, such as `{whole}`, if its domain was left out")
}

/// A text as a YAML scalar inside brackets or before a colon: in quotes where a plain one would be
/// read as something else.
fn quoted(text: &str) -> String {
    let is_plain = text.chars().all(|c| c.is_alphanumeric() || "@._-+/".contains(c))
        && text.starts_with(char::is_alphanumeric)
        && text.contains(char::is_alphabetic);
    let excerpt = Excerpt(text).to_string();
    if is_plain { excerpt } else { format!("'{}'", excerpt.replace('\'', "''")) }
}

fn report_outside(kind: KindName, declared: &Declared<'_>, remedy: &str, sink: &mut Sink) {
    sink.error(
        declared.place,
        "outside-jurisdiction",
        [
            format_args!("the {kind} `{}` is declared, but not managed", Excerpt(declared.written)),
            format_args!("nothing outside `manage` is ever written, so the line has no effect"),
            format_args!("{remedy}; or delete the line"),
        ],
    );
}

/// Every place named under `sources` must have given a file, and there must be one at all.
pub(super) fn check_sources(
    project: Option<&Project>,
    project_file: &SourceText,
    files: &[&SourceText],
    out: &mut Diagnostics,
) {
    let Some(project) = project else { return };
    for (path, source) in &project.sources {
        let is_inside = |name: &str| {
            path.is_empty()
                || name == path
                || name.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        if !files.iter().any(|file| is_inside(&file.name)) {
            out.push(Diagnostic {
                source: Some(source.clone()),
                severity: Severity::Error,
                id: "empty-source",
                what: format!("there is no YAML under `{}`", Excerpt(path)),
                why: "a missing folder would read as `remove everything in it`".to_owned(),
                remedy: "mend the path, or delete the entry".to_owned(),
                also: None,
            });
        }
    }
    if files.is_empty() && project.sources.is_empty() {
        report_nothing_declared(project_file, out);
    }
}

/// A project that declares nothing at all is never meant.
pub(super) fn report_nothing_declared(project_file: &SourceText, out: &mut Diagnostics) {
    let Place { line, column } = Place::START;
    out.push(Diagnostic {
        source: Some(Source { file: Arc::clone(&project_file.name), line, column }),
        severity: Severity::Error,
        id: "nothing-declared",
        what: "the project declares nothing at all".to_owned(),
        why: "an empty project is how a failed checkout looks; it would read as `remove everything`"
            .to_owned(),
        remedy: "write YAML with `users`, `groups` or `bindings` beside this file; an empty section is written `users: {}`"
            .to_owned(),
        also: None,
    });
}
