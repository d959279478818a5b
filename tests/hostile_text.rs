//! Three hundred hostile texts in every field, in every format: nothing of them is obeyed by a
//! terminal, a runner or a reader of Markdown.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use muster::config::{Desired, SourceText, parse};
use muster::guard::{Regime, Verdict, judge};
use muster::live::Live;
use muster::plan::{Finding, Level, Plan, plan};
use muster::provider::scim::{Dialect, ReadOptions, read};
use muster::report::{Style, inert, inert_json, is_deceptive, json, markdown, text};
use pulldown_cmark::{Event, Options, Parser, Tag, TextMergeStream};
use serde_json::{Value, json};

use super::support::memory::{now, seeded};

/// The texts that somebody may put into a name.
const CORES: [&str; 51] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<details open>",
    "</details>",
    "<!--",
    "-->",
    "&lt;b&gt;",
    "&#64;acme/owners",
    "&#x40;ada",
    "&commat;ada",
    "[x](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "[x]: https://evil.example",
    "<https://evil.example>",
    "https://evil.example/a",
    "www.evil.example",
    "ftp://evil.example",
    "@acme/owners",
    "@ada",
    "#1",
    "acme/muster#12",
    "GH-12",
    "**approved**",
    "__approved__",
    "~~refused~~",
    "`code`",
    "``",
    "```",
    "~~~",
    "| a | b |",
    "|---|---|",
    "# heading",
    "- [x] done",
    "> quote",
    "---",
    "===",
    "::error title=x::approved",
    "::set-output name=a::b",
    "##[error]x",
    "##vso[task.complete]",
    "=HYPERLINK(\"https://evil.example\")",
    "+1+1",
    "\u{1b}[2J",
    "\u{1b}]8;;https://evil.example\u{7}x",
    "\u{9b}31m",
    "\u{202e}evil",
    "\u{200b}",
    "\u{2028}::error::x",
    "\u{85}::error::x",
    "$(id)",
    "{{7*7}}",
];

/// The forms in which it stands in a text.
const FORMS: [fn(&str) -> String; 6] = [
    |core| core.to_owned(),
    |core| format!("x {core}"),
    |core| format!("x\n{core}\n"),
    |core| format!("\\{core} y"),
    |core| format!("{core}`{core}"),
    |core| format!("a\r\n\r\n{core} | {core}"),
];

fn hostile() -> Vec<String> {
    FORMS.iter().flat_map(|form| CORES.iter().map(|core| form(core))).collect()
}

/// A plan in which `word` is every name, value and remark that a directory, a file or a rule can
/// say, and its verdict. Where the files may not say it, the directory alone does.
fn world(word: &str) -> (Plan, Verdict) {
    let live = json!({
        "users": [
            { "userName": format!("{word}@example.com"), "title": word, "active": true },
            { "userName": "ada@example.com", "title": word, "active": true },
            { "userName": "old@example.com", "displayName": word, "active": true },
        ],
        "groups": [
            { "displayName": word, "members": ["ada@example.com"] },
            { "displayName": "staff", "members": ["ada@example.com", format!("{word}@example.com")] },
        ],
    });
    let files = |word: &str| {
        let quoted = Value::from(word).to_string();
        format!(
            "users: {{ ada@example.com: {{ title: {quoted}x, previously: [] }} }}\n\
             groups: {{ staff: {{ description: {quoted}, members: [ada@example.com] }}, more: {{ members: [] }} }}\n"
        )
        .replace(&format!("{quoted}x"), &Value::from(format!("{word}x")).to_string())
    };
    let desired = desired(&files(word)).unwrap_or_else(|| desired(&files("word")).unwrap());
    let live = live_of(&live);
    let mut plan = plan(&desired, &live, now());
    plan.organization = word.to_owned();
    let finding = Finding {
        level: Level::Warn,
        id: "own".to_owned(),
        message: word.to_owned(),
        addresses: plan.changes.iter().map(|change| change.address.clone()).collect(),
        source: None,
        remedy: word.to_owned(),
    };
    let results = vec![("own".to_owned(), vec![finding])];
    let verdict = judge(&plan, &desired, results, &Regime::expecting(&["own"])).unwrap();
    (plan, verdict)
}

fn desired(files: &str) -> Option<Desired> {
    let text = |name: &str, text: &str| SourceText { name: name.into(), bytes: text.into() };
    let project = "organization: acme\ntarget: { provider: scim, url: 'https://scim.example.com' }\n\
        manage: { users: { domains: ['*'], onRemove: delete }, groups: { names: ['*'], onRemove: delete } }\n";
    parse(&text("muster.yaml", project), &[text("identity.yaml", files)], 1)
        .ok()
        .map(|(desired, _)| desired)
}

fn live_of(live: &Value) -> Live {
    let server = std::sync::Mutex::new(seeded(live, "rfc7644"));
    let server = Memory { server };
    let options = ReadOptions { target: "https://scim.example.com".to_owned() };
    let read = futures::executor::block_on(read(&server, &Dialect::default(), &options));
    read.map(|(live, _)| live).unwrap_or_else(|error| panic!("{error}"))
}

struct Memory {
    server: std::sync::Mutex<muster::sandbox::Sandbox>,
}

impl muster::provider::Transport for Memory {
    async fn send(
        &self,
        request: &muster::provider::Request,
    ) -> Result<muster::provider::Response, muster::provider::TransportError> {
        super::support::memory::answer(&mut self.server.lock().unwrap(), request, now())
    }

    async fn pause(&self, _wait: std::time::Duration) {}
}

/// The part of a text that a terminal or a runner obeys.
fn obeyed(text: &str) -> Option<String> {
    let hidden = text.chars().find(|letter| *letter != '\n' && is_deceptive(*letter));
    let command = text.lines().find(|line| {
        line.trim_start().starts_with("::") || line.contains("##[") || line.contains("##vso[")
    });
    hidden.map(|letter| format!("{letter:?}")).or(command.map(str::to_owned))
}

/// The live parts of a Markdown text: links, images, HTML but for our own fold, and what GitHub
/// makes of plain text.
fn live_markup(markdown: &str) -> Option<String> {
    let own = ["<details><summary>Objects that change</summary>", "</details>"];
    let mut code = 0;
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    for event in TextMergeStream::new(Parser::new_ext(markdown, options)) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code += 1,
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => code -= 1,
            Event::Start(
                tag @ (Tag::Link { .. }
                | Tag::Image { .. }
                | Tag::Strikethrough
                | Tag::Emphasis
                | Tag::BlockQuote(_)),
            ) => return Some(format!("{tag:?}")),
            Event::TaskListMarker(_) | Event::Rule => return Some(format!("{event:?}")),
            Event::Html(html) | Event::InlineHtml(html) if !own.contains(&html.trim()) => {
                return Some(html.to_string());
            }
            Event::Text(text) if code == 0 => {
                let wild = ["://", "www.", "\u{0}"].iter().find(|mark| text.contains(**mark));
                let calls = |mark: char, is_called: fn(char) -> bool| {
                    text.char_indices().any(|(at, letter)| {
                        let before = text[..at].chars().next_back();
                        let after = text[at + letter.len_utf8()..].chars().next();
                        letter == mark
                            && before.is_none_or(|before| !before.is_alphanumeric())
                            && after.is_some_and(is_called)
                    })
                };
                if wild.is_some()
                    || calls('@', char::is_alphanumeric)
                    || calls('#', |letter| letter.is_ascii_digit())
                {
                    return Some(text.to_string());
                }
            }
            _ => {}
        }
    }
    let headings =
        Parser::new(markdown).filter(|event| matches!(event, Event::Start(Tag::Heading { .. })));
    let heads = headings.count();
    (!(1..=4).contains(&heads)).then(|| format!("{heads} headings"))
}

#[test]
fn no_text_from_elsewhere_is_obeyed_in_any_format() {
    let all = hostile();
    assert!(all.len() >= 300, "{}", all.len());
    for word in &all {
        let (plan, verdict) = world(word);
        assert!(plan.changes.len() >= 3, "{word:?}: {:?}", plan.changes);
        let shown = inert(&text::plan(&plan, &verdict, 3, Style::PLAIN), Style::PLAIN);
        assert_eq!(obeyed(&shown), None, "{word:?} as text:\n{shown}");
        let shown = inert(&markdown::plan(&plan, &verdict), Style::PLAIN);
        assert_eq!(obeyed(&shown), None, "{word:?} as Markdown:\n{shown}");
        assert_eq!(live_markup(&shown), None, "{word:?} as Markdown:\n{shown}");
        let shown = inert_json(json::plan(&plan, &verdict, 3).to_string());
        assert_eq!(obeyed(&shown), None, "{word:?} as JSON:\n{shown}");
        let read: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(read["organization"], json!(word));
    }
}
