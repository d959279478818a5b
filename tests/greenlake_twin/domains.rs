//! Domain claims, sign-in, and what DNS says.

use muster::sandbox::Model as _;
use muster::sandbox::greenlake::Txt;
use serde_json::{Value, json};

use super::world::{DOMAINS, World, code, text};

const REQUESTS: &str = "/identity/v1alpha1/domain-requests";
const POLICIES: &str = "/identity/v1alpha1/sso-authentication-policies";

fn claim(world: &mut World, name: &str) -> Value {
    let list = world.get(REQUESTS).1;
    let found = list["items"].as_array().unwrap().iter().find(|row| row["name"] == name);
    found.unwrap().clone()
}

fn verify(world: &mut World, name: &str, txt: Option<&Txt>) -> (u16, String) {
    let path = format!("{REQUESTS}/{}/verify", text(&claim(world, name)["id"]));
    let request = world.request("POST", &path).with("share-contact", "false");
    assert_eq!(world.twin.needs_txt(&request).as_deref(), Some(name));
    let response = world.send_with(&request, txt);
    (response.status, text(&response.value()["lifeCycleState"]))
}

fn verified(world: &mut World) -> Vec<String> {
    let list = world.get(&format!("{DOMAINS}/domains")).1;
    list["items"].as_array().unwrap().iter().map(|row| text(&row["name"])).collect()
}

#[test]
fn a_domain_goes_from_claimed_to_verified_to_expired_and_back() {
    let mut world = World::new();
    let request = world.request("POST", REQUESTS).json(&json!({ "name": "Acme.test" }));
    let response = world.send(&request);
    let made = response.value();
    assert_eq!((response.status, &made["lifeCycleState"]), (201, &json!("PENDING")));
    let record = text(&made["dnsTxtRecord"]);
    let hex = record.strip_prefix("hpe-greenlake-domain-verification=").unwrap();
    assert!(hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hex}");
    assert_eq!(world.call("POST", REQUESTS, &json!({ "name": "acme.test" })).0, 409);
    let other: Txt = Ok(vec!["v=spf1 -all".into(), record.to_uppercase()]);
    let unknown: Txt = Err("timed out".into());
    let right: Txt = Ok(vec!["v=spf1 -all".into(), record]);
    let pending = (200, "PENDING".to_owned());
    assert_eq!(verify(&mut world, "acme.test", Some(&other)), pending);
    assert_eq!(verify(&mut world, "acme.test", Some(&unknown)), pending);
    assert_eq!(verify(&mut world, "acme.test", None), pending);
    assert!(!verified(&mut world).contains(&"acme.test".into()));
    assert_eq!(verify(&mut world, "acme.test", Some(&right)).1, "VERIFIED");
    assert!(verified(&mut world).contains(&"acme.test".into()));
    assert!(claim(&mut world, "acme.test")["lastVerified"].is_string());
    assert_eq!(verify(&mut world, "acme.test", Some(&unknown)).1, "VERIFIED", "nobody knows");
    assert_eq!(verify(&mut world, "acme.test", Some(&other)).1, "EXPIRED");
    assert!(!verified(&mut world).contains(&"acme.test".into()));
    assert_eq!(verify(&mut world, "acme.test", Some(&right)).1, "VERIFIED");
}

#[test]
fn the_two_lists_have_ids_of_their_own() {
    let mut world = World::new();
    let list = world.get(&format!("{DOMAINS}/domains")).1;
    let domain = list["items"][0].clone();
    assert_eq!(domain["name"], "example.com");
    assert_ne!(domain["id"], claim(&mut world, "example.com")["id"]);
    let path = format!("{DOMAINS}/domains/{}", text(&domain["id"]));
    assert_eq!(world.delete(&path).0, 409, "a policy uses it");
    let policy = text(&world.get(POLICIES).1["items"][0]["id"]);
    assert_eq!(world.delete(&format!("{POLICIES}/{policy}")).0, 204);
    assert_eq!(world.delete(&path).0, 409, "it still does");
    world.wait(5);
    assert_eq!(world.delete(&path).0, 204);
    assert_eq!(world.delete(&path).0, 404);
    let pending = format!("{REQUESTS}/{}", text(&claim(&mut world, "new.example.com")["id"]));
    assert_eq!(world.delete(&pending).0, 204);
    let synced = format!("{REQUESTS}/{}", text(&claim(&mut world, "sync.example.com")["id"]));
    assert_eq!(world.delete(&synced).0, 409, "an integration uses it");
}

#[test]
fn what_cannot_be_claimed_is_refused() {
    let mut world = World::new();
    for name in ["gmail.com", "nodots", "-a.test", "a..test", "", "a b.test"] {
        let (status, body) = world.call("POST", REQUESTS, &json!({ "name": name }));
        assert_eq!((status, code(&body).as_str()), (400, "HPE_GL_IDENTITY_BAD_REQUEST"), "{name}");
    }
    let request = world.request("POST", &format!("{REQUESTS}/none/verify"));
    assert_eq!(world.twin.needs_txt(&request), None);
    assert_eq!(world.send(&request).status, 404);
}

#[test]
fn twenty_domains_are_the_most() {
    let mut document = super::world::seed();
    let more: Vec<_> =
        (0..18).map(|at| json!({ "name": format!("d{at}.test"), "state": "VERIFIED" })).collect();
    document["domains"].as_array_mut().unwrap().extend(more);
    let mut world = World::of(&document);
    let record = text(&claim(&mut world, "new.example.com")["dnsTxtRecord"]);
    let path = format!("{REQUESTS}/{}/verify", text(&claim(&mut world, "new.example.com")["id"]));
    let request = world.request("POST", &path);
    let response = world.send_with(&request, Some(&Ok(vec![record])));
    assert_eq!(response.status, 400, "{}", response.value());
}

#[test]
fn policies_bind_verified_domains_and_take_their_time() {
    let mut world = World::new();
    let profiles = world.get("/identity/v2alpha1/sso-profiles").1;
    let (corp, backup) = (&profiles["items"][0], &profiles["items"][1]);
    assert!(corp.get("oidcIdpConfig").is_none(), "no secrets");
    let policy = |domain: &str, source: &Value| {
        json!({
            "policyType": "DOMAIN_VERIFIED",
            "condition": { "domain": domain },
            "action": { "type": "SSO_PROFILE", "authSource": source["id"] },
        })
    };
    assert_eq!(world.call("POST", POLICIES, &policy("new.example.com", corp)).0, 400, "pending");
    assert_eq!(world.call("POST", POLICIES, &policy("example.com", corp)).0, 409);
    let (status, made) = world.call("POST", POLICIES, &policy("sync.example.com", corp));
    assert_eq!((status, &made["state"]), (201, &json!("Configuring")));
    let path = format!("{POLICIES}/{}", text(&made["id"]));
    world.wait(5);
    assert_eq!(world.get(&path).1["state"], "Active");
    let change = json!({ "action": { "type": "SSO_PROFILE", "authSource": backup["id"] } });
    let (status, changed) = world.call("PATCH", &path, &change);
    assert_eq!((status, &changed["state"]), (200, &json!("Configuring")));
    assert_eq!(changed["action"]["authSource"], backup["id"]);
    let again = policy("sync.example.com", corp);
    assert_eq!((world.delete(&path).0, &world.get(&path).1["state"]), (204, &json!("Deleting")));
    assert_eq!(world.call("PATCH", &path, &change).0, 409, "it is going");
    assert_eq!(world.call("POST", POLICIES, &again).0, 409, "it is in the way");
    world.wait(5);
    assert_eq!(world.get(&path).0, 404);
    assert_eq!(world.call("POST", POLICIES, &again).0, 201);
    let recovery = json!({
        "policyType": "USER_RECOVERY",
        "condition": { "user": {
            "email": "0123@recovery.auth.greenlake.hpe.com",
            "password": "not kept",
            "recoveryAccount": "it@example.com",
        } },
        "action": { "type": "DEFAULT" },
    });
    let (status, made) = world.call("POST", POLICIES, &recovery);
    assert_eq!(status, 201, "{made}");
    assert!(!made.to_string().contains("not kept"));
    let path = format!("{POLICIES}/{}", text(&made["id"]));
    assert_eq!(world.call("PATCH", &path, &change).0, 400);
    assert_eq!(world.delete(&path).0, 204);
}
