//! A twin over real HTTP, a project that is spoken to it, and one turn of muster.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use muster::apply::{Known, NoJournal, Receipt, RunOptions, Step, run, schedule};
use muster::config::{Desired, SourceText, parse};
use muster::edge::credential::Clock;
use muster::edge::http::RequestsMade;
use muster::edge::sandbox::greenlake::{GreenLakeOptions, GreenLakeServer, start_greenlake};
use muster::edge::session::{Session, SessionOptions};
use muster::guard::{Regime, approve, judge};
use muster::live::Live;
use muster::plan::{Plan, plan};
use muster::provider::scim::ReadError;
use muster::sandbox::Faults;
use muster::sandbox::greenlake::{Limits, Rate};
use serde_json::{Value, json};

pub(crate) const MAIN: &str = "3f2c0e1a9b1c4d7e8f60718293a4b5c6";
pub(crate) const PROD: &str = "0000000000004000800000000000000b";
pub(crate) const TENANT: &str = "0000000000004000800000000000000c";
pub(crate) const RECOVERY: &str = "0123456789@recovery.auth.greenlake.hpe.com";

/// An organization with two workspaces and a tenant: two administrators, a recovery account,
/// users of an integration and of another organization, and roles of all sorts.
pub(crate) fn seed() -> Value {
    json!({
        "provider": "greenlake",
        "organization": { "name": "acme", "posix": true },
        "workspaces": [
            { "id": MAIN, "name": "main", "type": "MSP" },
            { "id": PROD, "name": "prod" },
            { "id": TENANT, "name": "tenant-a", "type": "MSP_TENANT" },
        ],
        "clients": [
            { "id": "c-main", "secret": "s-main", "workspace": "main",
              "principal": "user:root@example.com" },
            { "id": "c-prod", "secret": "s-prod", "workspace": "prod" },
        ],
        "users": [
            { "userName": "root@example.com", "active": true },
            { "userName": RECOVERY, "active": true },
            { "userName": "synced@sync.example.com", "source": "SCIM", "active": true },
            { "userName": "guest@other.example.net", "source": "External" },
        ],
        "groups": [
            { "displayName": "synced", "source": "SCIM", "members": ["synced@sync.example.com"] },
        ],
        "scopeGroups": [
            { "workspace": "main", "name": "racks" },
            { "workspace": "main", "name": "both" },
            { "workspace": "prod", "name": "prod-racks" },
        ],
        "tenantGroups": [
            { "workspace": "main", "name": "gold", "tenants": ["tenant-a"] },
            { "workspace": "main", "name": "both" },
        ],
        "assignments": [
            { "workspace": "main", "principal": "user:root@example.com",
              "role": "ccs.account-admin", "scope": ["workspace"] },
            { "workspace": "main", "principal": "user:guest@other.example.net",
              "role": "ccs.observer", "source": "EXTERNAL" },
            { "workspace": "prod", "principal": "api-client:0000000000004000800000000000000f",
              "role": "ccs.observer", "scope": ["workspace"] },
        ],
    })
}

/// The project file, but for the URL.
pub(crate) const PROJECT: &str = "
organization: acme
target:
  provider: greenlake
  url: URL
  credential: file:main.json
  workspace: main
  workspaces:
    main: { id: 3f2c0e1a-9b1c-4d7e-8f60-718293a4b5c6 }
    prod: { id: 0000000000004000800000000000000b, credential: file:prod.json }
    tenant-a: { id: 0000000000004000800000000000000c, via: main }
roles: { com-admin: compute-ops-mgmt.administrator }
manage:
  users: { domains: [\"*\"], onRemove: delete }
  groups: { names: [\"*\"], onRemove: delete }
  bindings: { onRemove: delete }
administrators: { roles: [ccs.account-admin], atLeast: 1 }
protected: { users: [\"*@recovery.auth.greenlake.hpe.com\"] }
limits:
  users: { remove: \"100%\", update: \"100%\" }
  groups: { remove: \"100%\", update: \"100%\" }
  memberships: { remove: \"100%\", update: \"100%\" }
  bindings: { remove: \"100%\", update: \"100%\" }
";

/// People, groups and roles to begin with.
pub(crate) const FILE: &str = "
users:
  root@example.com: {}
  synced@sync.example.com: {}
  ada@example.com:
    name: { givenName: Ada, familyName: Lovelace }
    countryCode: GB
    posix: { uid: 1000, gid: 100, userName: ada }
  raj@example.com: { name: { givenName: Raj, familyName: Rao }, countryCode: IN }
groups:
  com-admins:
    description: Compute Ops Management administrators
    members: [ada@example.com, raj@example.com, synced@sync.example.com]
  readers: { members: [raj@example.com, synced@sync.example.com] }
bindings:
  - { role: ccs.account-admin, user: root@example.com, workspace: main }
  - { role: com-admin, group: com-admins, workspace: main, scope: [racks, tenant-group/both] }
  - { role: com-admin, group: com-admins, workspace: prod }
  - { role: com-admin, group: readers, workspace: prod, scope: [prod-racks] }
  - { role: ccs.observer, user: raj@example.com, workspace: tenant-a }
";

/// Time that moves when the test says so.
#[derive(Clone)]
pub(crate) struct Virtual {
    start: tokio::time::Instant,
    epoch: Timestamp,
    millis: Arc<AtomicU64>,
    patience: Option<Duration>,
}

impl Virtual {
    pub(crate) fn new() -> Self {
        let epoch = "2026-11-22T10:00:00Z".parse().unwrap();
        Self { start: tokio::time::Instant::now(), epoch, millis: Arc::default(), patience: None }
    }

    pub(crate) fn pass(&self, millis: u64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.millis.load(Ordering::SeqCst) / 1_000
    }

    pub(crate) fn timestamp(&self) -> Timestamp {
        let millis = i64::try_from(self.millis.load(Ordering::SeqCst)).unwrap();
        self.epoch + SignedDuration::from_millis(millis)
    }

    fn clock(&self) -> Clock {
        let (of_now, of_sleep) = (self.clone(), self.clone());
        Clock::new(
            Arc::new(move || {
                of_now.start + Duration::from_millis(of_now.millis.load(Ordering::SeqCst))
            }),
            Arc::new(move |wait: Duration| {
                of_sleep.pass(u64::try_from(wait.as_millis()).unwrap());
                Box::pin(async {})
            }),
        )
    }
}

/// A twin and a project.
pub(crate) struct World {
    pub(crate) twin: GreenLakeServer,
    folder: tempfile::TempDir,
    project: String,
    pub(crate) time: Virtual,
}

/// What came of one turn.
#[derive(Debug)]
pub(crate) struct Turn {
    /// The denials, if the plan was refused.
    pub(crate) denied: Vec<String>,
    /// The warnings of the plan.
    pub(crate) said: Vec<String>,
    /// The changes, in words.
    pub(crate) changes: Vec<String>,
    /// What is left alone, and why.
    pub(crate) unmanaged: Vec<String>,
    /// What became of each step, but for those that are so.
    pub(crate) unmade: Vec<String>,
    pub(crate) halted: Option<String>,
    pub(crate) reads: RequestsMade,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(&seed(), "", Rate::Unlimited).await
    }

    pub(crate) async fn faulty(faults: &str) -> Self {
        Self::with(&seed(), faults, Rate::Unlimited).await
    }

    pub(crate) async fn with(seed: &Value, faults: &str, rate: Rate) -> Self {
        let time = Virtual::new();
        let clock = time.clone();
        let options = GreenLakeOptions {
            seed: Some(seed.clone()),
            faults: Faults::parse(faults).unwrap(),
            limits: Limits { rate, ..Limits::default() },
            clock: match rate {
                // A storm has to pass by itself.
                Rate::Every { .. } => None,
                _ => Some(Arc::new(move || clock.timestamp())),
            },
            ..GreenLakeOptions::default()
        };
        let twin = start_greenlake(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("main.json", r#"{"clientId":"c-main","clientSecret":"s-main"}"#),
            ("prod.json", r#"{"clientId":"c-prod","clientSecret":"s-prod"}"#),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let project = PROJECT.replace("URL", &twin.url());
        Self { twin, folder, project, time }
    }

    /// The same world, spoken to by another project.
    pub(crate) fn project(mut self, from: &str, to: &str) -> Self {
        assert!(self.project.contains(from), "{from}");
        self.project = self.project.replace(from, to);
        self
    }

    /// The same world, in which no answer is waited for longer.
    pub(crate) fn impatient(mut self, patience: Duration) -> Self {
        self.time.patience = Some(patience);
        self
    }

    /// The program, in this project, with this file.
    pub(crate) fn program(&self, file: &str, arguments: &[&str]) -> Command {
        fs::write(self.folder.path().join("muster.yaml"), &self.project).unwrap();
        fs::write(self.folder.path().join("file.yaml"), file).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command
    }

    /// What the program says, and how it ends.
    pub(crate) fn muster(&self, file: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.program(file, arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    }

    /// From now on this goes wrong.
    pub(crate) async fn fails(&self, faults: &str) {
        let faults = Faults::parse(faults).unwrap();
        self.twin.with(|twin| twin.faults = faults).await.unwrap();
    }

    pub(crate) fn desired(&self, file: &str) -> Desired {
        let text = |name: &str, text: &str| SourceText {
            name: name.into(),
            bytes: text.as_bytes().to_vec(),
        };
        match parse(&text("muster.yaml", &self.project), &[text("file.yaml", file)], 1) {
            Ok((desired, _)) => desired,
            Err(problems) => panic!("the files have problems: {:#?}", problems.sorted()),
        }
    }

    pub(crate) async fn open(&self, desired: &Desired) -> Session {
        let options = SessionOptions {
            clock: self.time.clock(),
            patience: self.time.patience,
            ..SessionOptions::default()
        };
        Session::open_with(&desired.project, self.folder.path(), options).await.unwrap()
    }

    /// Reads and plans.
    pub(crate) async fn plan(&self, file: &str) -> Result<(Plan, Live), ReadError> {
        let desired = self.desired(file);
        let session = self.open(&desired).await;
        let reading = session.read().await?;
        let sight = session.settle(reading, &desired).await?;
        let mut made = plan(&desired, &sight.live, self.time.timestamp());
        made.findings.extend(sight.findings);
        Ok((made, sight.live))
    }

    /// Reads, plans, judges and applies.
    pub(crate) async fn turn(&self, file: &str) -> Result<Turn, ReadError> {
        self.turn_with(file, &|_| {}).await
    }

    /// The same, with something that happens after the plan was made.
    pub(crate) async fn turn_with(
        &self,
        file: &str,
        between: &(dyn Fn(&World) + Sync),
    ) -> Result<Turn, ReadError> {
        let desired = self.desired(file);
        let session = self.open(&desired).await;
        let reading = session.read().await?;
        let sight = session.settle(reading, &desired).await?;
        let reads = session.requests_made();
        let mut made = plan(&desired, &sight.live, self.time.timestamp());
        made.findings.extend(sight.findings);
        let shown = |plan: &Plan| {
            let changes = plan.changes.iter();
            changes.map(|one| format!("{:?} {}: {}", one.action, one.address, one.reason)).collect()
        };
        let mut turn = Turn {
            denied: Vec::new(),
            said: made.findings.iter().map(|finding| finding.message.clone()).collect(),
            changes: shown(&made),
            unmanaged: made
                .unmanaged
                .iter()
                .map(|one| format!("{}: {}", one.address, one.why))
                .collect(),
            unmade: Vec::new(),
            halted: None,
            reads,
        };
        let law = "law".to_owned();
        let verdict =
            judge(&made, &desired, vec![(law.clone(), vec![])], &Regime::expecting(&["law"]))
                .unwrap();
        let approved = match approve(made, verdict) {
            Ok(approved) => approved,
            Err(refusal) => {
                let denials = refusal.verdict.denials();
                turn.denied = denials.map(|(_, one)| one.message.clone()).collect();
                return Ok(turn);
            }
        };
        between(self);
        let ids = approved.plan().ids.clone();
        let known = Known::of(approved.plan(), &sight.live);
        let writer = session.writer(&sight.known, ids);
        let stop = AtomicBool::new(false);
        let options = RunOptions { concurrency: 8, stop: &stop };
        let outcome = run(schedule(&approved), known, &writer, &NoJournal, options).await;
        turn.unmade = outcome.receipts.iter().filter_map(unmade).collect();
        turn.halted = outcome.halted;
        Ok(turn)
    }

    /// The organization as the twin itself says it, names for ids; without clients.
    pub(crate) async fn organization(&self) -> Value {
        let mut state = self.twin.with(|twin| twin.state.export()).await.unwrap();
        state.as_object_mut().unwrap().remove("clients");
        state
    }

    /// The rows of one list of the organization that `has` picks.
    pub(crate) async fn rows(&self, list: &str, has: &str) -> Vec<Value> {
        let state = self.organization().await;
        let rows = state[list].as_array().cloned().unwrap_or_default();
        rows.into_iter().filter(|row| row.to_string().contains(has)).collect()
    }
}

fn unmade((step, receipt): &(Step, Receipt)) -> Option<String> {
    (!receipt.is_so()).then(|| format!("{} {}: {receipt:?}", step.op.verb(), step.op.address()))
}

impl Turn {
    /// Everything was done, and there was something to do.
    #[track_caller]
    pub(crate) fn is_done(&self) {
        assert!(self.denied.is_empty() && self.unmade.is_empty(), "{self:#?}");
        assert!(!self.changes.is_empty(), "nothing was to be done");
        assert_eq!(self.halted, None);
    }

    /// There was nothing to do.
    #[track_caller]
    pub(crate) fn is_empty(&self) {
        assert!(self.denied.is_empty() && self.changes.is_empty(), "{self:#?}");
    }
}
