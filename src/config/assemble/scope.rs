//! Whether what is declared lies inside what is managed, and whether anything is declared at all.

use std::sync::Arc;

use super::World;
use crate::config::node::Place;
use crate::config::section::Declared;
use crate::config::sink::Sink;
use crate::config::words::Excerpt;
use crate::config::{
    Diagnostic, Diagnostics, Jurisdiction, Project, Selection, Severity, SourceText,
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
            report_outside(kind, one, (&remedy, &project.file), &mut sinks[*file]);
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

/// The edit of `manage` that takes in the item of this kind and name.
fn widen(kind: KindName, key: &Key, project: &Project) -> String {
    let plural = kind.plural();
    match project.manage.kinds.get(&kind).map(|managed| &managed.select) {
        Some(Selection::Domains(_)) => {
            let domain = key.as_str().rsplit_once('@').map_or("*", |(_, domain)| domain);
            format!("add `{}` to `manage.{plural}.domains`", Excerpt(domain))
        }
        Some(Selection::Names { .. } | Selection::All) => {
            format!("widen `manage.{plural}.names`, or narrow its `except`")
        }
        None if kind.family() == Family::Subject => {
            let domain = key.as_str().rsplit_once('@').map_or("*", |(_, domain)| domain);
            format!("add `manage: {{ {plural}: {{ domains: [{}] }} }}`", Excerpt(domain))
        }
        None => format!("add `manage: {{ {plural}: {{ names: [\"*\"] }} }}`"),
    }
}

fn report_outside(
    kind: KindName,
    declared: &Declared<'_>,
    (remedy, file): (&str, &str),
    sink: &mut Sink,
) {
    sink.error(
        declared.place,
        "outside-jurisdiction",
        [
            format_args!("the {kind} `{}` is declared, but not managed", Excerpt(declared.written)),
            format_args!("nothing outside `manage` is ever written, so the line has no effect"),
            format_args!("{remedy} in {file}, or delete the line"),
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
