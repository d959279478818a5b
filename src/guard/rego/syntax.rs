//! A walk over the syntax tree that sees references, calls and `with` whole.

use regorus::Value;
use regorus::unstable::{Expr, Literal, LiteralStmt, Query, Ref, Rule, RuleAssign, RuleHead, Span};

/// A reference: a name, and the constant parts that follow it.
#[derive(Clone, Debug)]
pub(super) struct Path<'a> {
    /// The name it begins with.
    pub(super) root: &'a str,
    /// What follows, up to the first part that is not constant.
    pub(super) parts: Vec<&'a str>,
    /// All that follows: the parts, and `None` for each that is not constant.
    pub(super) steps: Vec<Option<&'a str>>,
    /// Whether all of it is constant.
    pub(super) whole: bool,
    /// Where it is.
    pub(super) span: &'a Span,
}

impl Path<'_> {
    /// The name and the parts, with dots.
    pub(super) fn dotted(&self) -> String {
        let mut text = self.root.to_owned();
        for part in &self.parts {
            text.push('.');
            text.push_str(part);
        }
        text
    }

    /// The whole reference, with `[_]` for what is not constant.
    pub(super) fn shown(&self) -> String {
        let mut text = self.root.to_owned();
        for step in &self.steps {
            match step {
                Some(name) => text.extend([".", name]),
                None => text.push_str("[_]"),
            }
        }
        text
    }
}

/// What the walk sees.
#[derive(Clone, Debug)]
pub(super) enum Seen<'a> {
    /// A reference or a variable.
    Name(Path<'a>),
    /// A function called.
    Call(Path<'a>),
    /// What a `with` replaces.
    Replaced(Path<'a>),
    /// What a function is called with.
    Given(&'a [Ref<Expr>]),
    /// A statement of a body.
    Stands(&'a Literal),
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// A reference, and the expressions inside its brackets; `None` for what is none.
pub(super) fn path<'a>(expr: &'a Expr) -> Option<(Path<'a>, Vec<&'a Expr>)> {
    let mut steps: Vec<Option<&'a str>> = Vec::new();
    let mut inside: Vec<&'a Expr> = Vec::new();
    let mut at = expr;
    let root = loop {
        match at {
            Expr::Var { value, .. } => break text(value)?,
            Expr::RefDot { refr, field, .. } => {
                steps.push(text(&field.1));
                at = refr;
            }
            Expr::RefBrack { refr, index, .. } => {
                steps.push(match index.as_ref() {
                    Expr::String { value, .. } | Expr::RawString { value, .. } => text(value),
                    _ => None,
                });
                inside.push(index);
                at = refr;
            }
            _ => return None,
        }
    };
    steps.reverse();
    let count = steps.len();
    let parts: Vec<&str> = steps.iter().map_while(|step| *step).collect();
    let whole = parts.len() == count;
    Some((Path { root, parts, steps, whole, span: start(expr) }, inside))
}

/// Where an expression begins: the engine's own span of `a.b` is at the dot.
pub(super) fn start(expr: &Expr) -> &Span {
    let mut at = expr;
    loop {
        at = match at {
            Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } => refr,
            Expr::Call { fcn, .. } => fcn,
            Expr::BinExpr { lhs, .. }
            | Expr::BoolExpr { lhs, .. }
            | Expr::ArithExpr { lhs, .. }
            | Expr::AssignExpr { lhs, .. } => lhs,
            _ => return at.span(),
        };
    }
}

/// What is left to be walked.
enum Todo<'a> {
    Expr(&'a Expr),
    Query(&'a Query),
}

/// Walks a whole rule: heads, bodies, `else` and `with`.
pub(super) fn walk_rule<'a>(rule: &'a Rule, see: &mut dyn FnMut(Seen<'a>)) {
    let mut todo: Vec<Todo<'a>> = Vec::new();
    let assign = |assign: &'a Option<RuleAssign>| assign.as_ref().map(|a| a.value.as_ref());
    match rule {
        Rule::Spec { head, bodies, .. } => {
            match head {
                RuleHead::Compr { refr, assign: value, .. } => {
                    todo.extend(path(refr).into_iter().flat_map(|p| p.1).map(Todo::Expr));
                    todo.extend(assign(value).map(Todo::Expr));
                }
                RuleHead::Set { refr, key, .. } => {
                    todo.extend(path(refr).into_iter().flat_map(|p| p.1).map(Todo::Expr));
                    todo.extend(key.iter().map(|key| Todo::Expr(key)));
                }
                RuleHead::Func { args, assign: value, .. } => {
                    todo.extend(args.iter().map(|arg| Todo::Expr(arg)));
                    todo.extend(assign(value).map(Todo::Expr));
                }
            }
            for body in bodies {
                todo.extend(assign(&body.assign).map(Todo::Expr));
                todo.push(Todo::Query(&body.query));
            }
        }
        Rule::Default { args, value, .. } => {
            todo.extend(args.iter().map(|arg| Todo::Expr(arg)));
            todo.push(Todo::Expr(value));
        }
    }
    walk(todo, see);
}

/// The name, where an expression is a variable and nothing else.
pub(super) fn variable(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Var { value: Value::String(name), .. } => Some(name),
        _ => None,
    }
}

/// Walks one statement of a body.
pub(super) fn walk_statement<'a>(one: &'a LiteralStmt, see: &mut dyn FnMut(Seen<'a>)) {
    let mut todo = Vec::new();
    statements(std::slice::from_ref(one), &mut todo, see);
    walk(todo, see);
}

fn walk<'a>(mut todo: Vec<Todo<'a>>, see: &mut dyn FnMut(Seen<'a>)) {
    while let Some(next) = todo.pop() {
        match next {
            Todo::Expr(expr) => expression(expr, &mut todo, see),
            Todo::Query(query) => statements(&query.stmts, &mut todo, see),
        }
    }
}

fn statements<'a>(all: &'a [LiteralStmt], todo: &mut Vec<Todo<'a>>, see: &mut dyn FnMut(Seen<'a>)) {
    for statement in all {
        for with in &statement.with_mods {
            if let Some((path, inside)) = path(&with.refr) {
                see(Seen::Replaced(path));
                todo.extend(inside.into_iter().map(Todo::Expr));
            }
            todo.push(Todo::Expr(&with.r#as));
        }
        see(Seen::Stands(&statement.literal));
        match &statement.literal {
            Literal::SomeVars { .. } => {}
            Literal::SomeIn { key, value, collection, .. } => {
                todo.extend(key.iter().map(|key| Todo::Expr(key)));
                todo.push(Todo::Expr(value));
                todo.push(Todo::Expr(collection));
            }
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => {
                todo.push(Todo::Expr(expr));
            }
            Literal::Every { domain, query, .. } => {
                todo.push(Todo::Expr(domain));
                todo.push(Todo::Query(query));
            }
        }
    }
}

fn expression<'a>(expr: &'a Expr, todo: &mut Vec<Todo<'a>>, see: &mut dyn FnMut(Seen<'a>)) {
    let mut push = |inner: &'a Ref<Expr>| todo.push(Todo::Expr(inner));
    match expr {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. } => {}
        Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => match path(expr) {
            Some((path, inside)) => {
                see(Seen::Name(path));
                todo.extend(inside.into_iter().map(Todo::Expr));
            }
            // A reference into something computed: `f(x).y`, `[1, 2][i]`.
            None => match expr {
                Expr::RefDot { refr, .. } => push(refr),
                Expr::RefBrack { refr, index, .. } => {
                    push(refr);
                    push(index);
                }
                _ => {}
            },
        },
        Expr::Array { items, .. } | Expr::Set { items, .. } => items.iter().for_each(push),
        Expr::Object { fields, .. } => fields.iter().for_each(|(_, key, value)| {
            push(key);
            push(value);
        }),
        Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
            push(term);
            todo.push(Todo::Query(query));
        }
        Expr::ObjectCompr { key, value, query, .. } => {
            push(key);
            push(value);
            todo.push(Todo::Query(query));
        }
        Expr::Call { fcn, params, .. } => {
            params.iter().for_each(&mut push);
            see(Seen::Given(params));
            match path(fcn) {
                Some((path, inside)) => {
                    see(Seen::Call(path));
                    todo.extend(inside.into_iter().map(Todo::Expr));
                }
                None => push(fcn),
            }
        }
        Expr::UnaryExpr { expr, .. } => push(expr),
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => {
            push(lhs);
            push(rhs);
        }
        Expr::Membership { key, value, collection, .. } => {
            key.iter().for_each(&mut push);
            push(value);
            push(collection);
        }
    }
}

/// The name a rule's head gives it, with the expressions in its brackets.
pub(super) fn head_of(rule: &Rule) -> Option<(Path<'_>, Vec<&Expr>)> {
    match rule {
        Rule::Spec { head, .. } => match head {
            RuleHead::Compr { refr, .. }
            | RuleHead::Set { refr, .. }
            | RuleHead::Func { refr, .. } => path(refr),
        },
        Rule::Default { refr, .. } => path(refr),
    }
}

/// What a rule's value is made from: what its heads and bodies assign, or put into a set.
pub(super) fn values(rule: &Rule) -> Vec<&Expr> {
    match rule {
        Rule::Default { value, .. } => vec![value.as_ref()],
        Rule::Spec { head, bodies, .. } => {
            let head = match head {
                RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => {
                    assign.as_ref().map(|assign| assign.value.as_ref())
                }
                RuleHead::Set { key, .. } => key.as_ref().map(AsRef::as_ref),
            };
            let bodies = bodies.iter().filter_map(|body| body.assign.as_ref());
            head.into_iter().chain(bodies.map(|assign| assign.value.as_ref())).collect()
        }
    }
}
