//! What is printed: all of it or a status that says so, and nothing that a runner or a terminal
//! would obey.

use std::fs::File;
use std::process::Stdio;

use serde_json::json;

use super::folder::{Folder, OWN_POLICY, people, project_at};
use super::program::{Ended, muster};
use super::server::{Server, status};

/// Every command that has something to say, and what it ends with when it can say it.
const COMMANDS: [(&[&str], i32); 25] = [
    (&["--help"], 0),
    (&["--version"], 0),
    (&["plan", "--help"], 0),
    (&["schema"], 0),
    (&["completions", "bash"], 0),
    (&["check"], 0),
    (&["check", "--format", "json"], 0),
    (&["plan"], 0),
    (&["plan", "--format", "json"], 0),
    (&["plan", "--format", "markdown"], 0),
    (&["plan", "--detailed-exitcode"], 2),
    (&["why", "ada@example.com"], 1),
    (&["why", "ada@example.com", "--format", "json"], 1),
    (&["domains"], 0),
    (&["domains", "--format", "json"], 0),
    (&["doctor"], 0),
    (&["doctor", "--format", "json"], 0),
    (&["policy", "list"], 0),
    (&["policy", "list", "--format", "json"], 0),
    (&["policy", "explain", "group-only-roles"], 0),
    (&["policy", "explain", "group-only-roles", "--format", "json"], 0),
    (&["policy", "input"], 0),
    (&["policy", "audit"], 0),
    (&["apply", "--yes"], 0),
    (&["apply", "--yes", "--format", "json"], 0),
];

fn started() -> Folder {
    let folder = Folder::with(&[]);
    folder.muster(&["init"]).run().exits(0);
    folder
}

/// Runs it with a stdout that was closed before.
fn into_a_closed_pipe(folder: &Folder, arguments: &[&str]) -> Ended {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    folder.muster(arguments).run_into(Stdio::from(writer))
}

fn into_a_full_disk(folder: &Folder, arguments: &[&str]) -> Ended {
    let full = File::options().write(true).open("/dev/full").unwrap();
    folder.muster(arguments).run_into(Stdio::from(full))
}

#[test]
fn output_that_is_not_written_is_no_success() {
    for (arguments, status) in COMMANDS {
        let folder = started();
        folder.muster(arguments).run().exits(status);
        let folder = started();
        let ended = into_a_full_disk(&folder, arguments).exits(1);
        ended.says("error: the output cannot be written: ");
        let ended = into_a_closed_pipe(&folder, arguments).exits(1);
        assert!(!ended.err.contains("error"), "{arguments:?}: {}", ended.err);
    }
}

#[test]
fn a_plan_that_could_not_be_shown_is_neither_kept_nor_applied() {
    let folder = started();
    folder.muster(&["plan"]).run().exits(0);
    let before = folder.read(".muster/sandbox.json");
    for arguments in [&["apply", "--yes"][..], &["plan", "--out", "plan.json"]] {
        into_a_full_disk(&folder, arguments).exits(1);
        into_a_closed_pipe(&folder, arguments).exits(1);
        assert_eq!(folder.read(".muster/sandbox.json"), before);
        assert!(!folder.file("plan.json").exists());
    }
    // As JSON, everything comes at the end.
    let ended = into_a_full_disk(&folder, &["apply", "--yes", "--format", "json"]).exits(1);
    ended.says("The plan was carried out; the journal says what became of each step.");
    folder.muster(&["plan", "--detailed-exitcode"]).run().exits(0);
}

#[test]
fn what_was_applied_in_part_stays_so_when_it_cannot_be_said() {
    let folder = Folder::with(&[("people.yaml", &people(3))]);
    let served = super::served::Served::start(folder.path(), &["--fault", "POST /Users#2=400"]);
    folder.write("muster.yaml", project_at(served.url()));
    let arguments = ["apply", "--yes", "--format", "json"];
    into_a_full_disk(&folder, &arguments).exits(6).says("the output cannot be written");
    into_a_closed_pipe(&folder, &arguments).exits(1).says("The plan was carried out");
}

/// Texts that a runner or a terminal would obey, or that deceive whoever reads them.
const COMMANDS_OF_RUNNERS: [&str; 8] = [
    "x\n::error title=muster::approved",
    "::stop-commands::x",
    "x\n \t::set-env name=A::b",
    "x\r\n##[error]x",
    "x ##vso[task.setvariable variable=a]b",
    "x\u{2028}::error::x",
    "x\u{202e}\u{200b}\u{1b}[2J\u{9b}31m",
    "x\u{85}::error::x",
];

/// Demands that nothing in what was printed is obeyed.
#[track_caller]
fn is_obeyed_by_nobody(ended: &Ended) {
    for text in [&ended.out, &ended.err] {
        for line in text.split(['\n', '\r', '\u{85}', '\u{2028}']) {
            assert!(!line.trim_start().starts_with("::"), "{line}\n\n{text}");
            assert!(!line.contains("##[") && !line.contains("##vso["), "{line}\n\n{text}");
        }
        let deceives = ['\r', '\u{85}', '\u{2028}', '\u{202e}', '\u{200b}', '\u{1b}', '\u{9b}'];
        assert!(!text.contains(deceives), "{text}");
    }
}

#[test]
fn no_name_is_a_command_of_a_runner() {
    for (at, name) in COMMANDS_OF_RUNNERS.iter().enumerate() {
        let folder = started();
        let json = |text: &str| json!(text).to_string();
        let live = json!({
            "users": [
                {"userName": "ada@example.com", "active": true, "title": name},
                {"userName": format!("{name}@example.com"), "active": true},
            ],
            "groups": [
                {"displayName": "admins", "members": ["ada@example.com"]},
                {"displayName": name, "members": ["ada@example.com"]},
            ],
        });
        folder.write("live.json", live.to_string());
        let project =
            folder.read("muster.yaml").replace("onRemove: report }", "onRemove: delete }");
        folder.write("muster.yaml", project + "policies: [policies]\n");
        let policy = OWN_POLICY.replace("user/root@", "user/ada@");
        let policy = policy.replace("\"nobody is called root\"", &json(name));
        let canary = policy.replace("{\"address\": \"user/root@", "{\"address\": \"user/ada@");
        folder.write("policies/no-root/rule.rego", canary);
        folder.write(
            "more.yaml",
            format!(
                "groups: {{ {}: {{ description: {} }} }}\n",
                json(&format!("g{at}")),
                json(name)
            ),
        );
        let commands = [
            &["plan"][..],
            &["plan", "--format", "markdown"],
            &["plan", "--format", "json"],
            &["check"],
            &["apply", "--yes"],
            &["why", &format!("{name}@example.com"), "--live"],
            &["why", name],
            &["who-can", name],
            &["policy", "list"],
            &["policy", "audit"],
            &["doctor"],
            &["import"],
        ];
        // Every name with every command where there is time for it; else a third, another for
        // each name.
        let is_tried = |number: usize| cfg!(feature = "broad") || number % 3 == at % 3;
        let commands = commands.into_iter().enumerate().filter(|(number, _)| is_tried(*number));
        for (_, arguments) in commands {
            let ended = folder.muster(arguments).run();
            is_obeyed_by_nobody(&ended);
            assert!(!ended.out.is_empty() || !ended.err.is_empty(), "{arguments:?}");
        }
        let plan = folder.muster(&["plan"]).run();
        assert!([1, 3, 4].contains(&plan.status), "{}", plan.err);
    }
}

#[test]
fn no_answer_of_a_server_is_a_command_of_a_runner() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for text in COMMANDS_OF_RUNNERS {
        let server = runtime.block_on(Server::start(move |_| {
            status(400, "application/json", json!({ "detail": text }).to_string().as_bytes())
        }));
        let folder = Folder::with(&[("muster.yaml", &project_at(&server.url))]);
        folder.write("people.yaml", people(1));
        for arguments in [&["plan"][..], &["doctor"], &["import"]] {
            let ended = muster(folder.path(), arguments).run();
            is_obeyed_by_nobody(&ended);
            assert!([1, 69].contains(&ended.status), "{}", ended.err);
        }
    }
}

#[test]
fn no_word_of_the_files_is_a_command_of_a_runner() {
    for text in COMMANDS_OF_RUNNERS {
        let folder = started();
        let text = json!(text).to_string();
        for file in [
            format!("users: {{ {text}: {{}} }}\n"),
            format!("groups: {{ {text}: {{ owner: {text}, members: [{text}] }} }}\n"),
            format!("{text}: 1\n"),
            "users: { a@example.com: { active: maybe } }  #\u{202e}\u{1b}[2J\n".to_owned(),
        ] {
            folder.write("more.yaml", file);
            for arguments in [&["check"][..], &["plan"]] {
                is_obeyed_by_nobody(&folder.muster(arguments).run());
            }
        }
        let project = folder.read("muster.yaml");
        let organization = project.lines().find(|line| line.starts_with("organization")).unwrap();
        folder
            .write("muster.yaml", project.replace(organization, &format!("organization: {text}")));
        folder.write("more.yaml", "users: {}\n");
        for arguments in [&["check"][..], &["plan"], &["plan", "--format", "markdown"]] {
            is_obeyed_by_nobody(&folder.muster(arguments).run());
        }
    }
}
