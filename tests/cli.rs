//! The program as people and pipelines meet it: its exit statuses, its words, its files, what it
//! writes to a server and what it does not, killed and interrupted.
#![expect(clippy::disallowed_methods, reason = "these tests lay out folders and run the program")]
#![expect(clippy::unwrap_used, reason = "a world that cannot be set up is a failed test")]

#[path = "hostile_yaml/corpus.rs"]
mod corpus;
#[path = "cli/folder.rs"]
mod folder;
#[path = "hostile/lies.rs"]
mod lies;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/served.rs"]
mod served;
#[path = "hostile/server.rs"]
#[expect(dead_code, reason = "another test uses the rest")]
mod server;
#[path = "cli/twin.rs"]
mod twin;

#[path = "cli/bad_files.rs"]
mod bad_files;
#[path = "cli/first_use.rs"]
mod first_use;
#[path = "cli/import.rs"]
mod import;
#[path = "cli/inactive.rs"]
mod inactive;
#[path = "cli/interrupted.rs"]
mod interrupted;
#[path = "cli/lockouts.rs"]
mod lockouts;
#[path = "cli/lying_servers.rs"]
mod lying_servers;
#[path = "cli/plan_files.rs"]
mod plan_files;
#[path = "cli/policies.rs"]
mod policies;
#[path = "cli/prompt.rs"]
mod prompt;
#[path = "cli/published_json.rs"]
mod published_json;
#[path = "cli/sandbox_serve.rs"]
mod sandbox_serve;
#[path = "cli/schema.rs"]
mod schema;
#[path = "cli/statuses.rs"]
mod statuses;
#[path = "cli/typos.rs"]
mod typos;
