//! One request and its answer: which may be sent again, how often, and after how long.

use crate::provider::converge::backoff;
use crate::provider::{Request, Response, Transport};

use super::error;
use super::trouble::Trouble;

/// How often a read is repeated.
const RETRIES: u32 = 3;
/// How often a request is sent again that the server had no room for (429) and said when it will
/// have: it was certainly not carried out, and a storm passes.
const STORM: u32 = 10;

/// Sends a read, again a few times where that may help.
pub(in crate::provider) async fn read<T: Transport>(
    transport: &T,
    request: &Request,
) -> Result<Response, Trouble> {
    send(transport, request, RETRIES, Trouble::is_passing).await
}

/// Sends a read once: one of several ways to ask the same thing.
pub(in crate::provider) async fn read_once<T: Transport>(
    transport: &T,
    request: &Request,
) -> Result<Response, Trouble> {
    send(transport, request, 0, Trouble::is_passing).await
}

/// Sends a write, once.
pub(in crate::provider) async fn write_once<T: Transport>(
    transport: &T,
    request: &Request,
) -> Result<Response, Trouble> {
    send(transport, request, 0, Trouble::is_untouched).await
}

/// Sends a write. It is repeated only when it certainly was not carried out.
pub(in crate::provider) async fn write<T: Transport>(
    transport: &T,
    request: &Request,
) -> Result<Response, Trouble> {
    send(transport, request, RETRIES, Trouble::is_untouched).await
}

async fn send<T: Transport>(
    transport: &T,
    request: &Request,
    retries: u32,
    again: fn(&Trouble) -> bool,
) -> Result<Response, Trouble> {
    let mut tries = 0;
    loop {
        let (trouble, wait) = match transport.send(request).await {
            Ok(response) if (200..300).contains(&response.status) => return Ok(response),
            Ok(response) => {
                let words = error::words(request, response.status, &response.body);
                let wait = response.retry_after;
                (Trouble::Status { status: response.status, words, wait }, wait)
            }
            Err(error) => {
                let words =
                    format!("`{}`: {}", error::shown(request), error::escape(&error.to_string()));
                (Trouble::Transport { error, words }, None)
            }
        };
        let is_storm = trouble.status() == Some(429) && wait.is_some();
        let wait = wait.unwrap_or_else(|| backoff(tries));
        let most = if retries > 0 && is_storm { STORM } else { retries };
        if tries >= most || !again(&trouble) {
            return Err(trouble);
        }
        tries += 1;
        if let Err(error) = transport.obey(wait).await {
            return Err(trouble.not_waited_for(error));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::provider::Method;
    use crate::provider::scripted::{Scripted, block_on};

    #[test]
    fn a_read_is_repeated_and_a_create_is_not() {
        let get = Request::new(Method::Get, &["Users"]);
        let post = Request::new(Method::Post, &["Users"]);
        for (request, calls) in [(&get, 4), (&post, 1)] {
            let fake = Scripted::answering(|_| Scripted::status(503, ""));
            let trouble = if request.method.is_write() {
                block_on(write(&fake, request))
            } else {
                block_on(read(&fake, request))
            };
            assert_eq!(trouble.map_err(|trouble| trouble.status()), Err(Some(503)));
            assert_eq!(fake.calls().len(), calls, "{}", request.shown());
        }
    }

    #[test]
    fn a_refused_credential_is_not_tried_again() {
        for status in [401, 403, 404, 400] {
            let fake = Scripted::answering(move |_| Scripted::status(status, ""));
            let trouble = block_on(read(&fake, &Request::new(Method::Get, &["Users"])));
            assert_eq!(trouble.map_err(|trouble| trouble.status()), Err(Some(status)));
            assert_eq!(fake.calls().len(), 1);
        }
    }

    #[test]
    fn a_server_that_asks_for_an_hour_is_not_waited_for() {
        let fake = Scripted::answering(|_| {
            let mut answer = Scripted::status(429, "")?;
            answer.retry_after = Some(Duration::from_secs(3_600));
            Ok(answer)
        });
        let trouble = block_on(read(&fake, &Request::new(Method::Get, &["Users"]))).unwrap_err();
        assert!(trouble.is_too_long(), "{trouble:?}");
        assert!(trouble.words().contains("answered 429"), "{trouble:?}");
        assert!(trouble.words().contains("a wait of 3600 s"), "{trouble:?}");
        assert_eq!((fake.pauses(), fake.calls().len()), (Vec::<Duration>::new(), 1));
    }
}
