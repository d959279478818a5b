//! Where secrets are: the environment, a file that nobody else can read, a command.

use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::io::Errno;
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;
use tokio::process::Child;

use crate::config::CredentialRef;
use crate::edge::files::plain;
use crate::edge::terminal;
use crate::kind::Diagnostic;

use super::header::refused;
use super::{Hidden, Secret};

/// How much a file or a command may say.
const MOST_BYTES: u64 = 64 << 10;
/// How long a command may take.
const MOST_TIME: Duration = Duration::from_secs(30);

/// A place that holds a secret.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Which sort of place, and its name.
    pub reference: &'a CredentialRef,
    /// The project's folder: what a path is relative to, and where a command runs.
    pub project: &'a Path,
}

/// What a file or a command says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    token: Option<Hidden>,
    client_id: Option<String>,
    client_secret: Option<Hidden>,
}

pub(super) async fn secret(place: &Place<'_>) -> Result<Secret, Box<Diagnostic>> {
    match place.reference {
        CredentialRef::Env(name) => {
            #[expect(clippy::disallowed_methods, reason = "edge reads the environment")]
            let find = |name: &str| std::env::var(name).ok();
            from_environment(name, find)
        }
        CredentialRef::File(path) => from_file(&place.project.join(path), path),
        CredentialRef::Exec(command) => from_command(command, place.project).await,
    }
}

fn from_environment(
    name: &str,
    find: impl Fn(&str) -> Option<String>,
) -> Result<Secret, Box<Diagnostic>> {
    let find = |ending: &str| find(&format!("{name}_{ending}")).filter(|value| !value.is_empty());
    match (find("TOKEN"), find("CLIENT_ID"), find("CLIENT_SECRET")) {
        (Some(token), None, None) => Ok(Secret::Token(token.into())),
        (None, Some(id), Some(secret)) => Ok(Secret::Client { id, secret: secret.into() }),
        (None, None, None) => Err(refused(
            format!("the environment has neither `{name}_TOKEN` nor `{name}_CLIENT_ID`"),
            format!("set `{name}_TOKEN`, or both `{name}_CLIENT_ID` and `{name}_CLIENT_SECRET`"),
        )),
        (Some(_), _, _) => Err(refused(
            format!("the environment has both a `{name}_TOKEN` and a client"),
            "keep one of the two",
        )),
        (None, _, _) => Err(refused(
            format!(
                "the environment has only one of `{name}_CLIENT_ID` and `{name}_CLIENT_SECRET`"
            ),
            "set both",
        )),
    }
}

fn from_file(path: &Path, shown: &str) -> Result<Secret, Box<Diagnostic>> {
    let unreadable = |error: std::io::Error| {
        refused(
            format!("the credential file `{shown}` cannot be read: {error}"),
            "check `target.credential`",
        )
    };
    // The open file is asked, so that nobody can swap it in between.
    let file = plain::open(path, OpenOptions::new().read(true)).map_err(unreadable)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let meta = file.metadata().map_err(unreadable)?;
        if meta.permissions().mode() & 0o077 != 0 {
            return Err(refused(
                format!("the credential file `{shown}` can be read or written by others"),
                format!("run `chmod 600 {shown}`, and renew the secret"),
            ));
        }
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    parse(&bytes, &format!("the credential file `{shown}`"))
}

async fn from_command(command: &str, project: &Path) -> Result<Secret, Box<Diagnostic>> {
    let mut words = command.split_whitespace();
    let program = words.next().unwrap_or_default();
    let failed = |why: String| {
        refused(
            format!("the credential command `{program}` {why}"),
            "run it by hand; it is started without a shell and must print JSON",
        )
    };
    #[expect(clippy::disallowed_methods, reason = "edge starts processes")]
    let mut child = tokio::process::Command::new(program)
        .args(words)
        .current_dir(project)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(format!("cannot be started: {error}")))?;
    match tokio::time::timeout(MOST_TIME, output_of(&mut child)).await {
        Err(_) => Err(failed(format!("took longer than {} s", MOST_TIME.as_secs()))),
        Ok(Err(error)) => Err(failed(format!("cannot be read: {error}"))),
        Ok(Ok((_, bytes))) if bytes.len() as u64 > MOST_BYTES => {
            Err(failed("says more than 64 KiB".to_owned()))
        }
        Ok(Ok((status, _))) if !status.success() => Err(failed(format!("ended with {status}"))),
        Ok(Ok((_, bytes))) => parse(&bytes, &format!("what `{program}` prints")),
    }
}

/// Waits for the end of a command, takes all that it printed before, and passes on what it wrote
/// to stderr. A child that it leaves behind may keep both open for as long as it lives: their end
/// is not waited for, and stderr is not muster's own, because whoever reads that would wait too.
async fn output_of(child: &mut Child) -> std::io::Result<(ExitStatus, Vec<u8>)> {
    let mut bytes = Vec::new();
    let (Some(mut output), Some(mut errors)) = (child.stdout.take(), child.stderr.take()) else {
        return Ok((child.wait().await?, bytes));
    };
    let (mut is_open, mut is_talking, mut words) = (true, true, Vec::new());
    let mut passed = 0;
    let status = loop {
        tokio::select! {
            read = output.read_buf(&mut bytes), if is_open => {
                is_open = read? > 0;
                if bytes.len() as u64 > MOST_BYTES {
                    // It may wait for ever to be read; there is nothing more to learn from it.
                    is_open = false;
                    child.start_kill()?;
                }
            }
            read = errors.read_buf(&mut words), if is_talking => {
                is_talking = read? > 0;
                passed += pass_on(&mut words, passed);
            }
            status = child.wait() => break status?,
        }
    };
    take_rest(&output, &mut bytes)?;
    take_rest(&errors, &mut words)?;
    pass_on(&mut words, passed);
    Ok((status, bytes))
}

/// Passes on what a command wrote to stderr, after so much of it, within the bound; how much.
fn pass_on(words: &mut Vec<u8>, passed: usize) -> usize {
    let words = std::mem::take(words);
    if (passed as u64) < MOST_BYTES && !words.is_empty() {
        terminal::note(&String::from_utf8_lossy(&words));
    }
    words.len()
}

/// Takes what is left in a pipe, within the bound, and waits for nothing. The system is asked
/// itself: the runtime may not have heard yet that there is something.
fn take_rest(output: impl AsFd, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    let mut part = [0; 4096];
    while bytes.len() as u64 <= MOST_BYTES {
        match rustix::io::read(&output, &mut part) {
            Ok(0) | Err(Errno::AGAIN) => break,
            Ok(length) => bytes.extend_from_slice(part.get(..length).unwrap_or_default()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn parse(bytes: &[u8], what: &str) -> Result<Secret, Box<Diagnostic>> {
    let remedy = "write `{\"token\": …}` or `{\"clientId\": …, \"clientSecret\": …}`";
    if bytes.len() as u64 > MOST_BYTES {
        return Err(refused(format!("{what} has more than 64 KiB"), remedy));
    }
    // What serde says may quote a value, so only the place is told.
    let written: Written = serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        refused(format!("{what} is not a credential ({place})"), remedy)
    })?;
    match (written.token, written.client_id, written.client_secret) {
        (Some(Hidden(token)), None, None) => Ok(Secret::Token(token)),
        (None, Some(id), Some(Hidden(secret))) => Ok(Secret::Client { id, secret }),
        _ => Err(refused(format!("{what} is not one credential"), remedy)),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn shown(secret: Result<Secret, Box<Diagnostic>>) -> String {
        match secret {
            Ok(Secret::Token(token)) => format!("token {}", token.expose_secret()),
            Ok(Secret::Client { id, secret }) => format!("client {id} {}", secret.expose_secret()),
            Err(error) => format!("error {error}"),
        }
    }

    #[test]
    fn the_environment_holds_a_token_or_a_client() {
        let from = |has: &'static [&'static str]| {
            let find = |name: &str| has.contains(&name).then(|| format!("<{name}>"));
            shown(from_environment("X", find))
        };
        assert_eq!(from(&["X_TOKEN"]), "token <X_TOKEN>");
        assert_eq!(
            from(&["X_CLIENT_ID", "X_CLIENT_SECRET"]),
            "client <X_CLIENT_ID> <X_CLIENT_SECRET>"
        );
        assert!(from(&[]).contains("set `X_TOKEN`"));
        assert!(from(&["X_CLIENT_ID"]).contains("only one"));
        assert!(from(&["X_TOKEN", "X_CLIENT_ID"]).contains("both"));
    }

    #[test]
    fn a_file_says_one_credential_and_never_appears_in_an_error() {
        assert_eq!(shown(parse(br#"{"token":"t"}"#, "f")), "token t");
        assert_eq!(shown(parse(br#"{"clientId":"i","clientSecret":"s"}"#, "f")), "client i s");
        for wrong in [
            "",
            "hunter2",
            "{}",
            r#"{"token":"hunter2","clientId":"x"}"#,
            r#"{"hunter2":1}"#,
            r#"{"token":["hunter2"]}"#,
            r#"{"clientSecret":"hunter2"}"#,
        ] {
            let error = shown(parse(wrong.as_bytes(), "f"));
            assert!(error.starts_with("error f") && !error.contains("hunter2"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test of the place that reads files")]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.json");
        std::fs::write(&path, r#"{"token":"t"}"#).unwrap();
        let set = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode));
        set(0o640).unwrap();
        assert!(shown(from_file(&path, "secret.json")).contains("chmod 600"));
        set(0o600).unwrap();
        assert_eq!(shown(from_file(&path, "secret.json")), "token t");
        assert!(shown(from_file(folder.path(), "f")).contains("a folder, and not a file"));
        assert!(shown(from_file(&folder.path().join("none"), "f")).contains("cannot be read"));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_command_is_run_without_a_shell_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let run = |command: &'static str| from_command(command, folder.path());
        assert_eq!(shown(run(r#"echo {"token":"t;whoami"}"#).await), "token t;whoami");
        assert!(shown(run("false").await).contains("ended with"));
        assert!(shown(run("no-such-program-here").await).contains("cannot be started"));
        assert!(shown(run("yes").await).contains("more than 64 KiB"));
        assert!(shown(run("").await).contains("cannot be started"));
    }

    #[cfg(unix)]
    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "a test of the place that starts processes")]
    async fn a_child_that_a_command_leaves_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let run = async |script: &str| {
            std::fs::write(folder.path().join("script"), script).unwrap();
            let command = from_command("sh script", folder.path());
            let ended = tokio::time::timeout(Duration::from_secs(20), command).await;
            shown(ended.unwrap_or_else(|_| panic!("it hangs: {script}")))
        };
        let token = r#"echo '{"token":"t"}'"#;
        assert_eq!(run(&format!("sleep 60 & {token}")).await, "token t");
        assert_eq!(run(&format!("exec 2>&-\n(sleep 60 &)\n{token}")).await, "token t");
        let long = format!("sleep 60 & printf '%60000s'; {token}");
        assert_eq!(run(&long).await, "token t", "all that was printed counts");
        assert_eq!(run(&format!("{token}; exec >&-; sleep 1")).await, "token t", "an early end");
        assert!(run(&format!("sleep 60 & {token}; exit 3")).await.contains("ended with"));
        assert!(run("yes & exit 0").await.contains("what `sh` prints"), "endless");
        assert!(run("yes").await.contains("more than 64 KiB"));
    }
}
