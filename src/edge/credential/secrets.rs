//! Secrets that muster sent, and how they are struck out of what comes back.
//!
//! Servers, proxies and gateways echo requests in their errors: as they came, folded, split into
//! a list, encoded, reversed. Everything that may be quoted from the wire is stripped here, where
//! it enters the program and before anything is cut short, so that nothing further in can print
//! or journal a secret.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};

use super::views::{self, Letter};

/// The shortest secret that can be told from ordinary text.
pub(in crate::edge) const SHORTEST: usize = 8;
/// How many letters of a longer secret give it away, at least: a name may begin as it does.
const TELLING: usize = 16;
/// How much of an error's body is looked through; no more of it is kept.
pub(super) const MOST_BYTES: usize = 256 << 10;
/// The words that stand in place of a secret.
const MARK: &str = "[secret]";

/// The secrets of one credential: what it shows, and every token that it was given.
#[derive(Default)]
pub(in crate::edge) struct Secrets(RwLock<Vec<Secret>>);

struct Secret {
    written: SecretString,
    /// Its forms, letters and digits alone.
    forms: Vec<Form>,
}

/// One form of a secret.
struct Form {
    letters: SecretString,
    /// How many letters give it away: a server may cut off what it echoes.
    telling: usize,
}

impl Form {
    fn of(bytes: &[u8]) -> Option<Self> {
        let letters: String = views::of(bytes).iter().map(|one| char::from(one.byte)).collect();
        let telling = letters.len().div_ceil(2).max(TELLING).min(letters.len());
        let is_long = letters.len() >= SHORTEST;
        is_long.then(|| Self { letters: letters.into(), telling })
    }
}

impl Secret {
    fn of(written: &str) -> Self {
        let bytes = written.as_bytes();
        let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let encoded = (0..3).map(|before| encoded_behind(bytes, before).into_bytes());
        let forms = [bytes.to_vec(), reversed, hex.into_bytes()].into_iter().chain(encoded);
        Self { written: written.into(), forms: forms.filter_map(|form| Form::of(&form)).collect() }
    }
}

/// Base64 of a secret that follows so many other bytes, without the letters that depend on what
/// stands around it.
fn encoded_behind(secret: &[u8], before: usize) -> String {
    let all: Vec<u8> = std::iter::repeat_n(0, before).chain(secret.iter().copied()).collect();
    let text = STANDARD_NO_PAD.encode(&all);
    let first = (before * 8).div_ceil(6);
    let whole = all.len() * 8 / 6;
    text.get(first..whole).unwrap_or_default().to_owned()
}

impl Secrets {
    /// Strikes this secret from now on. One that is too short to be told from ordinary text is
    /// accepted only on this machine, and struck only where it stands as `Bearer SECRET`.
    pub(super) fn add(&self, secret: &SecretString) {
        let written = secret.expose_secret().trim();
        let bearer = format!("Bearer {written}");
        let written = if written.len() < SHORTEST { bearer.as_str() } else { written };
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if !known.iter().any(|one| one.written.expose_secret() == written) {
            known.push(Secret::of(written));
        }
    }

    /// The text without the secrets.
    pub(in crate::edge) fn strip(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.struck(text.as_bytes())).into_owned()
    }

    /// The body of an error without the secrets, cut to a bound.
    pub(in crate::edge) fn strip_body(&self, body: Vec<u8>) -> Vec<u8> {
        let cut = body.get(..MOST_BYTES);
        match self.struck(cut.unwrap_or(&body)) {
            Cow::Borrowed(same) if same.len() == body.len() => body,
            other => other.into_owned(),
        }
    }

    /// The bytes without the secrets.
    pub(in crate::edge) fn struck<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let mut found = self.found(bytes);
        if found.is_empty() {
            return Cow::Borrowed(bytes);
        }
        found.sort_by_key(|range| (range.start, range.end));
        let (mut out, mut done) = (Vec::with_capacity(bytes.len()), 0);
        for range in found {
            if range.start >= done {
                out.extend_from_slice(bytes.get(done..range.start).unwrap_or_default());
                out.extend_from_slice(MARK.as_bytes());
            }
            done = done.max(range.end);
        }
        out.extend_from_slice(bytes.get(done..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// Where secrets stand, in any form.
    fn found(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        for secret in known.iter() {
            let written = secret.written.expose_secret().as_bytes();
            let windows = bytes.windows(written.len()).enumerate();
            found.extend(
                windows
                    .filter(|(_, window)| *window == written)
                    .map(|(at, _)| at..at + written.len()),
            );
        }
        if known.is_empty() {
            return found;
        }
        for view in views::all(bytes) {
            for form in known.iter().flat_map(|secret| &secret.forms) {
                within(&view, form, &mut found);
            }
        }
        found
    }
}

/// Where a form begins in a view, as far as it goes on.
fn within(view: &[Letter], form: &Form, found: &mut Vec<Range<usize>>) {
    let letters = form.letters.expose_secret().as_bytes();
    let mut at = 0;
    while let Some(rest) = view.get(at..).filter(|rest| !rest.is_empty()) {
        let same = rest.iter().zip(letters).take_while(|(one, other)| one.byte == **other).count();
        if same >= form.telling
            && let (Some(first), Some(last)) = (rest.first(), rest.get(same - 1))
        {
            found.push(first.start..last.end);
            at += same;
        } else {
            at += 1;
        }
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(..)")
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    use super::*;

    /// Not a token of anything; it holds what encodings change.
    const CANARY: &str = "canary+of/the.test==0123&\"x";

    fn secrets(secret: &str) -> Secrets {
        let secrets = Secrets::default();
        secrets.add(&SecretString::from(secret));
        secrets
    }

    /// Every way in which an echo has been seen, or could be.
    fn echoes(secret: &str) -> Vec<String> {
        let hex: String = secret.bytes().map(|byte| format!("{byte:02X}")).collect();
        let pairs: Vec<String> = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        let every: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let units: String = secret.bytes().map(|byte| format!("\\u{:04x}", byte)).collect();
        let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        let (front, back) = secret.split_at(secret.len() / 2);
        let mut all = vec![
            secret.to_owned(),
            format!("Bearer {secret}"),
            secret.to_uppercase(),
            secret.chars().rev().collect(),
            hex,
            pairs.join(":"),
            every,
            units,
            utf8_percent_encode(&percent, NON_ALPHANUMERIC).to_string(),
            percent,
            serde_json::to_string(secret).unwrap(),
            serde_json::to_string(&serde_json::to_string(secret).unwrap()).unwrap(),
            secret.replace('/', "\\/"),
            secret.replace('&', "&amp;").replace('"', "&quot;").replace('+', "&#43;"),
            format!("[\"Bearer {front}\", \"{back}\"]"),
            format!("Bearer {front}\r\n {back}"),
            format!("{front},{back}"),
            secret.split('.').collect::<Vec<_>>().join("', '"),
        ];
        for before in ["", "a", "ab", "Bearer ", "client:", "id:"] {
            let text = format!("{before}{secret}");
            all.push(STANDARD.encode(&text));
            all.push(URL_SAFE_NO_PAD.encode(&text));
            all.push(STANDARD.encode(format!("{text}\nhost: h")));
        }
        all
    }

    #[test]
    fn no_form_of_a_secret_survives() {
        let known = secrets(CANARY);
        for echo in echoes(CANARY) {
            let text = format!("the request was `{echo}`, sorry");
            let struck = known.strip(&text);
            assert!(struck.contains(MARK), "{text} -> {struck}");
            assert!(struck.starts_with("the request was `"), "{struck}");
            assert!(struck.ends_with("`, sorry"), "{struck}");
            // What is left of it does not give it away.
            let left = struck.replace(MARK, "").len();
            assert!(left <= "the request was `[\"Bearer \", \"\"]`, sorry".len() + 8, "{struck}");
            assert_eq!(known.strip(&struck), struck);
        }
    }

    #[test]
    fn what_a_server_cut_off_is_struck_as_well() {
        let known = secrets(CANARY);
        let most = &CANARY[..22];
        assert_eq!(known.strip(&format!("Bearer {most}...")), format!("Bearer {MARK}..."));
    }

    #[test]
    fn what_holds_no_secret_is_left_as_it_is() {
        let known = secrets(CANARY);
        for text in ["", "canary", "the test of the canary, 100 % \\u0041 &amp; \\", "🐤 %"] {
            assert_eq!(known.strip(text), text);
        }
        assert_eq!(Secrets::default().strip(CANARY), CANARY);
    }

    #[test]
    fn a_short_secret_is_struck_as_a_header_only() {
        let known = secrets("x9");
        assert_eq!(
            known.strip("{authorization: Bearer x9} x9"),
            format!("{{authorization: {MARK}}} x9")
        );
    }

    #[test]
    fn several_secrets_are_struck_and_json_stays_json() {
        let known = secrets(CANARY);
        known.add(&"second-secret-of-all".into());
        known.add(&"second-secret-of-all".into());
        assert_eq!(known.0.read().unwrap().len(), 2);
        let body = serde_json::json!({"detail": [CANARY, {"a": "second-secret-of-all"}]});
        let struck = known.strip_body(body.to_string().into_bytes());
        let read: serde_json::Value = serde_json::from_slice(&struck).unwrap();
        assert_eq!(read, serde_json::json!({"detail": [MARK, {"a": MARK}]}));
    }

    #[test]
    fn a_large_body_is_cut_and_holds_no_part_of_a_secret_at_its_end() {
        let known = secrets(CANARY);
        let body = format!("{}{CANARY}", "-".repeat(MOST_BYTES - 22));
        let struck = known.strip_body(body.into_bytes());
        assert!(struck.len() <= MOST_BYTES);
        assert!(struck.ends_with(format!("-{MARK}").as_bytes()));
    }
}
