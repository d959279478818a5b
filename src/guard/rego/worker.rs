//! The worker: reads policies and changes, answers with findings. A plain function over two
//! streams; `edge` puts it into a process of its own, with limits.

use std::io::{self, BufRead, Write};
use std::time::Duration;

use regorus::Value;

use super::engine::Engine;
use super::protocol::{Answer, Begin, Hello, Job, Line, Room, VERSION};
use super::runner::run_tests;
use crate::guard::PolicyError;

/// Reads the first line.
///
/// # Errors
///
/// A stream that cannot be read, or another version of the protocol.
pub fn hello(read: &mut impl BufRead) -> io::Result<Hello> {
    let hello: Hello = line(read)?;
    if hello.version == VERSION {
        return Ok(hello);
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "another version of the protocol"))
}

/// Serves one judgement, from the second line on; `raise` gives the process the room that there is
/// for judging. What is wrong with the policies is an answer; the caller learns only what is wrong
/// with the streams and the room.
///
/// # Errors
///
/// A stream that cannot be read or written, a line that is none of the protocol's, and what `raise`
/// says.
pub fn serve(
    read: &mut impl BufRead,
    write: &mut impl Write,
    hello: Hello,
    raise: &mut dyn FnMut(Room) -> io::Result<()>,
) -> io::Result<()> {
    let job: Job = line(read)?;
    let limit = clock(hello.room);
    if let Some(tests) = &job.tests {
        raise(hello.room)?;
        let pattern = tests.pattern.as_deref();
        let report = run_tests(&job.policies, job.settings.get(), pattern, limit);
        return say(write, &report.map_or_else(Answer::from, Answer::Tests));
    }
    let mut engine = match Engine::new(&job.policies, job.settings.get(), limit) {
        Ok(engine) => engine,
        Err(error) => return say(write, &Answer::from(error)),
    };
    let begin: Begin = line(read)?;
    raise(begin.room)?;
    if let Err(error) = engine.begin(begin.header.get(), clock(begin.room)) {
        return say(write, &Answer::from(error));
    }
    let judged = judge(&mut engine, read, write);
    // The process ends here: giving everything back piece by piece would only take time.
    std::mem::forget(engine);
    judged
}

fn clock(room: Room) -> Duration {
    Duration::from_secs(room.clock.max(1))
}

/// Answers every list of changes, and the end of them.
fn judge(engine: &mut Engine, read: &mut impl BufRead, write: &mut impl Write) -> io::Result<()> {
    let mut all = engine.wants_all().then(Vec::new);
    while let Line::Changes(changes) = line(read)? {
        let answer = chunk(engine, changes.get(), all.as_mut());
        let stop = !matches!(answer, Answer::Findings(_));
        say(write, &answer)?;
        if stop {
            return Ok(());
        }
    }
    let whole = match all {
        Some(all) => engine.ask_all(Value::from(all)),
        None => Ok(std::collections::BTreeSet::new()),
    };
    match whole {
        Ok(findings) => {
            say(write, &Answer::Findings(findings.into_iter().collect()))?;
            say(write, &Answer::Done { rules: engine.ids() })
        }
        Err(error) => say(write, &Answer::from(error)),
    }
}

fn chunk(engine: &mut Engine, changes: &str, all: Option<&mut Vec<Value>>) -> Answer {
    let parsed = match Value::from_json_str(changes) {
        Ok(parsed @ Value::Array(_)) => parsed,
        Ok(_) => return Answer::Failed("the changes are no list".to_owned()),
        Err(error) => return Answer::Failed(error.to_string()),
    };
    if let (Some(all), Ok(items)) = (all, parsed.as_array()) {
        all.extend(items.iter().cloned());
    }
    match engine.ask_some(parsed) {
        Ok(findings) => Answer::Findings(findings.into_iter().collect()),
        Err(error) => Answer::from(error),
    }
}

fn line<T: serde::de::DeserializeOwned>(read: &mut impl BufRead) -> io::Result<T> {
    let mut text = String::new();
    if read.read_line(&mut text)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_str(&text)?)
}

fn say(write: &mut impl Write, answer: &Answer) -> io::Result<()> {
    serde_json::to_writer(&mut *write, answer)?;
    write.write_all(b"\n")?;
    write.flush()
}

impl Answer {
    /// The refusal that an answer is, if it is one.
    #[must_use]
    pub fn refusal(self) -> Option<PolicyError> {
        match self {
            Self::Findings(_) | Self::Tests(_) | Self::Done { .. } => None,
            Self::Problems(problems) => Some(PolicyError::Problems(problems)),
            Self::Broken { rule, why } => Some(PolicyError::Rule { rule, why }),
            Self::Failed(why) => Some(PolicyError::Worker(why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::load::tests::one_rule;
    use super::super::{PolicySet, protocol::RawFinding};
    use super::*;
    use crate::guard::builtin;
    use crate::plan::Level;

    const ROOM: Room = Room { memory: 1 << 30, seconds: 20, clock: 20 };
    const HELLO: Hello = Hello { version: VERSION, room: Room { memory: 1 << 29, ..ROOM } };
    const HEADER: &str = r#"{"administrators": {"roles": [], "groups": []}}"#;

    fn ask(policies: &PolicySet, chunks: &[&str]) -> Vec<Answer> {
        let raw = |text: &str| serde_json::from_str(text).unwrap();
        let job = Job { policies: policies.clone(), settings: raw("{}"), tests: None };
        let begin = Begin { room: ROOM, header: raw(HEADER) };
        let mut said = serde_json::to_string(&job).unwrap() + "\n";
        said += &(serde_json::to_string(&begin).unwrap() + "\n");
        for chunk in chunks {
            said += &serde_json::to_string(&Line::Changes(raw(chunk))).unwrap();
            said += "\n";
        }
        said += &serde_json::to_string(&Line::End).unwrap();
        let (mut answer, mut given) = (Vec::new(), Vec::new());
        let mut raise = |room| {
            given.push(room);
            Ok(())
        };
        serve(&mut said.as_bytes(), &mut answer, HELLO, &mut raise).unwrap();
        let is_loaded = !answer.starts_with(b"{\"problems\"") && !policies.files.is_empty();
        assert_eq!(given.len(), usize::from(is_loaded), "what is judged is given its room");
        assert!(given.iter().all(|room| *room == ROOM));
        let lines = String::from_utf8(answer).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// These rules of the pack, and what they share.
    fn pack(names: &[&str]) -> PolicySet {
        let PolicySet { folders, files } = builtin::policies();
        let wanted = |path: &str| {
            let folder = path.split('/').nth(1).unwrap_or_default();
            folder == "lib" || names.contains(&folder)
        };
        PolicySet { folders, files: files.into_iter().filter(|f| wanted(&f.path)).collect() }
    }

    fn own(body: &str) -> Vec<Answer> {
        ask(&one_rule(body), &[r#"[{"id": 1}, {"id": 2}]"#])
    }

    #[test]
    fn every_chunk_is_answered_and_every_rule_named() {
        let change = r#"[{"address": "binding/user/a@x.org/b/-", "kind": "binding", "action":
            "create", "after": {"principal": "user/a@x.org", "role": "b", "workspace": "w"},
            "source": {"file": "a.yaml", "line": 3, "column": 1}, "touchesProtected": false}]"#;
        let change = change.replace('\n', " ");
        let answers = ask(&pack(&["group-only-roles"]), &["[]", &change]);
        let [Answer::Findings(none), Answer::Findings(some), Answer::Findings(all), done] =
            answers.as_slice()
        else {
            panic!("{answers:?}")
        };
        assert!(none.is_empty() && some.is_empty(), "the pack is asked at the end");
        let expected = RawFinding {
            rule: "group-only-roles".to_owned(),
            level: Level::Deny,
            message:
                "`binding/user/a@x.org/b/-` binds the role `b` to `user/a@x.org`, which is no group"
                    .to_owned(),
            addresses: vec!["binding/user/a@x.org/b/-".to_owned()],
            file: Some("a.yaml".to_owned()),
            line: Some(3),
            remedy: None,
        };
        assert_eq!(all.as_slice(), [expected]);
        let rules = vec!["group-only-roles".to_owned()];
        assert_eq!(*done, Answer::Done { rules });
    }

    #[test]
    fn a_rule_over_the_plan_sees_all_changes_at_once() {
        let mut set = one_rule(
            "deny contains v if { n := count(input.changes); v := {\"msg\": sprintf(\"%v\", [n])} }",
        );
        set.files[0].text = set.files[0].text.replace("scope: change", "scope: plan");
        let answers = ask(&set, &["[1, 2]", "[3]"]);
        let Answer::Findings(found) = &answers[2] else { panic!("{answers:?}") };
        assert_eq!(found.iter().map(|f| f.message.as_str()).collect::<Vec<_>>(), ["3"]);
        let [Answer::Findings(a), Answer::Findings(b), ..] = answers.as_slice() else { panic!() };
        assert!(a.is_empty() && b.is_empty());
    }

    #[test]
    fn what_is_no_finding_is_a_refusal() {
        for (value, expected) in [
            ("\"text\"", "it is a string"),
            ("{}", "no `msg`"),
            ("{\"msg\": null}", "no `msg`"),
            ("{\"msg\": \" \"}", "`msg` is empty"),
            ("{\"msg\": 5}", "its `msg` is a number"),
            ("{\"msg\": \"m\", \"id\": \"other\"}", "its `id` is `other`"),
            ("{\"msg\": \"m\", \"addresses\": \"user/a\"}", "its `addresses` is a string"),
            ("{\"msg\": \"m\", \"addresses\": [1]}", "`addresses` holds a number"),
            ("{\"msg\": \"m\", \"_loc\": 3}", "its `_loc` is a number"),
            ("{\"msg\": \"m\", \"_loc\": {\"line\": \"x\"}}", "is no line"),
            ("{\"msg\": \"m\", \"remedy\": []}", "its `remedy` is an array"),
        ] {
            let answers = own(&format!(
                "deny contains v if {{ some c in input.changes; c.id; v := {value} }}"
            ));
            let Answer::Broken { rule, why } = &answers[0] else { panic!("{value}: {answers:?}") };
            assert!(rule == "own" && why.contains(expected), "{why}");
        }
    }

    #[test]
    fn what_cannot_be_evaluated_is_a_refusal() {
        for (body, expected) in [
            ("some c in input.changes; x := count(c.id)", "count"),
            ("some c in input.changes; x := 1 / (c.id - 1)", "zero"),
            ("some c in input.changes; f(c.id) == 2", "multiple outputs"),
            ("some c in input.changes; x := object.get(c.id, \"a\", 1)", "object.get"),
        ] {
            let answers = own(&format!(
                "deny contains v if {{ {body}; v := {{\"msg\": \"m\"}} }}\nf(x) := 1\nf(x) := x"
            ));
            let Answer::Broken { why, .. } = &answers[0] else { panic!("{body}: {answers:?}") };
            assert!(why.contains(expected) && why.contains("p/own/rule.rego:"), "{why}");
        }
    }

    #[test]
    fn an_endless_rule_is_stopped_by_the_clock() {
        let range = "numbers.range(1, 3000)";
        let set = one_rule(&format!(
            "deny contains v if {{ some a in {range}; some b in {range}; some c in {range}; \
             a + b + c == 0; v := {{\"msg\": \"m\"}} }}"
        ));
        let limit = Duration::from_millis(200);
        let error = Engine::new(&set, "{}", limit).err().unwrap();
        assert!(error.to_string().contains("time limit"), "{error}");
    }

    #[test]
    fn a_rule_that_is_silent_in_its_canary_is_refused() {
        let mut set =
            one_rule("deny contains v if { input.actor == \"x\"; v := {\"msg\": \"m\"} }");
        let text = &mut set.files[0].text;
        *text = text.replace("input.organization == \"canary\"", "input.organization == \"other\"");
        let answers = ask(&set, &[]);
        let [Answer::Problems(problems)] = answers.as_slice() else { panic!("{answers:?}") };
        assert_eq!(problems.len(), 1);
        assert!(problems[0].what.contains("finds nothing in its own canary"), "{problems:?}");
    }

    #[test]
    fn wrong_policies_are_answered_with_their_problems() {
        let answers = own("deny contains x.a if some x in input.changes");
        assert!(matches!(answers.as_slice(), [Answer::Problems(p)] if p.len() == 1), "{answers:?}");
        let answers = ask(&PolicySet::default(), &[]);
        assert!(matches!(answers.as_slice(), [Answer::Failed(_)]), "{answers:?}");
    }

    #[test]
    fn a_stream_that_ends_early_is_an_error() {
        let mut answer = Vec::new();
        for said in ["", "{}\n"] {
            let mut raise = |_| Ok(());
            assert!(serve(&mut said.as_bytes(), &mut answer, HELLO, &mut raise).is_err());
        }
        assert!(
            hello(
                &mut "{\"version\":2,\"room\":{\"memory\":1,\"seconds\":1,\"clock\":1}}\n"
                    .as_bytes()
            )
            .is_err()
        );
    }
}
