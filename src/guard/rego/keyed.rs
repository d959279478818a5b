//! Sets by key, used whole: while no body of `h[k] contains v` holds, OPA has `h` empty, and this
//! engine has it undefined. Going through it, and looking into it by a key, comes to the same in
//! both; handing it on does not.

use std::collections::BTreeSet;

use regorus::unstable::{Literal, Rule, RuleHead, Span};

use super::at::at;
use super::calls::{RulePath, Rules, Scoped};
use super::syntax::{self, Seen};
use crate::guard::Problem;

/// Every use of such a rule that may be undefined here alone.
pub(super) fn problems(files: &[Scoped<'_>], rules: &Rules<'_>) -> Vec<Problem> {
    let mut keyed: BTreeSet<RulePath> = files.iter().flat_map(keyed_of).collect();
    if keyed.is_empty() {
        return vec![];
    }
    // Another name for such a rule is as undefined as the rule.
    let names: Vec<_> = files.iter().flat_map(|file| names_of(file, rules)).collect();
    while let Some((name, ..)) =
        names.iter().find(|(name, of, _)| keyed.contains(of) && !keyed.contains(name))
    {
        keyed.insert(name.clone());
    }
    let mut problems = Vec::new();
    for file in files {
        for rule in &file.module.policy {
            let mut gone_through: Vec<&Span> = names.iter().map(|(.., span)| *span).collect();
            let mut named = Vec::new();
            syntax::walk_rule(rule, &mut |seen| match seen {
                Seen::Stands(
                    Literal::SomeIn { collection: all, .. } | Literal::Every { domain: all, .. },
                ) => gone_through.push(syntax::start(all)),
                Seen::Name(path) if path.whole => named.push(path),
                _ => {}
            });
            for path in named {
                let is_keyed = file.resolve(&path, rules).is_some_and(|path| keyed.contains(&path));
                if is_keyed && !gone_through.iter().any(|span| std::ptr::eq(*span, path.span)) {
                    let name = path.dotted();
                    let what = format!(
                        "`{name}` is used whole, and while it is empty this engine says \
                         undefined where OPA says `{{}}`"
                    );
                    let remedy = "go through it (`some k, v in …`), look into it by a key, or \
                                  build it as a comprehension, `h := {k: … | …}`";
                    problems.push(at(path.span, what, remedy));
                }
            }
        }
    }
    problems
}

fn keyed_of<'a>(file: &'a Scoped<'a>) -> impl Iterator<Item = RulePath> {
    file.module.policy.iter().filter_map(|rule| match rule.as_ref() {
        Rule::Spec { head: RuleHead::Set { refr, key: Some(_), .. }, .. } => {
            let (path, inside) = syntax::path(refr)?;
            (!inside.is_empty()).then(|| file.own(&path))
        }
        _ => None,
    })
}

/// Rules that are another name for a rule: `a := b`; the rule they name, and where.
fn names_of<'a>(
    file: &'a Scoped<'a>,
    rules: &'a Rules<'a>,
) -> impl Iterator<Item = (RulePath, RulePath, &'a Span)> {
    file.module.policy.iter().filter_map(|rule| match rule.as_ref() {
        Rule::Spec { head: RuleHead::Compr { refr, assign: Some(assign), .. }, .. } => {
            let (path, inside) = syntax::path(refr)?;
            let (of, _) = syntax::path(&assign.value).filter(|(of, _)| of.whole)?;
            let named = file.resolve(&of, rules).filter(|_| inside.is_empty())?;
            Some((file.own(&path), named, of.span))
        }
        _ => None,
    })
}
