//! From a path and a method to what answers it.

use percent_encoding::percent_decode_str;

use super::call::{Call, tags};
use super::error::{self, Cause, Refusal};
use super::personality::Versions;
use super::record::Kind;
use super::{Request, Response, Sandbox};
use super::{bulk, create, delete, discovery, list, patch, read, replace};

/// Answers a request.
pub(super) fn answer(sandbox: &mut Sandbox, call: &Call<'_>) -> Response {
    let writing = call.request.method != "GET";
    let result = admit(sandbox, call).and_then(|()| dispatch(sandbox, call));
    let mut response = match result {
        Ok(response) => response,
        Err(refusal) => {
            let mut response = error::answer(&refusal, &sandbox.personality.errors, writing);
            if refusal.status == 429
                && let Some(rate) = sandbox.personality.rate
            {
                response.set("retry-after", &rate.retry_after.to_string());
            }
            response
        }
    };
    if sandbox.personality.meta.versions == Versions::Hash
        && response.status == 200
        && !writing
        && let (Some(sent), Some(own)) =
            (call.request.named("if-none-match"), response.header("etag"))
        && tags(sent).any(|tag| tag == own || tag == "*")
    {
        response = Response::new(304);
    }
    if sandbox.personality.closes {
        response.set("connection", "close");
    }
    response
}

/// Rate limit and token.
fn admit(sandbox: &mut Sandbox, call: &Call<'_>) -> Result<(), Refusal> {
    if let Some(rate) = sandbox.personality.rate {
        let minute = call.second.div_euclid(60);
        if sandbox.window.0 != minute {
            sandbox.window = (minute, 0);
        }
        sandbox.window.1 += 1;
        if sandbox.window.1 > rate.per_minute || sandbox.bad_tokens > rate.bad_tokens {
            return Err(Refusal::plain(429, "too many requests"));
        }
    }
    let Some(token) = &sandbox.token else {
        return Ok(());
    };
    let path = call.request.path.trim_end_matches('/');
    if path == "/ServiceProviderConfig" && !sandbox.personality.discovery.needs_token {
        return Ok(());
    }
    let sent = call.request.named("authorization").and_then(|value| {
        let (scheme, rest) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| rest.trim())
    });
    if sent == Some(token.as_str()) {
        return Ok(());
    }
    sandbox.bad_tokens += 1;
    Err(Refusal::plain(401, "the bearer token is missing or wrong").because(Cause::Unauthorized))
}

fn dispatch(sandbox: &mut Sandbox, call: &Call<'_>) -> Result<Response, Refusal> {
    let path = call.request.path.trim_matches('/');
    let segments: Vec<String> = path
        .split('/')
        .map(|segment| {
            percent_decode_str(segment)
                .decode_utf8()
                .map(|text| text.into_owned())
                .map_err(|_| Refusal::plain(400, "the path is not UTF-8"))
        })
        .collect::<Result<_, _>>()?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let method = call.request.method.as_str();
    let kind = match segments.first() {
        Some(&"Users") => Kind::User,
        Some(&"Groups") => Kind::Group,
        Some(&("ServiceProviderConfig" | "ResourceTypes" | "Schemas")) => {
            return match method {
                "GET" => discovery::answer(sandbox, &segments),
                _ => Err(wrong_method(method)),
            };
        }
        Some(&".search") if method == "POST" && segments.len() == 1 => {
            return list::search(sandbox, call, &[Kind::User, Kind::Group]);
        }
        Some(&"Bulk") if method == "POST" && segments.len() == 1 => {
            return bulk::answer(sandbox, call, answer);
        }
        Some(&"Me") => return Err(Refusal::plain(501, "`/Me` is not implemented")),
        _ => return Err(unknown_path(call.request)),
    };
    match (segments.get(1), segments.len(), method) {
        (None, _, "GET") => list::answer(sandbox, call, kind),
        (None, _, "POST") => create::answer(sandbox, call, kind),
        (Some(&".search"), 2, "POST") => list::search(sandbox, call, &[kind]),
        (Some(id), 2, "GET") => read::answer(sandbox, call, kind, id),
        (Some(id), 2, "PUT") => replace::answer(sandbox, call, kind, id),
        (Some(id), 2, "PATCH") => patch::answer(sandbox, call, kind, id),
        (Some(id), 2, "DELETE") => delete::answer(sandbox, call, kind, id),
        (_, 1 | 2, _) => Err(wrong_method(method)),
        _ => Err(unknown_path(call.request)),
    }
}

fn unknown_path(request: &Request) -> Refusal {
    Refusal::plain(404, format!("nothing is at `{}`", request.path)).because(Cause::UnknownPath)
}

fn wrong_method(method: &str) -> Refusal {
    Refusal::plain(405, format!("`{method}` is not for this path"))
}
