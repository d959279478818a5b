//! Muster keeps the identity of an organization in Git.
//!
//! The table of contents, in pipeline order. Every arrow is a plain function from values to
//! values; only [`edge`] touches the world, and only [`apply`] asks it to change.
//!
//! ```text
//!  YAML files ──config──▶ Desired ─┐
//!                                  ├─plan──▶ Plan ──guard──▶ Verdict ──approve──▶ Approved ──apply──▶ Outcome
//!  target ─────live─────▶ Live ────┘
//! ```
//!
//! # Invariants
//!
//! - There is no way to build a [`live::Listing`] that is called proved without the proof.
//! - There is no way to build a [`guard::Approved`] but [`guard::approve`].
//! - Nothing below [`cli`] knows what a dry run is: planning is handed a reader and cannot write.
//! - Nothing outside the jurisdiction (`manage`), and nothing `protected`, is ever in a plan.
//! - A read that failed, fell short or is in doubt never becomes a deletion.
//!
//! # Adding a kind
//!
//! 1. `kind/<kind>.rs`: its table ([`kind::KindSpec`]) with its fields and its family.
//! 2. One line in the registry ([`kind::KindName`]), in dependency order.
//! 3. One codec for each target that has it; the compiler lists where.
//! 4. `examples/<kind>/`: the story test picks it up.
//!
//! No stage changes: diff, order, guard, schedule and reports match on the family
//! ([`kind::Family`]), exhaustively and never on a kind's name.

pub mod kind;

pub mod sandbox;

pub mod config;
pub mod live;

pub mod plan;

pub mod guard;

pub mod apply;

pub mod provider;
pub mod report;

pub mod edge;

pub mod cli;
