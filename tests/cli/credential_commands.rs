//! A credential command that leaves a child behind holds nobody up, and what it says is passed on.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::folder::{Folder, project_at};
use super::program::MUSTER;

#[test]
fn a_child_that_it_leaves_holds_up_nobody_who_reads_what_muster_says() {
    let folder = Folder::with(&[("people.yaml", "users: { ada@example.com: {} }\n")]);
    let target = "url: \"http://127.0.0.1:1/scim\", credential: 'exec:sh get-token'";
    folder.write("muster.yaml", project_at("").replace("url: \"\"", target));
    for left in ["sleep 40 &", "(sleep 40 >/dev/null) &", "(sleep 40 2>/dev/null) &"] {
        let script = format!("{left}\necho 'touch the key' >&2\necho '{{\"token\":\"t\"}}'\n");
        folder.write("get-token", script);
        let began = Instant::now();
        let mut command = Command::new(MUSTER);
        command.arg("plan").current_dir(folder.path()).env_clear().env("PATH", "/usr/bin:/bin");
        // Whoever reads a pipe waits until the last process has let go of it.
        let ended = command.stdin(Stdio::null()).output().unwrap();
        assert!(began.elapsed() < Duration::from_secs(30), "{left}");
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(said.contains("touch the key\n"), "{said}");
        assert_eq!(ended.status.code(), Some(69), "{said}");
    }
}
