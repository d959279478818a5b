//! A real SCIM server: started on a port the system picks, asked in raw HTTP, ended with its kind.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};

/// The bearer token of every server here; it opens nothing else.
pub(crate) const TOKEN: &str = "only-on-loopback";
/// How long between two looks, and how many looks before giving up: a minute.
const LOOK: Duration = Duration::from_millis(50);
const LOOKS: usize = 1200;

/// A running server, empty at first; dropping it ends its whole process group.
pub(crate) struct Server {
    child: Child,
    port: u16,
    root: &'static str,
}

/// The folder of a file beside the tests.
pub(crate) fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers").join(name)
}

/// Where the servers are installed.
fn installed() -> String {
    std::env::var("MUSTER_TEST_SERVERS").unwrap_or_else(|_| {
        panic!(
            "MUSTER_TEST_SERVERS is not set; run `tests/servers/install.sh target/servers && \
             MUSTER_TEST_SERVERS=target/servers cargo test --features real-servers --test servers`"
        )
    })
}

impl Server {
    /// Starts a server by name, its SCIM root below `root`. Another process can take the port
    /// between our look and the server's own, so a server that ends at once gets another port.
    pub(crate) fn start(name: &str, root: &'static str, logs: &Path) -> Self {
        let log = logs.join("server.log");
        for _ in 0..3 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let out = File::create(&log).unwrap();
            let child = Command::new(beside("start.sh"))
                .args([name, &installed(), &port.to_string()])
                .env("TOKEN", TOKEN)
                .stdin(Stdio::null())
                .stdout(out.try_clone().unwrap())
                .stderr(out)
                .process_group(0)
                .spawn()
                .unwrap();
            let mut server = Self { child, port, root };
            if server.is_ready() {
                return server;
            }
        }
        panic!("{name} does not start: {}", std::fs::read_to_string(&log).unwrap());
    }

    /// The base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.root)
    }

    /// Creates a user that no YAML knows, and gives its id.
    pub(crate) fn create_user(&self, name: &str) -> String {
        self.create(
            "/Users",
            &json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": name,
                "name": { "givenName": "Some", "familyName": "Body" },
            }),
        )
    }

    /// Creates a group that no YAML knows, and gives its id.
    pub(crate) fn create_group(&self, name: &str) -> String {
        let schema = "urn:ietf:params:scim:schemas:core:2.0:Group";
        self.create("/Groups", &json!({ "schemas": [schema], "displayName": name }))
    }

    /// Adds a member to a group, as somebody else would.
    pub(crate) fn add_member(&self, group: &str, user: &str) {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "add", "path": "members", "value": [{ "value": user }] }],
        });
        let (status, answer) = self.send("PATCH", &format!("/Groups/{group}"), Some(&body));
        assert!(matches!(status, 200 | 204), "PATCH of a group: {status} {answer}");
    }

    /// The id of a group by its name.
    pub(crate) fn group_id(&self, name: &str) -> String {
        let (status, answer) = self.send("GET", "/Groups?startIndex=1&count=100", None);
        assert_eq!(status, 200, "{answer}");
        let list: Value = serde_json::from_str(&answer).unwrap();
        let groups = list["Resources"].as_array().unwrap();
        let found = groups.iter().find(|group| group["displayName"] == name);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// What the server says of itself, read by the independent reader.
    pub(crate) fn oracle(&self, arguments: &[&str]) -> Value {
        let output = Command::new("python3")
            .arg(beside("oracle.py"))
            .args(arguments.iter().filter(|word| word.starts_with("--")))
            .arg(self.url())
            .args(arguments.iter().filter(|word| !word.starts_with("--")))
            .env("TOKEN", TOKEN)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn create(&self, path: &str, body: &Value) -> String {
        let (status, answer) = self.send("POST", path, Some(body));
        assert_eq!(status, 201, "POST {path}: {answer}");
        let made: Value = serde_json::from_str(&answer).unwrap();
        made["id"].as_str().unwrap().to_owned()
    }

    fn is_ready(&mut self) -> bool {
        for _ in 0..LOOKS {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            let answer = self.exchange("GET", "/ServiceProviderConfig", None);
            if answer.is_ok_and(|(status, _)| status == 200) {
                return true;
            }
            sleep(LOOK);
        }
        false
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, String) {
        self.exchange(method, path, body).unwrap()
    }

    /// One request in HTTP/1.0, which knows neither chunks nor a second request.
    fn exchange(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> std::io::Result<(u16, String)> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(
            stream,
            "{method} {}{path} HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{body}",
            self.root,
            body.len(),
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Ok((status, body.to_owned()))
    }

    /// Sends the whole process group a signal, and says whether the server has ended of it.
    fn ended_by(&mut self, signal: Signal) -> bool {
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if group.is_none_or(|group| kill_process_group(group, signal).is_err()) {
            return true;
        }
        (0..LOOKS / 10).any(|_| {
            sleep(LOOK);
            !matches!(self.child.try_wait(), Ok(None))
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !self.ended_by(Signal::TERM) {
            self.ended_by(Signal::KILL);
        }
    }
}
