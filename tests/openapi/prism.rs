//! Prism's proxy, one an OpenAPI file.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

/// HPE's files, by what follows `greenlake-` in their names.
pub(crate) const SPECS: [&str; 5] =
    ["scim", "authorization", "workspaces", "workspace-groups", "audit-logs"];

/// How long between two looks, and how many looks before giving up: two minutes.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: usize = 1200;

/// A running proxy; dropping it ends its whole process group.
pub(crate) struct Prism {
    child: Child,
    port: u16,
    log: TempDir,
}

/// One of HPE's files.
pub(crate) fn document(spec: &str) -> PathBuf {
    let folder = std::env::var("MUSTER_OPENAPI").unwrap_or_else(|_| {
        panic!("MUSTER_OPENAPI is not set; set it to the folder that holds {}", names())
    });
    let path = Path::new(&folder).join(format!("greenlake-{spec}.json"));
    assert!(path.is_file(), "{} is missing; MUSTER_OPENAPI needs {}", path.display(), names());
    path
}

fn names() -> String {
    let names: Vec<_> = SPECS.iter().map(|spec| format!("greenlake-{spec}.json")).collect();
    format!("HPE's OpenAPI files {}", names.join(", "))
}

fn program() -> PathBuf {
    let remedy = "run `tests/greenlake/prism.sh target/servers` and set \
                  MUSTER_TEST_SERVERS=target/servers";
    let folder = std::env::var("MUSTER_TEST_SERVERS")
        .unwrap_or_else(|_| panic!("MUSTER_TEST_SERVERS is not set; {remedy}"));
    let program = Path::new(&folder).join("prism/node_modules/@stoplight/prism-cli/dist/index.js");
    assert!(program.is_file(), "{} is missing; {remedy}", program.display());
    program
}

impl Prism {
    /// Starts a proxy for one of HPE's files before a server. Another process can take the port
    /// between our look and Prism's own, so a proxy that ends at once gets another port.
    pub(crate) fn start(spec: &str, upstream: &str) -> Prism {
        let document = document(spec);
        for _ in 0..3 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let log = tempfile::tempdir().unwrap();
            let out = File::create(log.path().join("log")).unwrap();
            let child = Command::new("node")
                .arg(program())
                .arg("proxy")
                .arg(&document)
                .args([upstream, "--errors", "--port", &port.to_string()])
                .stdin(Stdio::null())
                .stdout(out.try_clone().unwrap())
                .stderr(out)
                .process_group(0)
                .spawn()
                .unwrap();
            let mut prism = Prism { child, port, log };
            if prism.is_ready() {
                return prism;
            }
            if prism.child.try_wait().unwrap().is_none() {
                panic!("prism does not listen: {}", prism.said());
            }
        }
        panic!("prism does not start for {}", document.display());
    }

    fn is_ready(&mut self) -> bool {
        for _ in 0..LOOKS {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            std::thread::sleep(LOOK);
        }
        false
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.log.path().join("log")).unwrap_or_default()
    }

    /// The base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // It can have ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}
