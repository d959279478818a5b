//! Where the problems of one file are gathered, and how many of them are kept.

use std::fmt::Arguments;
use std::sync::Arc;

use super::node::Place;
use super::{Diagnostic, Diagnostics, Severity};
use crate::kind::Source;

/// How many problems of one file are kept; the rest is counted. A file with more is not mended
/// by reading more of them, and a hostile one must not fill the memory.
pub(super) const KEPT: usize = 200;

/// What is wrong, why it matters, and what to do: formatted only when the problem is kept.
pub(super) type Words<'a> = [Arguments<'a>; 3];

/// The problems of one file.
#[derive(Clone, Debug)]
pub(super) struct Sink {
    file: Arc<str>,
    kept: Vec<Diagnostic>,
    dropped: usize,
    dropped_an_error: bool,
    furthest: Place,
}

impl Sink {
    /// No problem yet.
    pub(super) fn new(file: &Arc<str>) -> Self {
        Self {
            file: Arc::clone(file),
            kept: Vec::new(),
            dropped: 0,
            dropped_an_error: false,
            furthest: Place::START,
        }
    }

    /// The file.
    pub(super) const fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// A place in the file.
    pub(super) fn source(&self, place: Place) -> Source {
        Source { file: Arc::clone(&self.file), line: place.line, column: place.column }
    }

    /// Reports an error.
    pub(super) fn error(&mut self, place: Place, check: &'static str, words: Words<'_>) {
        self.put(place, (Severity::Error, check), words, None);
    }

    /// Reports an error that another place belongs to.
    pub(super) fn error_also(
        &mut self,
        place: Place,
        check: &'static str,
        words: Words<'_>,
        also: (Source, &str),
    ) {
        self.put(place, (Severity::Error, check), words, Some(also));
    }

    /// Reports a warning.
    pub(super) fn warning(&mut self, place: Place, check: &'static str, words: Words<'_>) {
        self.put(place, (Severity::Warning, check), words, None);
    }

    /// Whether any problem reported is an error.
    pub(super) fn has_errors(&self) -> bool {
        self.dropped_an_error || self.kept.iter().any(|one| one.severity == Severity::Error)
    }

    fn put(
        &mut self,
        place: Place,
        (severity, check): (Severity, &'static str),
        [what, why, remedy]: Words<'_>,
        also: Option<(Source, &str)>,
    ) {
        self.furthest = self.furthest.max(place);
        if self.kept.len() >= KEPT {
            self.dropped += 1;
            self.dropped_an_error |= severity == Severity::Error;
            return;
        }
        self.kept.push(Diagnostic {
            source: Some(self.source(place)),
            severity,
            id: check,
            what: what.to_string(),
            why: why.to_string(),
            remedy: remedy.to_string(),
            also: also.map(|(source, text)| (source, text.to_owned())),
        });
    }

    /// Moves all of it to `out`, with a closing word on those that were only counted.
    pub(super) fn drain_into(self, out: &mut Diagnostics) {
        let source = self.source(self.furthest);
        for diagnostic in self.kept {
            out.push(diagnostic);
        }
        if self.dropped > 0 {
            out.push(Diagnostic {
                source: Some(source),
                severity: if self.dropped_an_error { Severity::Error } else { Severity::Warning },
                id: "too-many-problems",
                what: format!("and {} more in this file", self.dropped),
                why: format!("only the first {KEPT} problems of a file are shown"),
                remedy: "mend these first".to_owned(),
                also: None,
            });
        }
    }
}
