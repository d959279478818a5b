//! The write loop over all sequences of answers and observations.
//!
//! The server is an adversary: it decides whether a request takes effect, what it answers, how
//! far a look lags behind, and what somebody else does in between. What HTTP promises it keeps:
//! a request that is refused, throttled or whose precondition fails was not carried out.

use proptest::prelude::*;

use super::{Answer, CREATES, LAGGING_LOOKS, NOT_YET, Next, Observed, Past, REFUSED, Rules, SENDS};
use super::{THROTTLED, next};

/// One turn of the adversary: what the next request meets, and what the next look shows.
#[derive(Clone, Debug)]
struct Turn {
    answer: Answer,
    takes_effect: bool,
    look: Look,
}

/// What a look shows.
#[derive(Clone, Copy, Debug)]
enum Look {
    /// What is so.
    Honest,
    /// What was so before the last request.
    Late,
    /// Somebody else made it so.
    Made,
    /// Somebody else changed the object.
    Changed,
    /// It is gone, or not there yet.
    Absent,
    /// Something vanished.
    Damaged,
}

fn words() -> String {
    "words".to_owned()
}

fn answers() -> impl Strategy<Value = Answer> {
    prop_oneof![
        3 => Just(Answer::Done),
        1 => Just(Answer::Accepted),
        3 => Just(Answer::Lost(words())),
        2 => Just(Answer::Throttled { words: words(), wait: None }),
        1 => (0_u64..400).prop_map(|wait| Answer::Throttled {
            words: words(),
            wait: Some(std::time::Duration::from_secs(wait)),
        }),
        2 => Just(Answer::Precondition(words())),
        2 => Just(Answer::Missing(words())),
        1 => Just(Answer::Taken(words())),
        2 => Just(Answer::Refused(words())),
    ]
}

fn turns(looks: impl Strategy<Value = Look> + Clone) -> impl Strategy<Value = Vec<Turn>> {
    let turn = (answers(), any::<bool>(), looks);
    let turn = turn.prop_map(|(answer, takes_effect, look)| Turn { answer, takes_effect, look });
    prop::collection::vec(turn, 1..40)
}

fn any_look() -> impl Strategy<Value = Look> + Clone {
    prop_oneof![
        8 => Just(Look::Honest),
        3 => Just(Look::Late),
        1 => Just(Look::Made),
        1 => Just(Look::Changed),
        1 => Just(Look::Absent),
        1 => Just(Look::Damaged),
    ]
}

prop_compose! {
    fn any_rules()(
        is_create in any::<bool>(),
        is_lagging in any::<bool>(),
        is_new in any::<bool>(),
        retries_refusals in any::<bool>(),
        looks_after_refusal in any::<bool>(),
    ) -> Rules {
        let sends = if is_create { CREATES } else { SENDS };
        Rules { sends, is_lagging, is_new, retries_refusals, looks_after_refusal }
    }
}

/// What happened, in order.
#[derive(Clone, Debug, PartialEq)]
enum Event {
    Saw(Observed),
    Sent(Answer),
}

/// How the loop ended, and what led there.
struct Story {
    events: Vec<Event>,
    end: Next,
    /// How many requests took effect.
    effects: u32,
    rounds: usize,
}

/// Runs the loop against the adversary; its last turn repeats for ever.
fn play(rules: &Rules, turns: &[Turn]) -> Story {
    let mut story = Story { events: Vec::new(), end: Next::Look, effects: 0, rounds: 0 };
    let (mut past, mut seen) = (Past::default(), None::<Observed>);
    let (mut is_so, mut was_so) = (false, false);
    let mut turns = turns.iter().chain(turns.last().into_iter().cycle());
    loop {
        story.rounds += 1;
        assert!(story.rounds < 10_000, "it does not end: {:?}", story.events);
        match next(seen.as_ref(), &past, rules) {
            Next::Look => {
                let look = turns.next().map_or(Look::Honest, |turn| turn.look);
                let observed = match look {
                    Look::Honest => state(is_so),
                    Look::Late => state(was_so),
                    Look::Made => Observed::Wanted,
                    Look::Changed => Observed::Changed(words()),
                    Look::Absent => Observed::Absent,
                    Look::Damaged => Observed::Damaged(words()),
                };
                story.events.push(Event::Saw(observed.clone()));
                seen = Some(observed);
                past.looks += 1;
            }
            Next::Wait(_) => {
                past.waits += 1;
                seen = None;
            }
            Next::Send => {
                let Some(turn) = turns.next() else { panic!("the turns go on for ever") };
                was_so = is_so;
                let may = matches!(turn.answer, Answer::Done | Answer::Accepted | Answer::Lost(_));
                if may && turn.takes_effect && !is_so {
                    is_so = true;
                    story.effects += 1;
                } else if may && turn.takes_effect {
                    story.effects += 1;
                }
                story.events.push(Event::Sent(turn.answer.clone()));
                past.record(turn.answer.clone());
                seen = None;
            }
            end => {
                story.end = end;
                return story;
            }
        }
    }
}

fn state(is_so: bool) -> Observed {
    if is_so { Observed::Wanted } else { Observed::Expected }
}

impl Story {
    fn sends(&self) -> impl Iterator<Item = (usize, &Answer)> {
        self.events.iter().enumerate().filter_map(|(at, event)| match event {
            Event::Sent(answer) => Some((at, answer)),
            Event::Saw(_) => None,
        })
    }

    fn last_seen(&self) -> Option<&Observed> {
        match self.events.last() {
            Some(Event::Saw(observed)) => Some(observed),
            _ => None,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// A success is what the last look showed.
    #[test]
    fn no_success_that_was_not_observed(rules in any_rules(), turns in turns(any_look())) {
        let story = play(&rules, &turns);
        if matches!(story.end, Next::Done | Next::Unchanged) {
            prop_assert_eq!(story.last_seen(), Some(&Observed::Wanted));
        }
    }

    /// What nothing of this run can have written is said to be unchanged, and the other way round.
    #[test]
    fn done_and_unchanged_are_told_apart(rules in any_rules(), turns in turns(any_look())) {
        let story = play(&rules, &turns);
        let may_have_written = story.sends().any(|(_, answer)| {
            matches!(answer, Answer::Done | Answer::Accepted | Answer::Lost(_))
        });
        match story.end {
            Next::Done => prop_assert!(may_have_written),
            Next::Unchanged => prop_assert!(!may_have_written),
            _ => {}
        }
    }

    /// Where a look shows what is so, no create takes effect twice.
    #[test]
    fn no_second_effective_create(rules in any_rules(), turns in turns(Just(Look::Honest))) {
        let story = play(&rules, &turns);
        prop_assert!(story.effects <= 1, "{} in {:?}", story.effects, story.events);
    }

    /// Requests are bounded, those that may have had an effect above all.
    #[test]
    fn no_more_sends_than_allowed(rules in any_rules(), turns in turns(any_look())) {
        let story = play(&rules, &turns);
        let count = |of: fn(&Answer) -> bool| story.sends().filter(|(_, one)| of(one)).count();
        let lost = count(|one| matches!(one, Answer::Lost(_) | Answer::Precondition(_)));
        let throttled = count(|one| matches!(one, Answer::Throttled { .. }));
        let refused = count(|one| matches!(one, Answer::Refused(_)));
        let missing = count(|one| matches!(one, Answer::Missing(_)));
        let taken = count(|one| matches!(one, Answer::Done | Answer::Accepted));
        prop_assert!(taken <= 1, "sent again after a success: {:?}", story.events);
        prop_assert!(lost <= rules.sends as usize, "{:?}", story.events);
        prop_assert!(throttled <= THROTTLED as usize);
        prop_assert!(refused <= REFUSED as usize + 1);
        prop_assert!(missing <= NOT_YET as usize);
        prop_assert!(rules.retries_refusals || refused <= 1);
        prop_assert!(rules.is_new || missing <= 1);
    }

    /// Right before every request, and after the last answer, the object was seen as the plan saw
    /// it: nothing is sent to a stale object, and what became of a lost request is looked up.
    #[test]
    fn nothing_is_sent_that_was_not_looked_at(rules in any_rules(), turns in turns(any_look())) {
        let story = play(&rules, &turns);
        for (at, _) in story.sends() {
            let before = at.checked_sub(1).and_then(|before| story.events.get(before));
            prop_assert_eq!(before, Some(&Event::Saw(Observed::Expected)), "{:?}", story.events);
        }
    }

    /// A loss that was seen ends the step at once, as a loss.
    #[test]
    fn a_loss_is_the_end(rules in any_rules(), turns in turns(any_look())) {
        let story = play(&rules, &turns);
        let is_loss = |event: &Event| matches!(event, Event::Saw(Observed::Damaged(_)));
        if let Some(at) = story.events.iter().position(is_loss) {
            prop_assert_eq!(at + 1, story.events.len());
            prop_assert!(matches!(story.end, Next::Damaged(_)));
        } else {
            prop_assert!(!matches!(story.end, Next::Damaged(_)));
        }
    }

    /// It ends, and it does not look without measure.
    #[test]
    fn it_ends(rules in any_rules(), turns in turns(any_look())) {
        let story = play(&rules, &turns);
        let sends = story.sends().count() + 1;
        let looks = story.events.len() + 1 - sends;
        let patience = NOT_YET.max(LAGGING_LOOKS) as usize + 1;
        prop_assert!(looks <= sends * patience, "{} looks for {} requests", looks, sends);
    }
}

/// A lost request that took effect is not sent again, however often its answer is lost.
#[test]
fn a_lost_answer_is_resolved_by_a_look() {
    let lost =
        |takes_effect| Turn { answer: Answer::Lost(words()), takes_effect, look: Look::Honest };
    let rules = Rules {
        sends: SENDS,
        is_lagging: false,
        is_new: false,
        retries_refusals: false,
        looks_after_refusal: true,
    };
    let done = play(&rules, &[lost(true)]);
    assert_eq!((done.end.clone(), done.sends().count()), (Next::Done, 1));
    let never = play(&rules, &[lost(false)]);
    assert!(matches!(never.end, Next::Fail(_)));
    assert_eq!(never.sends().count(), SENDS as usize);
}
