//! The matrix: every server that is known of, spoken to with the profile that fits it and with
//! the default one. Each is filled, changed and left alone, and what it holds then is looked at
//! without our client. It is right, or it was refused in words; there is no third outcome.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a server that is not served is a failed test"
)]

mod look;
mod organization;
mod server;
mod story;
mod table;

use super::support::memory;

use futures::executor::block_on;
use muster::provider::scim::{Dialect, examine};
use muster::sandbox::Personality;
use organization::seed;
use serde_json::json;
use server::Server;
use story::{Came, Story};
use table::{DOCTOR, Expect, TABLE};

/// Whether what came is what was expected; if not, both in words.
fn met(came: &Came, expect: Expect) -> Result<(), String> {
    let shown = match (came, expect) {
        (Came::Right, Expect::Right) => return Ok(()),
        (Came::Refuses(words), Expect::Refuses(some))
        | (Came::Warns(words), Expect::Warns(some))
        | (Came::Stopped(words), Expect::Stopped(some))
            if some.iter().all(|word| words.contains(word)) =>
        {
            return Ok(());
        }
        (Came::Right, _) => "it was right".to_owned(),
        (Came::Warns(words), _) => format!("it was right, with a warning: {words:.1500}"),
        (Came::Stopped(words), _) => format!("it did harm, and was stopped: {words:.1500}"),
        (Came::Refuses(words), _) => format!("it was refused: {words:.1500}"),
        (Came::Wrong(words), _) => format!("it was wrong: {words:.1500}"),
    };
    Err(format!("expected {expect:?}, and {shown}"))
}

#[test]
fn every_server_is_right_or_refused() {
    let mut wrong = Vec::new();
    for name in Personality::NAMES {
        let profiles: Vec<&str> =
            TABLE.iter().filter(|row| row.personality == name).map(|row| row.profile).collect();
        assert!(profiles.contains(&"rfc7644"), "{name} is not tried with the default");
        let fits = DOCTOR.iter().find(|one| one.personality == name).unwrap().fits;
        assert!(profiles.contains(&fits), "{name} is not tried with `{fits}`");
    }
    for row in TABLE {
        let story = Story::new((row.personality, row.profile), row.crowd, row.without, row.lacks);
        for (day, (came, expect)) in story.told().iter().zip(row.expect).enumerate() {
            if let Err(why) = met(came, expect) {
                let (personality, profile, day) = (row.personality, row.profile, day + 1);
                let without = row.without;
                wrong.push(format!(
                    "{personality} as {profile}, without {without:?}, day {day}: {why}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Before anything is written, with people there and with hardly any.
#[test]
fn the_doctor_names_the_profile_or_says_that_none_fits() {
    let mut wrong = Vec::new();
    for one in DOCTOR {
        for seed in [seed(130), seed(0), json!({})] {
            let server = Server::new(&seed, one.personality);
            let found = block_on(examine(&server)).unwrap();
            let writes = server.take_writes();
            assert!(writes.is_empty(), "{writes:?}");
            let words = format!("{:?} {:?}", found.because, found.warnings);
            let is_named = found.profile == one.names && Dialect::profile(found.profile).is_ok();
            let is_all_said = one.says.iter().all(|word| words.contains(word));
            // Where there is nobody yet, little can be told, and that is said.
            let is_empty = seed == json!({}) && words.contains("it has no user yet");
            if !(is_named && is_all_said || is_empty && one.needs_people) {
                let (name, says) = (one.personality, one.says);
                wrong.push(format!(
                    "{name}: `{}`, not `{}` {says:?}: {words}",
                    found.profile, one.names
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// X1 takes at most 100 members in a request, and 1,000 in a group.
#[test]
fn a_group_larger_than_a_request_is_filled_and_one_larger_than_a_group_is_refused() {
    for (profile, count, expect) in [
        ("member-capped", 250, Expect::Right),
        ("rfc7644", 250, Expect::Right),
        ("member-capped", 1_000, Expect::Refuses(&["1005 members", "holds at most 1000"])),
        ("rfc7644", 1_000, Expect::Refuses(&["cannot contain more than 1000 direct members"])),
    ] {
        let story = Story::new(("x1", profile), 0, &[], &[]).with_crowd(count);
        met(&story.day(), expect).unwrap_or_else(|why| panic!("{profile} with {count}: {why}"));
    }
}
