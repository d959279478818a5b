//! Faults as text, for a flag:
//!
//! ```text
//! RULES   = RULE { ";" RULE }
//! RULE    = [METHOD " "] PATH [WHICH] ["*" TIMES] "=" FAULT
//! METHOD  = "GET" | "POST" | …               any method if absent
//! PATH    = "/Users" | "/Users$" | "/" | …   a beginning; with "$" the whole path
//! WHICH   = "#" N | "#" N "+" | "%" PERCENT ["@" SEED]
//! FAULT   = STATUS [":" RETRY-AFTER] | "late:" STATUS | "lost" | "html" | "empty"
//!         | "redirect:" URL | "truncated" | "cut:" BYTES | "huge:" MIB | "gzip:" MIB
//!         | "total:" ±N | "drift:" ±N | "duplicate:" N | "overlap:" N | "short:" N | "drop:" N
//!         | "hide:" N | "stale:" WRITES | "unfiltered" | "hostile-ids" | "slow:" MILLISECONDS
//!         | "alternating-ids" | "bare-principals" | "bare-schemas" | "wrong-workspace"
//! ```
//!
//! `GET /Users#2=503` is 503 on the second request that reads users;
//! `/%10@7*3=lost` loses three answers, at one request in ten.

use super::{Fault, Faults, Matcher, When};

impl Faults {
    /// Reads rules.
    ///
    /// # Errors
    /// What is wrong with which rule, and what would be right.
    pub fn parse(text: &str) -> Result<Faults, String> {
        let mut faults = Faults::default();
        for rule in text.split(';').map(str::trim).filter(|rule| !rule.is_empty()) {
            let (matcher, times, fault) =
                one(rule).map_err(|cause| format!("the fault `{rule}`: {cause}"))?;
            faults.push(matcher, fault, times);
        }
        Ok(faults)
    }
}

fn one(rule: &str) -> Result<(Matcher, Option<u32>, Fault), String> {
    let (which, fault) =
        rule.split_once('=').ok_or("there is no `=`; write it like `GET /Users#2=503`")?;
    let which = which.trim();
    let (method, rest) = match which.split_once(' ') {
        Some((method, rest)) => (method, rest.trim_start()),
        None => ("*", which),
    };
    let is_method = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase());
    if method != "*" && !is_method(method) {
        return Err(format!("`{method}` is not a method; write it like `GET`"));
    }
    if !rest.starts_with('/') {
        return Err(format!("the path `{rest}` does not begin with `/`"));
    }
    let (rest, times) = match rest.split_once('*') {
        Some((rest, times)) => (rest, Some(number(times, "the number of times")?)),
        None => (rest, None),
    };
    let (path, when) = if let Some((path, nth)) = rest.split_once('#') {
        let (nth, open) = match nth.strip_suffix('+') {
            Some(nth) => (nth, true),
            None => (nth, false),
        };
        let nth = number(nth, "the number of the request")?;
        if nth == 0 {
            return Err("requests are counted from 1".into());
        }
        (path, if open { When::From(nth) } else { When::Nth(nth) })
    } else if let Some((path, chance)) = rest.split_once('%') {
        let (percent, seed) = chance.split_once('@').unwrap_or((chance, "0"));
        let percent: u8 = number(percent, "the percentage")?;
        if percent > 100 {
            return Err(format!("the percentage {percent} is above 100"));
        }
        (path, When::Chance { percent, seed: number(seed, "the seed")? })
    } else {
        (rest, When::Every)
    };
    let (prefix, exact) = match path.strip_suffix('$') {
        Some(prefix) => (prefix, true),
        None => (path, false),
    };
    let matcher = Matcher { exact, ..Matcher::new(method, prefix, when) };
    Ok((matcher, times, parse_fault(fault.trim())?))
}

fn parse_fault(text: &str) -> Result<Fault, String> {
    let (name, argument) = match text.split_once(':') {
        Some((name, argument)) => (name, Some(argument)),
        None => (text, None),
    };
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        let retry_after = argument.map(|seconds| number(seconds, "Retry-After")).transpose()?;
        return Ok(Fault::Status { code: status(name)?, retry_after });
    }
    let plain = match name {
        "lost" => Some(Fault::Lost),
        "html" => Some(Fault::Html),
        "empty" => Some(Fault::Empty),
        "truncated" => Some(Fault::Truncated),
        "unfiltered" => Some(Fault::FilterIgnored),
        "hostile-ids" => Some(Fault::HostileIds),
        "alternating-ids" => Some(Fault::AlternatingIds),
        "bare-principals" => Some(Fault::BarePrincipals),
        "bare-schemas" => Some(Fault::BareSchemas),
        "wrong-workspace" => Some(Fault::WrongWorkspace),
        _ => None,
    };
    match (plain, argument) {
        (Some(fault), None) => return Ok(fault),
        (Some(_), Some(argument)) => {
            return Err(format!("`{name}` takes no argument, and has `{argument}`"));
        }
        (None, _) => {}
    }
    let needed = || argument.ok_or_else(|| format!("`{name}` needs an argument: `{name}:N`"));
    let count = || number::<usize>(needed()?, name);
    let signed = || number::<i64>(needed()?, name);
    match name {
        "late" => Ok(Fault::Late(status(needed()?)?)),
        "redirect" => Ok(Fault::Redirect(needed()?.to_string())),
        "cut" => Ok(Fault::Cut(count()?)),
        "huge" => Ok(Fault::Huge(mebibytes(count()?)?)),
        "gzip" => Ok(Fault::Gzip(mebibytes(count()?)?)),
        "total" => Ok(Fault::Total(signed()?)),
        "drift" => Ok(Fault::Drift(signed()?)),
        "duplicate" => Ok(Fault::Duplicate(count()?)),
        "overlap" => Ok(Fault::Overlap(count()?)),
        "short" => Ok(Fault::Short(count()?)),
        "drop" => Ok(Fault::Drop(count()?)),
        "hide" => Ok(Fault::Hide(count()?)),
        "stale" => Ok(Fault::Stale(count()?)),
        "slow" => Ok(Fault::Slow(number(needed()?, name)?)),
        _ => Err(format!(
            "there is no fault `{name}`; there are a status (`503`), late, lost, html, empty, \
             redirect, truncated, cut, huge, gzip, total, drift, duplicate, overlap, short, drop, \
             hide, stale, unfiltered, hostile-ids, slow, alternating-ids, bare-principals, \
             bare-schemas, wrong-workspace"
        )),
    }
}

fn mebibytes(mib: usize) -> Result<usize, String> {
    if mib > 1024 {
        return Err(format!("{mib} MiB are more than the 1024 that this server can send"));
    }
    Ok(mib)
}

fn status(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(code) if (200..600).contains(&code) => Ok(code),
        _ => Err(format!("`{text}` is not a status from 200 to 599")),
    }
}

fn number<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{what} is not a number: `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_in_all_their_parts() {
        let mut wanted = Faults::default();
        let status = |code| Fault::Status { code, retry_after: None };
        wanted.push(Matcher::new("GET", "/Users", When::Nth(2)), status(503), None);
        let late = Matcher { exact: true, ..Matcher::new("*", "/Groups", When::From(3)) };
        wanted.push(late, Fault::Total(-5), Some(2));
        let chance = When::Chance { percent: 10, seed: 7 };
        wanted.push(Matcher::new("*", "/", chance), Fault::Lost, Some(3));
        let limited = Fault::Status { code: 429, retry_after: Some(9) };
        wanted.push(Matcher::new("*", "/", When::Every), limited, None);
        let text = "GET /Users#2=503; /Groups$#3+*2=total:-5;/%10@7*3=lost; /=429:9";
        // `$` belongs to the path, so it stands before `#`.
        assert_eq!(Faults::parse(text).unwrap(), wanted);
    }

    #[test]
    fn wrong_rules_say_what_is_wrong() {
        for (text, part) in [
            ("GET /Users", "no `=`"),
            ("get /Users=503", "not a method"),
            ("Users=503", "does not begin with `/`"),
            ("/#0=503", "from 1"),
            ("/%101=503", "above 100"),
            ("/=99", "not a status"),
            ("/=total", "needs an argument"),
            ("/=lost:1", "takes no argument"),
            ("/=nothing", "no fault `nothing`"),
            ("/=huge:9999", "more than"),
            ("/*x=lost", "not a number"),
        ] {
            let error = Faults::parse(text).unwrap_err();
            assert!(error.contains(part), "`{text}`: {error}");
        }
    }
}
