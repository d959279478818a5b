//! Servers that name what they are sent otherwise, and do not show what became of it: however often
//! the program runs, there is one account for each that is declared.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::folder::{Folder, project_at};
use super::lies::{failing, list};
use super::program::Ended;
use super::server::{Ask, Reply, Server, json, status};

/// What such a server does beside giving other names.
#[derive(Clone, Copy, Debug, Default)]
struct Habits {
    /// It takes no `active` but true.
    activates: bool,
    /// It answers a create with nothing but a location.
    only_points: bool,
    /// It loses the answer to a create.
    loses: bool,
    /// It fails when it is asked for one user.
    shows_none: bool,
    /// It gives another name on every change of one, too.
    renames_again: bool,
}

#[derive(Debug)]
struct World {
    habits: Habits,
    users: Vec<Value>,
}

struct Stage {
    runtime: Runtime,
    folder: Folder,
    server: Server,
    world: Arc<Mutex<World>>,
}

impl Stage {
    fn new(habits: Habits, users: Value, yaml: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let users = serde_json::from_value(users).unwrap();
        let world = Arc::new(Mutex::new(World { habits, users }));
        let shared = Arc::clone(&world);
        let start = Server::start(move |ask| answer(ask, &mut shared.lock().unwrap()));
        let server = runtime.block_on(start);
        let limits = "limits: { users: { update: \"100%\" } }\n";
        let project = project_at(&server.url) + limits;
        let folder = Folder::with(&[("muster.yaml", &project), ("people.yaml", yaml)]);
        Self { runtime, folder, server, world }
    }

    fn apply(&self) -> Ended {
        self.folder.muster(&["apply", "--yes"]).run()
    }

    fn names(&self) -> Vec<String> {
        let world = self.world.lock().unwrap();
        let users = world.users.iter();
        users.map(|user| user["userName"].as_str().unwrap().to_owned()).collect()
    }

    fn end(self) -> usize {
        let created = self.server.count("POST");
        drop(self.server);
        self.runtime.shutdown_background();
        created
    }
}

fn answer(ask: &Ask, World { habits, users }: &mut World) -> Reply {
    let habits = *habits;
    let path = ask.path().trim_start_matches("/scim/");
    let place =
        path.strip_prefix("Users/").and_then(|id| users.iter().position(|one| one["id"] == id));
    match (ask.method.as_str(), path, place) {
        ("POST", "Users", _) => create(ask, habits, users),
        // A filter by a name that nobody has.
        ("GET", "Users", _) if ask.query("filter").is_some() => list(0, &[]),
        ("GET", "Users", _) => list(users.len(), users),
        ("GET", "Groups", _) => list(0, &[]),
        ("GET", _, Some(_)) if habits.shows_none => failing(500),
        ("GET", _, Some(place)) => json(&users[place]),
        ("PATCH", _, Some(place)) => {
            for operation in ask.body["Operations"].as_array().unwrap() {
                let name = operation["path"].as_str().unwrap();
                users[place][name] = operation["value"].clone();
                if name == "userName" && habits.renames_again {
                    users[place][name] = other(&operation["value"], "r");
                }
            }
            json(&users[place])
        }
        _ => status(404, "application/scim+json", b"{}"),
    }
}

fn create(ask: &Ask, habits: Habits, users: &mut Vec<Value>) -> Reply {
    let mut user = ask.body.clone();
    let id = format!("1{}", users.len());
    user["id"] = json!(id);
    user["userName"] = other(&user["userName"], &id);
    if habits.activates {
        user["active"] = json!(true);
    }
    users.push(user.clone());
    if habits.loses {
        return Reply::Bytes(Vec::new());
    }
    if habits.only_points {
        let head = format!(
            "HTTP/1.1 201 X\r\nlocation: http://localhost/v2/Users/{id}\r\ncontent-length: 0\r\n\
             connection: close\r\n\r\n"
        );
        return Reply::Bytes(head.into_bytes());
    }
    status(201, "application/scim+json", user.to_string().as_bytes())
}

fn other(name: &Value, more: &str) -> Value {
    json!(name.as_str().unwrap().replace('@', &format!("-{more}@")))
}

#[test]
fn an_account_is_created_once_whatever_became_of_it() {
    let default = Habits::default();
    let cases = [
        ("{ active: false }", Habits { activates: true, ..default }),
        ("{ title: Dr }", Habits { shows_none: true, ..default }),
        ("{ title: Dr }", Habits { only_points: true, ..default }),
        ("{ title: Dr }", Habits { only_points: true, shows_none: true, ..default }),
        ("{ title: Dr, externalId: e7 }", Habits { loses: true, ..default }),
    ];
    std::thread::scope(|scope| {
        for (fields, habits) in cases {
            scope.spawn(move || {
                let yaml = format!("users: {{ ada@example.com: {fields} }}\n");
                let stage = Stage::new(habits, json!([]), &yaml);
                let ended: Vec<Ended> = (0..3).map(|_| stage.apply()).collect();
                assert_eq!(stage.names().len(), 1, "{habits:?}: {ended:#?}");
                assert_eq!(stage.end(), 1, "{habits:?}: {ended:#?}");
            });
        }
    });
}

#[test]
fn an_account_whose_name_nobody_saw_is_mended_by_the_next_run() {
    let habits = Habits { only_points: true, shows_none: true, ..Habits::default() };
    let stage = Stage::new(habits, json!([]), "users: { ada@example.com: { title: Dr } }\n");
    stage.apply().exits(6);
    assert_eq!(stage.names(), ["ada-10@example.com"]);
    stage.world.lock().unwrap().habits.shows_none = false;
    stage.apply().exits(0).shows("~ userName: \"ada-10@example.com\" -> \"ada@example.com\"");
    assert_eq!(stage.names(), ["ada@example.com"]);
    // By now its name is known: whoever has the id later is somebody else.
    stage.world.lock().unwrap().users[0]["userName"] = json!("bob@example.com");
    stage.folder.muster(&["plan"]).run().shows("1 to create");
    assert_eq!(stage.end(), 1);
}

#[test]
fn a_rename_that_comes_out_under_another_name_creates_nobody() {
    let habits = Habits { renames_again: true, ..Habits::default() };
    let eve = json!([{"id": "2", "userName": "eve@example.com", "active": true}]);
    let yaml = "users: { eva@example.com: { previously: [eve@example.com] } }\n";
    let stage = Stage::new(habits, eve, yaml);
    stage.apply().exits(6).shows("did not keep `userName`");
    for _ in 0..2 {
        stage.apply().exits(0).shows("named-otherwise");
    }
    assert_eq!(stage.names(), ["eva-r@example.com"]);
    assert_eq!(stage.end(), 0);
}
