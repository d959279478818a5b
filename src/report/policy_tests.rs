//! What became of the tests of rules, as cargo tells it.

use std::fmt::Write as _;

use super::{Style, Tone, plain};
use crate::guard::rego::{Coverage, Lack, Outcome, TestReport, TestResult};

/// What to show of tests.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What became of them.
    pub report: &'a TestReport,
    /// The rules whose tests are not enough.
    pub lacks: &'a [Lack],
    /// Whether to show what passing tests print, and the lines that no test reaches.
    pub verbose: bool,
}

impl Told<'_> {
    /// Whether all is well.
    #[must_use]
    pub fn passes(&self) -> bool {
        let passed = |result: &TestResult| result.outcome == Outcome::Passed;
        self.report.results.iter().all(passed) && !self.lacks.iter().any(|lack| lack.fails)
    }

    /// Every test, what failed and where, what is not covered, and the closing count.
    #[must_use]
    pub fn text(&self, style: Style) -> String {
        let results = &self.report.results;
        let mut out = format!("running {}\n", counted(results.len(), "test"));
        for result in results {
            let word = match result.outcome {
                Outcome::Passed => style.paint(Tone::Good, "ok"),
                _ => style.paint(Tone::Deny, "FAILED"),
            };
            let _ = writeln!(out, "test {} ... {word}", plain(&result.name));
            if self.verbose && result.outcome == Outcome::Passed {
                prints(&mut out, result);
            }
        }
        let failed: Vec<&TestResult> =
            results.iter().filter(|result| result.outcome != Outcome::Passed).collect();
        if !failed.is_empty() {
            out.push_str("\nfailures:\n");
        }
        for result in &failed {
            let why = match &result.outcome {
                Outcome::Passed => "",
                Outcome::Failed(why) | Outcome::Broken(why) => why,
            };
            let _ = writeln!(out, "\n---- {} ----", plain(&result.name));
            let _ = writeln!(out, "{}:{}: {}", plain(&result.file), result.line, plain(why));
            prints(&mut out, result);
        }
        self.coverage(&mut out);
        for lack in self.lacks {
            let (word, tone) =
                if lack.fails { ("error", Tone::Deny) } else { ("warning", Tone::Warn) };
            let _ = writeln!(
                out,
                "\n{}: the rule `{}` has no {}\n  --> {}",
                style.paint(tone, word),
                lack.rule,
                lack.missing.join(", no "),
                plain(&lack.file)
            );
        }
        let (word, tone) = if self.passes() { ("ok", Tone::Good) } else { ("FAILED", Tone::Deny) };
        let lacking = self.lacks.iter().filter(|lack| lack.fails).count();
        let lacking = match lacking {
            0 => String::new(),
            some => format!("; {} without enough tests", counted(some, "rule")),
        };
        let left_out = match self.report.left_out {
            0 => String::new(),
            some => format!("; {some} not asked for"),
        };
        let _ = writeln!(
            out,
            "\ntest result: {}. {} passed; {} failed{left_out}{lacking}",
            style.paint(tone, word),
            results.len() - failed.len(),
            failed.len(),
        );
        out
    }

    /// The lines of rules that the tests went through, file by file.
    fn coverage(&self, out: &mut String) {
        let files = &self.report.coverage;
        if files.is_empty() {
            return;
        }
        let lines = |file: &Coverage| file.covered + file.missed.len();
        let (covered, all) = files
            .iter()
            .fold((0, 0), |(covered, all), file| (covered + file.covered, all + lines(file)));
        let _ = writeln!(out, "\ncoverage: {} of {}", percent(covered, all), counted(all, "line"));
        let partial = |file: &&Coverage| self.verbose || !file.missed.is_empty();
        for file in files.iter().filter(partial) {
            let share = percent(file.covered, lines(file));
            let _ = write!(out, "  {share:>6}  {}", plain(&file.file));
            if !file.missed.is_empty() {
                let missed: Vec<String> = file.missed.iter().map(u32::to_string).collect();
                let _ = write!(out, ": not line {}", missed.join(", "));
            }
            out.push('\n');
        }
    }
}

fn prints(out: &mut String, result: &TestResult) {
    for line in &result.prints {
        let _ = writeln!(out, "  {}", plain(line));
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Whole percents, rounded down: only all is 100.
fn percent(part: usize, all: usize) -> String {
    format!("{} %", (part * 100).checked_div(all).unwrap_or(100))
}
