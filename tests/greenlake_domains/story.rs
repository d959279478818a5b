//! How a domain comes its whole way, and what becomes of it when its record is gone: three runs,
//! whoever serves the zone.

use super::stage::{DOMAIN, Stage};

/// Who serves the zone of the domain.
pub(crate) trait Zone {
    /// Serves these records, as `muster domains --dns bind` prints them, and no other TXT record.
    fn serve(&mut self, stage: &Stage, records: &str);
}

/// The value in a record as BIND writes it; all of them are one string.
pub(crate) fn value_of(records: &str) -> &str {
    let value = records.split('"').nth(1).unwrap_or_else(|| panic!("no value: {records}"));
    assert!(value.starts_with("hpe-greenlake-domain-verification="), "{records}");
    value
}

/// Tells it, on a stage whose domain nobody claimed, and whose zone has no record.
pub(crate) fn tell(stage: &Stage, zone: &mut dyn Zone) {
    stage.declare(&[(DOMAIN, Some("corp"))]);
    let address = format!("domain/{DOMAIN}");

    // Declared: it is claimed, and says what to publish.
    stage.run(&["plan"]).exits(0).shows(&format!("+ {address}"));
    assert!(stage.account().is_empty(), "a plan writes nothing");
    let claimed = stage.run(&["apply", "--yes"]).exits(7).shows("waiting create");
    assert_eq!(stage.account(), [format!("{DOMAIN}: PENDING")]);
    let records = stage.run(&["domains", "--dns", "bind"]).exits(0).out;
    let value = value_of(&records).to_owned();
    assert!(claimed.out.contains(&value), "{}", claimed.out);

    // Nothing is published yet: it waits, and nothing is asked for.
    let waits = stage.run(&["apply", "--yes"]).exits(7).shows(&format!("waiting: {address}"));
    assert!(waits.out.contains(&value) && waits.out.contains("0 writes made"), "{}", waits.out);
    assert_eq!(stage.account(), [format!("{DOMAIN}: PENDING")]);

    // Published: it is verified and bound, and that is all.
    zone.serve(stage, &records);
    let plan = stage.run(&["plan"]).exits(0).shows("state: \"published\" -> \"verified\"");
    assert!(plan.out.contains("sso: \"corp\""), "{}", plan.out);
    stage.run(&["apply", "--yes"]).exits(0).shows("Applied: 1 done.");
    let bound = [format!("{DOMAIN}: VERIFIED, corp")];
    assert_eq!(stage.account(), bound);
    stage.run(&["plan", "--detailed-exitcode"]).exits(0).shows("No changes. ");

    // The record is gone: a person is told, and the claim stays.
    zone.serve(stage, "");
    let plan = stage.run(&["plan"]).exits(0).shows(&format!("waiting: {address}"));
    assert!(plan.out.contains("gone from DNS") && plan.out.contains(&value), "{}", plan.out);
    stage.run(&["apply", "--yes"]).exits(7).shows("0 writes made");
    assert_eq!(stage.account(), bound);

    // It is back: nothing was lost.
    zone.serve(stage, &records);
    stage.run(&["apply", "--yes"]).exits(0).shows("0 writes made");
    assert_eq!(stage.account(), bound);
}
