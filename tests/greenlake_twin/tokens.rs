//! Tokens: who gets one, for what, for how long.

use muster::sandbox::Request;

use super::world::{AUTHZ, MAIN, PROD, SCIM, TENANT, World, code};

const EXCHANGE: &str = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token_type=urn:ietf:params:oauth:token-type:access_token&subject_token=";

#[test]
fn a_token_opens_the_directory_for_a_quarter_of_an_hour() {
    let mut world = World::new();
    assert_eq!(world.get(&format!("{SCIM}/Users")).0, 200);
    world.wait(899);
    assert_eq!(world.get(&format!("{SCIM}/Users")).0, 200);
    world.wait(1);
    let (status, body) = world.get(&format!("{SCIM}/Users"));
    assert_eq!((status, code(&body).as_str()), (401, "HPE_GL_IDENTITY_UNAUTHORIZED"));
    let (status, body) = world.get(&format!("{AUTHZ}/role-assignments"));
    assert_eq!((status, code(&body).as_str()), (401, "HPE_GL_ERROR_UNAUTHORIZED"));
}

#[test]
fn the_form_of_the_answer_is_that_of_oauth() {
    let mut world = World::new();
    let form = "grant_type=client_credentials&client_id=c-main&client_secret=s-main";
    let response = world.form(MAIN, form);
    let body = response.value();
    assert_eq!((response.status, &body["token_type"]), (200, &"Bearer".into()));
    assert_eq!(body["expires_in"], 899);
    assert_eq!(body["access_token"].as_str().unwrap().split('.').count(), 3);
}

#[test]
fn basic_is_taken_as_well_as_the_form() {
    let mut world = World::new();
    let path = format!("/authorization/v2/oauth2/{MAIN}/token");
    // c-main:s-main
    let mut request =
        Request::new("POST", &path).header("authorization", "Basic Yy1tYWluOnMtbWFpbg==");
    request.body = b"grant_type=client_credentials".to_vec();
    assert_eq!(world.send(&request).status, 200);
    let mut request = Request::new("POST", &path).header("authorization", "Basic Yy1tYWlu");
    request.body = b"grant_type=client_credentials".to_vec();
    assert_eq!(world.send(&request).status, 401);
}

#[test]
fn what_is_wrong_is_refused() {
    let mut world = World::new();
    let grant = "grant_type=client_credentials&client_id=c-main&client_secret=";
    for (workspace, form, status, word) in [
        (MAIN, format!("{grant}wrong"), 401, "invalid_client"),
        (MAIN, "grant_type=client_credentials".into(), 401, "invalid_client"),
        (PROD, format!("{grant}s-main"), 400, "unauthorized_client"),
        ("00000000000000000000000000000000", format!("{grant}s-main"), 400, "invalid_request"),
        (MAIN, "grant_type=password".into(), 400, "unsupported_grant_type"),
    ] {
        let response = world.form(workspace, &form);
        assert_eq!((response.status, &response.value()["error"]), (status, &word.into()), "{form}");
    }
    assert_eq!(world.send(&Request::new("GET", &format!("{SCIM}/Users"))).status, 401);
    world.token.push('x');
    assert_eq!(world.get(&format!("{SCIM}/Users")).0, 401, "a forged signature");
}

#[test]
fn an_msp_s_token_is_exchanged_for_a_tenant_s() {
    let mut world = World::new();
    let form = format!("{EXCHANGE}{}", world.token);
    let response = world.form(TENANT, &form);
    assert_eq!(response.status, 200, "{}", response.value());
    let main = std::mem::take(&mut world.token);
    world.token = response.value()["access_token"].as_str().unwrap().into();
    assert_eq!(world.get(&format!("{AUTHZ}/role-assignments")).1["total"], 0, "the tenant's own");
    assert_eq!(world.get(&format!("{SCIM}/Users")).0, 403, "the directory is the MSP's");
    world.token = main;
    let dashed = "00000000-0000-4000-8000-00000000000c";
    assert_eq!(world.form(dashed, &form).status, 400, "hyphens");
    assert_eq!(world.form(PROD, &form).status, 400, "no tenant");
    let stale = format!("{EXCHANGE}x{}", world.token);
    assert_eq!(world.form(TENANT, &stale).value()["error"], "invalid_grant");
    world.enter("c-prod", "s-prod", PROD);
    let form = format!("{EXCHANGE}{}", world.token);
    assert_eq!(world.form(TENANT, &form).status, 400, "no MSP");
}

#[test]
fn a_personal_client_goes_with_its_user() {
    let mut world = World::new();
    let path = world.user_path("root@example.com");
    assert_eq!(world.delete(&path).0, 204);
    assert_eq!(world.get(&format!("{SCIM}/Users")).0, 401);
    let form = "grant_type=client_credentials&client_id=c-main&client_secret=s-main";
    assert_eq!(world.form(MAIN, form).status, 401);
}

#[test]
fn the_same_requests_give_the_same_bytes() {
    let story = || {
        let mut world = World::new();
        let users = world.request("GET", &format!("{SCIM}/Users"));
        let missing = world.request("GET", &format!("{SCIM}/Users/none"));
        let answers = [world.send(&users), world.send(&missing)];
        (world.token.clone(), answers.map(|answer| answer.body))
    };
    assert_eq!(story(), story());
}
