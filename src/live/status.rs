//! The state of an account in the target's own words.

/// The state of an account in the target's own words, beside `active`: HPE GreenLake's `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountStatus {
    /// Its person can sign in.
    Active,
    /// Its person has not signed in yet, or is about to for the first time.
    Invited,
    /// It was switched off, blocked or deleted.
    Closed,
    /// A word that muster does not know: `active` decides.
    Other,
}
