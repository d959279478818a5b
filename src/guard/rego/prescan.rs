//! A look at the text before the parser sees it: the parser's cost doubles with every nested
//! array, object or set literal (hazard H5).

use crate::guard::Problem;

/// Nested `[` and `{` beyond this are refused.
const MAX_DEPTH: usize = 12;
/// Nested brackets of any kind beyond this are refused.
const MAX_NESTED: usize = 64;

/// Where in the text the scan is.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Code,
    Comment,
    Text,
    Escape,
    Raw,
}

/// The first place at which brackets nest too deeply.
pub(super) fn too_deep(file: &str, text: &str) -> Option<Problem> {
    let (mut state, mut line, mut column) = (State::Code, 1_u32, 0_u32);
    let mut open: Vec<char> = Vec::new();
    for c in text.chars() {
        column = column.saturating_add(1);
        state = match (state, c) {
            (State::Code, '#') => State::Comment,
            (State::Code, '"') | (State::Escape, _) => State::Text,
            (State::Code, '`') => State::Raw,
            (State::Text, '\\') => State::Escape,
            // A text ends with its line: what follows is not hidden by a missing quote.
            (State::Comment | State::Text, '\n') | (State::Text, '"') | (State::Raw, '`') => {
                State::Code
            }
            (State::Code, '[' | '{' | '(') => {
                open.push(c);
                State::Code
            }
            (State::Code, ']' | '}' | ')') => {
                open.pop();
                State::Code
            }
            (other, _) => other,
        };
        let literals = open.iter().filter(|c| **c != '(').count();
        if literals > MAX_DEPTH || open.len() > MAX_NESTED {
            return Some(Problem {
                file: file.to_owned(),
                line,
                column,
                what: format!("brackets nest more than {MAX_DEPTH} deep"),
                remedy: "give the inner parts names of their own".to_owned(),
            });
        }
        if c == '\n' {
            line = line.saturating_add(1);
            column = 0;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_counted_outside_of_texts_and_comments() {
        let nest = |n: usize| format!("x := {}1{}", "[".repeat(n), "]".repeat(n));
        assert_eq!(too_deep("f", &nest(12)), None);
        assert_eq!(too_deep("f", &nest(13)).map(|p| (p.line, p.column)), Some((1, 18)));
        let hidden = format!("x := \"\\\"{0}\" # {0}\ny := `{0}\n{0}`", "[".repeat(40));
        assert_eq!(too_deep("f", &hidden), None);
        let many = "x := [1]\n".repeat(100);
        assert_eq!(too_deep("f", &many), None);
        assert!(too_deep("f", &"(".repeat(65)).is_some());
        let quote = format!("x := \"\n{}", nest(13));
        assert!(too_deep("f", &quote).is_some());
    }
}
