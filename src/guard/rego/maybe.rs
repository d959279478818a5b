//! `not` over what may be missing (hazard H4): where an argument is undefined, OPA's `not f(x)` is
//! undefined and this engine's is true, so the same rule would judge differently in two places.
//!
//! A reference into the input document, or into a variable that holds a part of it, may be
//! undefined. One into what a rule has built itself (`{"by": …}`) is not.

use std::collections::BTreeMap;

use regorus::Value;
use regorus::unstable::{Expr, Literal, Rule, RuleHead};

use super::calls::{RulePath, Rules, Scoped};
use super::syntax::{self, Seen};

/// What a variable is bound to.
#[derive(Clone, Copy)]
enum Bound<'a> {
    /// This value.
    Is(&'a Expr),
    /// An element of this value.
    In(&'a Expr),
    /// An argument of a function: anything.
    Given,
}

/// The variables of one rule. Scopes are not told apart: a name that is twice is both.
pub(super) struct Variables<'a> {
    file: &'a Scoped<'a>,
    bound: BTreeMap<&'a str, Vec<Bound<'a>>>,
    known: BTreeMap<&'a str, bool>,
}

impl<'a> Variables<'a> {
    pub(super) fn of(rule: &'a Rule, file: &'a Scoped<'a>) -> Self {
        let mut all = Self { file, bound: BTreeMap::new(), known: BTreeMap::new() };
        let args = match rule {
            Rule::Spec { head: RuleHead::Func { args, .. }, .. } | Rule::Default { args, .. } => {
                args.as_slice()
            }
            Rule::Spec { .. } => &[],
        };
        args.iter().for_each(|arg| all.pattern(arg, Bound::Given));
        syntax::walk_rule(rule, &mut |seen| {
            if let Seen::Stands(literal) = seen {
                all.literal(literal);
            }
        });
        all
    }

    fn literal(&mut self, literal: &'a Literal) {
        match literal {
            Literal::SomeIn { value, collection, .. } => {
                self.pattern(value, Bound::In(collection));
            }
            Literal::Every { value, domain, .. } => {
                self.bound.entry(value.text()).or_default().push(Bound::In(domain));
            }
            Literal::Expr { expr, .. } => {
                if let Expr::AssignExpr { lhs, rhs, .. } = expr.as_ref() {
                    self.assigned(lhs, rhs);
                    self.assigned(rhs, lhs);
                }
            }
            Literal::SomeVars { .. } | Literal::NotExpr { .. } => {}
        }
    }

    fn assigned(&mut self, pattern: &'a Expr, value: &'a Expr) {
        let whole = matches!(pattern, Expr::Var { .. });
        self.pattern(pattern, if whole { Bound::Is(value) } else { Bound::In(value) });
    }

    /// Binds every variable of a pattern; anything else binds none.
    fn pattern(&mut self, pattern: &'a Expr, to: Bound<'a>) {
        match pattern {
            Expr::Var { value: Value::String(name), .. } => {
                self.bound.entry(name).or_default().push(to);
            }
            Expr::Array { items, .. } => items.iter().for_each(|item| self.pattern(item, to)),
            Expr::Object { fields, .. } => {
                fields.iter().for_each(|(_, _, value)| self.pattern(value, to));
            }
            _ => {}
        }
    }
}

/// Finds out which values are parts of the input.
pub(super) struct Tracer<'a> {
    files: &'a [Scoped<'a>],
    rules: &'a Rules<'a>,
    known: BTreeMap<RulePath, bool>,
}

impl<'a> Tracer<'a> {
    pub(super) fn new(files: &'a [Scoped<'a>], rules: &'a Rules<'a>) -> Self {
        Self { files, rules, known: BTreeMap::new() }
    }

    /// What may be missing in an expression that `not` is asked of; a reference alone may be.
    pub(super) fn missing(
        &mut self,
        asked: &'a Expr,
        variables: &mut Variables<'a>,
    ) -> Option<&'a Expr> {
        match syntax::path(asked) {
            Some((_, inside)) => self.first(inside, variables),
            None => self.operand(asked, variables),
        }
    }

    fn first(
        &mut self,
        all: impl IntoIterator<Item = &'a Expr>,
        variables: &mut Variables<'a>,
    ) -> Option<&'a Expr> {
        all.into_iter().find_map(|expr| self.operand(expr, variables))
    }

    fn operand(&mut self, expr: &'a Expr, variables: &mut Variables<'a>) -> Option<&'a Expr> {
        match expr {
            Expr::RefDot { .. } | Expr::RefBrack { .. } => {
                if let Some((path, inside)) = syntax::path(expr) {
                    let resolved = variables.file.resolve(&path, self.rules);
                    let is_rule =
                        path.whole && resolved.is_some_and(|resolved| self.rules.has(&resolved));
                    if !is_rule && self.is_input(expr, variables) {
                        return Some(expr);
                    }
                    return self.first(inside, variables);
                }
                self.is_input(expr, variables).then_some(expr)
            }
            Expr::Array { items, .. } | Expr::Set { items, .. } => {
                self.first(items.iter().map(AsRef::as_ref), variables)
            }
            Expr::Object { fields, .. } => {
                self.first(fields.iter().flat_map(|(_, k, v)| [k.as_ref(), v.as_ref()]), variables)
            }
            Expr::Call { params, .. } => self.first(params.iter().map(AsRef::as_ref), variables),
            Expr::UnaryExpr { expr, .. } => self.operand(expr, variables),
            Expr::BinExpr { lhs, rhs, .. }
            | Expr::BoolExpr { lhs, rhs, .. }
            | Expr::ArithExpr { lhs, rhs, .. }
            | Expr::AssignExpr { lhs, rhs, .. } => self.first([lhs.as_ref(), rhs], variables),
            Expr::Membership { key, value, collection, .. } => {
                let key = key.iter().map(AsRef::as_ref);
                self.first(key.chain([value.as_ref(), collection]), variables)
            }
            // A comprehension over what is missing is empty, here as elsewhere.
            _ => None,
        }
    }

    /// Whether a value is the input document or a part of it.
    fn is_input(&mut self, expr: &'a Expr, variables: &mut Variables<'a>) -> bool {
        match expr {
            Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => {
                match syntax::path(expr) {
                    Some((path, _)) if path.root == "input" => true,
                    Some((path, _)) => match variables.file.resolve(&path, self.rules) {
                        Some(resolved) => self.any_rule(&resolved),
                        None => self.variable(path.root, variables),
                    },
                    None => match expr {
                        Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } => {
                            self.is_input(refr, variables)
                        }
                        _ => false,
                    },
                }
            }
            Expr::Call { fcn, params, .. } => {
                let called = syntax::path(fcn);
                let own = called.and_then(|(path, _)| variables.file.resolve(&path, self.rules));
                match own {
                    Some(resolved) => self.any_rule(&resolved),
                    None => params.iter().any(|param| self.is_input(param, variables)),
                }
            }
            Expr::ArrayCompr { term, .. } | Expr::SetCompr { term, .. } => {
                self.is_input(term, variables)
            }
            Expr::ObjectCompr { value, .. } => self.is_input(value, variables),
            Expr::UnaryExpr { expr, .. } => self.is_input(expr, variables),
            Expr::BinExpr { lhs, rhs, .. } | Expr::ArithExpr { lhs, rhs, .. } => {
                self.is_input(lhs, variables) || self.is_input(rhs, variables)
            }
            _ => false,
        }
    }

    fn variable(&mut self, name: &'a str, variables: &mut Variables<'a>) -> bool {
        if let Some(known) = variables.known.get(name) {
            return *known;
        }
        variables.known.insert(name, false);
        let bound = variables.bound.get(name).cloned().unwrap_or_default();
        let found = bound.into_iter().any(|bound| match bound {
            Bound::Given => true,
            Bound::Is(value) => self.is_input(value, variables),
            Bound::In(Expr::Array { items, .. } | Expr::Set { items, .. }) => {
                items.iter().any(|item| self.is_input(item, variables))
            }
            Bound::In(Expr::Object { fields, .. }) => {
                fields.iter().any(|(_, _, value)| self.is_input(value, variables))
            }
            Bound::In(collection) => self.is_input(collection, variables),
        });
        variables.known.insert(name, found);
        found
    }

    fn any_rule(&mut self, path: &[String]) -> bool {
        let reached: Vec<RulePath> = self.rules.reached(path).cloned().collect();
        reached.into_iter().any(|path| self.rule(path))
    }

    /// Whether what a rule or function says is a part of the input.
    fn rule(&mut self, path: RulePath) -> bool {
        if let Some(known) = self.known.get(&path) {
            return *known;
        }
        self.known.insert(path.clone(), false);
        let files = self.files;
        let mut found = false;
        for file in files {
            for rule in &file.module.policy {
                let head = syntax::head_of(rule);
                if found || head.is_none_or(|(head, _)| file.own(&head) != path) {
                    continue;
                }
                let mut variables = Variables::of(rule, file);
                let values = syntax::values(rule);
                found = values.into_iter().any(|value| self.is_input(value, &mut variables));
            }
        }
        self.known.insert(path, found);
        found
    }
}
