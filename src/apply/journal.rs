//! The journal: written ahead of every write, hash-chained, and never trusted over the world.
//!
//! It is for people and for audits. The next run reads the target, not the journal, to decide
//! what is left.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Receipt;
use crate::kind::{Address, Key, hex};
use crate::live::{Given, Made, Memory, Recorded, RemoteId, Unkept};

/// One line of the journal.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub enum Entry {
    /// An apply begins.
    Begin {
        /// The organization.
        organization: String,
        /// The target.
        target: String,
        /// The plan's digest.
        plan: String,
        /// How many steps it has.
        steps: usize,
    },
    /// A step is about to be made: written before anything is sent.
    Step {
        /// Its place in the schedule.
        step: usize,
        /// What it does.
        verb: &'static str,
        /// To what.
        address: Address,
        /// The changes it carries out.
        covers: Vec<Address>,
    },
    /// What became of a step.
    Receipt {
        /// Its place in the schedule.
        step: usize,
        /// What became of it.
        receipt: Receipt,
        /// The id and name that the step learned, where the receipt does not hold them.
        #[serde(skip_serializing_if = "Option::is_none")]
        made: Option<Made>,
    },
    /// The apply ended.
    End {
        /// Whether everything is as it was wanted.
        complete: bool,
    },
}

/// Keeps what it is given before it returns. An error stops all writing: what cannot be recorded
/// is not done.
pub trait Journal {
    /// Records one entry.
    ///
    /// # Errors
    ///
    /// Why it could not be kept, in words.
    fn record(&self, entry: &Entry) -> Result<(), String>;
}

/// A journal that keeps nothing: for simulations.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoJournal;

impl Journal for NoJournal {
    fn record(&self, _entry: &Entry) -> Result<(), String> {
        Ok(())
    }
}

/// Chains lines: each holds the SHA-256 of the line before it, so that a line that was changed or
/// taken out is seen.
#[derive(Clone, Debug)]
pub struct Chain {
    previous: String,
}

#[derive(Serialize)]
struct Line<'a> {
    time: &'a str,
    previous: &'a str,
    #[serde(flatten)]
    entry: &'a Entry,
}

impl Chain {
    /// A chain that goes on after `last_line`, or begins where there is none.
    #[must_use]
    pub fn after(last_line: Option<&str>) -> Self {
        let previous = last_line.map_or_else(|| "0".repeat(64), digest);
        Self { previous }
    }

    /// The next line, without its newline.
    ///
    /// # Errors
    ///
    /// When the entry cannot be written as JSON.
    pub fn line(&mut self, entry: &Entry, time: &str) -> Result<String, String> {
        let line = Line { time, previous: &self.previous, entry };
        let text = serde_json::to_string(&line).map_err(|error| error.to_string())?;
        self.previous = digest(&text);
        Ok(text)
    }

    /// The digest of the last line: printed at the end of an apply, as the anchor that makes a
    /// journal cut short visible.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.previous
    }
}

/// What the lines of a journal remember of objects that the target made otherwise than was asked:
/// under another name, without something, or without showing what became of them. Lines that cannot
/// be read are passed over; the last receipt of an address counts.
#[must_use]
pub fn recorded<'l>(lines: impl Iterator<Item = &'l str>) -> Memory {
    let mut memory = Memory::new();
    let mut steps: BTreeMap<usize, (String, Address)> = BTreeMap::new();
    for line in lines {
        let Ok(line) = serde_json::from_str::<Recall>(line) else { continue };
        match line {
            Recall::Begin => steps.clear(),
            Recall::Step { step, verb, address } => {
                if let Ok(address) = address.parse() {
                    steps.insert(step, (verb, address));
                }
            }
            Recall::Receipt { step, receipt, made } => {
                let Some((verb, address)) = steps.get(&step) else { continue };
                match verb.as_str() {
                    "create" => recall_create(&mut memory, address, receipt, made),
                    "update" => recall_update(&mut memory, address, &receipt, made),
                    "delete" if receipt.is_so() => drop(memory.remove(address)),
                    _ => {}
                }
            }
            Recall::Other => {}
        }
    }
    memory
}

/// Takes the receipt of a create into the memory.
fn recall_create(memory: &mut Memory, address: &Address, receipt: Recalled, made: Option<Made>) {
    let is_so = receipt.is_so();
    let recorded = match (made, receipt.id) {
        (Some(made), _) => Some(of(made)),
        (None, Some(id)) if receipt.result == "differs" => {
            let given = receipt.named.map_or(Given::AsSent, |name| Given::Other(Key::new(&name)));
            Some(Recorded { id, given, unkept: receipt.unkept })
        }
        (None, _) => None,
    };
    if let Some(recorded) = recorded {
        memory.insert(address.clone(), recorded);
    } else if is_so {
        memory.remove(address);
    }
}

/// Takes the receipt of an update into the memory: another name than was asked for, and the end of
/// not knowing the name.
fn recall_update(memory: &mut Memory, address: &Address, receipt: &Recalled, made: Option<Made>) {
    let before = memory.get(address);
    let is_unseen = before.is_some_and(|before| before.given == Given::Unseen);
    match made {
        // Where an update did what it was to do, that is nothing new about the name.
        Some(made) if !receipt.is_so() || is_unseen => {
            let before = before.filter(|before| before.id.compared() == made.id.compared());
            let mut recorded = of(made);
            recorded.unkept.extend(before.into_iter().flat_map(|before| before.unkept.clone()));
            memory.insert(address.clone(), recorded);
        }
        // It has the name it is declared with by now.
        None if receipt.is_so() && is_unseen => drop(memory.remove(address)),
        _ => {}
    }
}

fn of(made: Made) -> Recorded {
    let given = made.named.map_or(Given::Unseen, |name| Given::Other(Key::new(&name)));
    Recorded { id: made.id, given, unkept: made.unkept }
}

/// A line of the journal, as far as it is remembered.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "camelCase")]
enum Recall {
    Begin,
    Step {
        step: usize,
        verb: String,
        address: String,
    },
    Receipt {
        step: usize,
        receipt: Recalled,
        #[serde(default)]
        made: Option<Made>,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Recalled {
    result: String,
    #[serde(default)]
    id: Option<RemoteId>,
    #[serde(default)]
    unkept: Vec<Unkept>,
    #[serde(default)]
    named: Option<String>,
}

impl Recalled {
    /// Whether what the step wanted is so.
    fn is_so(&self) -> bool {
        matches!(self.result.as_str(), "done" | "alreadySo" | "differs")
    }
}

fn digest(line: &str) -> String {
    hex(&Sha256::digest(line.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_target_made_otherwise_is_remembered() {
        let user = |name: &str| Address::user(name);
        let step = |step, verb, address: &Address| Entry::Step {
            step,
            verb,
            address: address.clone(),
            covers: vec![],
        };
        let differs = |id: &str, named: Option<&str>| Receipt::Differs {
            id: Some(RemoteId::new(id)),
            cause: String::new(),
            unkept: vec![Unkept::new("title", &"Dr".into())],
            named: named.map(str::to_owned),
        };
        let done = |id: &str| Receipt::Done { id: Some(RemoteId::new(id)) };
        let begin = || Entry::Begin {
            organization: "a".to_owned(),
            target: "t".to_owned(),
            plan: "p".to_owned(),
            steps: 1,
        };
        let entries = [
            begin(),
            step(0, "create", &user("a")),
            step(1, "create", &user("b")),
            step(2, "create", &user("c/d")),
            Entry::Receipt { step: 1, receipt: done("2"), made: None },
            Entry::Receipt { step: 0, receipt: differs("1", Some("A-1")), made: None },
            Entry::Receipt { step: 2, receipt: differs("3", None), made: None },
            Entry::End { complete: true },
            begin(),
            // The number of a step means another one now.
            step(0, "delete", &user("c/d")),
            Entry::Receipt { step: 0, receipt: Receipt::Done { id: None }, made: None },
            Entry::Receipt { step: 1, receipt: differs("9", None), made: None },
        ];
        let mut chain = Chain::after(None);
        let mut lines: Vec<String> = entries
            .iter()
            .map(|entry| chain.line(entry, "2026-01-01T00:00:00Z").unwrap())
            .collect();
        lines.insert(3, "cut {".to_owned());
        lines.push("{\"event\":\"later\",\"more\":1}".to_owned());
        let memory = recorded(lines.iter().map(String::as_str));
        assert_eq!(memory.keys().collect::<Vec<_>>(), [&user("a")]);
        let one = &memory[&user("a")];
        assert_eq!((one.id.as_str(), &one.given), ("1", &Given::Other(Key::new("a-1"))));
        assert!(one.is_unkept("title", &"Dr".into()));
        assert!(!one.is_unkept("title", &"Prof".into()) && !one.is_unkept("name", &"Dr".into()));
    }

    /// The memory after these steps and receipts, each in an apply of its own.
    fn after(receipts: &[(&'static str, Receipt, Option<Made>)]) -> Option<Recorded> {
        let address = Address::user("a");
        let mut chain = Chain::after(None);
        let entries = receipts.iter().flat_map(|(verb, receipt, made)| {
            let covers = Vec::new();
            let step = Entry::Step { step: 0, verb, address: address.clone(), covers };
            [step, Entry::Receipt { step: 0, receipt: receipt.clone(), made: made.clone() }]
        });
        let lines: Vec<String> =
            entries.map(|entry| chain.line(&entry, "2026-01-01T00:00:00Z").unwrap()).collect();
        recorded(lines.iter().map(String::as_str)).remove(&address)
    }

    #[test]
    fn an_id_that_was_learned_is_remembered_whatever_became_of_the_step() {
        let cause = String::new;
        let failed = || Receipt::Failed { cause: cause() };
        let done = || Receipt::Done { id: Some(RemoteId::new("1")) };
        let made = |named: Option<&str>| {
            let unkept = named.map(|_| Unkept::new("userName", &"a".into()));
            let (id, named) = (RemoteId::new("1"), named.map(str::to_owned));
            Some(Made { id, named, unkept: unkept.into_iter().collect() })
        };
        let given = |receipts: &[_]| after(receipts).map(|one| one.given);
        let other = |name: &str| Some(Given::Other(Key::new(name)));
        for receipt in
            [failed(), Receipt::Stale { cause: cause() }, Receipt::Damaged { cause: cause() }]
        {
            for verb in ["create", "update"] {
                assert_eq!(given(&[(verb, receipt.clone(), made(Some("A-1")))]), other("a-1"));
            }
        }
        let unseen = ("create", failed(), made(None));
        assert_eq!(given(std::slice::from_ref(&unseen)), Some(Given::Unseen));
        // A failure that teaches nothing takes nothing away.
        for verb in ["create", "update", "delete"] {
            assert_eq!(given(&[unseen.clone(), (verb, failed(), None)]), Some(Given::Unseen));
        }
        // A success ends the doubt: it has the name that was declared, or another that was seen.
        assert_eq!(given(&[unseen.clone(), ("update", done(), None)]), None);
        assert_eq!(given(&[unseen.clone(), ("update", done(), made(Some("b")))]), other("b"));
        assert_eq!(given(&[unseen, ("delete", done(), None)]), None);
        // Of an object that nobody forgot the name of, a success says nothing new.
        assert_eq!(given(&[("update", done(), made(Some("b")))]), None);
        // What else the target did not keep stays known.
        let differs = Receipt::Differs {
            id: Some(RemoteId::new("1")),
            cause: cause(),
            unkept: vec![Unkept::new("title", &"Dr".into())],
            named: None,
        };
        let both = after(&[("create", differs, None), ("update", failed(), made(Some("b")))]);
        let both = both.unwrap();
        assert!(both.is_unkept("title", &"Dr".into()) && both.is_unkept("userName", &"a".into()));
    }

    #[test]
    fn every_line_holds_the_digest_of_the_one_before() {
        let mut chain = Chain::after(None);
        let first = chain.line(&Entry::End { complete: true }, "2026-01-01T00:00:00Z").unwrap();
        let second = chain.line(&Entry::End { complete: true }, "2026-01-01T00:00:01Z").unwrap();
        assert!(second.contains(&digest(&first)));
        assert_eq!(Chain::after(Some(&second)).head(), chain.head());
    }
}
