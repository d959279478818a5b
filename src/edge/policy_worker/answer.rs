//! What the child answers, read whole and put to the rules.

use std::collections::{BTreeMap, BTreeSet};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt};

use super::failure::failed;
use crate::guard::input::Document;
use crate::guard::rego::Outline;
use crate::guard::rego::protocol::{Answer, RawFinding};
use crate::guard::{PolicyError, PolicyResults};
use crate::kind::{Address, Source};
use crate::plan::Finding;

/// What the child's answer adds up to.
pub(super) struct Heard {
    pub(super) findings: BTreeSet<RawFinding>,
    pub(super) rules: Vec<String>,
    pub(super) answers: usize,
}

/// Reads the whole answer, at most `most` bytes of it.
pub(super) async fn hear(
    stdout: impl AsyncRead + Unpin,
    most: usize,
) -> Result<Heard, PolicyError> {
    let mut lines = tokio::io::BufReader::new(stdout.take(most as u64));
    let mut heard = Heard { findings: BTreeSet::new(), rules: Vec::new(), answers: 0 };
    let mut done = false;
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).await.map_err(failed)? == 0 {
            break;
        }
        let answer: Answer = serde_json::from_slice(&line)
            .map_err(|error| failed(format!("the worker's answer cannot be read: {error}")))?;
        match answer {
            _ if done => return Err(failed("the worker went on after its last word")),
            Answer::Findings(findings) => {
                heard.answers += 1;
                heard.findings.extend(findings);
            }
            Answer::Done { rules } => {
                heard.rules = rules;
                done = true;
            }
            refusal => {
                if let Some(error) = refusal.refusal() {
                    return Err(error);
                }
            }
        }
    }
    match done {
        true => Ok(heard),
        false => Err(failed("the worker's answer is not complete")),
    }
}

/// Puts the findings to their rules, with the sources of what they are about.
pub(super) fn assemble(
    outline: &Outline,
    document: &Document<'_>,
    heard: Heard,
) -> Result<PolicyResults, PolicyError> {
    let expected: BTreeSet<String> = outline.ids().into_iter().collect();
    let ran: BTreeSet<String> = heard.rules.iter().cloned().collect();
    if ran != expected || ran.len() != heard.rules.len() {
        return Err(PolicyError::Incomplete {
            missing: expected.difference(&ran).cloned().collect(),
            extra: ran.difference(&expected).cloned().collect(),
        });
    }
    let mut parsed = Vec::new();
    for raw in heard.findings {
        let broken = |why: String| PolicyError::Rule { rule: raw.rule.clone(), why };
        let mut addresses = raw
            .addresses
            .iter()
            .map(|text| text.parse::<Address>().map_err(broken))
            .collect::<Result<Vec<_>, _>>()?;
        addresses.sort();
        addresses.dedup();
        parsed.push((raw, addresses));
    }
    let about = parsed.iter().flat_map(|(_, addresses)| addresses).cloned().collect();
    let sources = document.sources(&about);
    let mut results: BTreeMap<String, Vec<Finding>> =
        expected.into_iter().map(|id| (id, Vec::new())).collect();
    for (raw, addresses) in parsed {
        let rule = outline.get(&raw.rule);
        let (Some(rule), Some(findings)) = (rule, results.get_mut(&raw.rule)) else {
            return Err(PolicyError::Incomplete { missing: vec![], extra: vec![raw.rule] });
        };
        let source = place(&raw, &sources);
        findings.push(Finding {
            level: raw.level,
            id: raw.rule,
            message: raw.message,
            addresses,
            source,
            remedy: raw.remedy.unwrap_or_else(|| rule.remedy.clone()),
        });
    }
    let sorted = |(id, mut findings): (String, Vec<Finding>)| {
        findings.sort();
        findings.dedup();
        (id, findings)
    };
    Ok(results.into_iter().map(sorted).collect())
}

/// Where a finding points: to the place that it names itself, else to where the first of its
/// addresses that is written anywhere is written.
fn place(raw: &RawFinding, sources: &BTreeMap<Address, Source>) -> Option<Source> {
    let addresses = raw.addresses.iter().filter_map(|text| text.parse::<Address>().ok());
    let mut written = addresses.filter_map(|address| sources.get(&address));
    let (Some(file), Some(line)) = (raw.file.as_deref(), raw.line) else {
        return written.next().cloned();
    };
    // A finding has no column; an address that is written on that line has.
    let same = written.find(|source| (&*source.file, source.line) == (file, line));
    Some(same.cloned().unwrap_or_else(|| Source { file: file.into(), line, column: 1 }))
}
