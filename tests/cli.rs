//! The program as people and pipelines meet it: its exit statuses, its words, its files, what it
//! writes to a server and what it does not, killed and interrupted.
#![expect(clippy::disallowed_methods, reason = "these tests lay out folders and run the program")]
#![expect(clippy::unwrap_used, reason = "a world that cannot be set up is a failed test")]

mod folder;
mod served;
mod twin;

use super::support::{corpus, lies, memory, program, server, tls};

mod asked;
mod bad_files;
mod base;
mod clocks;
mod credential_commands;
mod first_use;
mod held;
mod import;
mod import_odd;
mod inactive;
mod interrupted;
mod lockouts;
mod lying_servers;
mod others;
mod output;
mod plan_files;
mod policies;
mod prompt;
mod published_json;
mod remedies;
mod renaming_servers;
mod revocations;
mod sandbox_serve;
mod schema;
mod scope_groups;
mod scopes;
mod secrets;
mod sizes;
mod special_files;
mod statuses;
mod typos;
mod values;
mod waits;
mod waivers;
