//! Hostile input as a table: each case with the check that must refuse it, and where.

/// Which file of the project a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    /// `muster.yaml`.
    Project,
    /// `identity.yaml`, a file of desired state.
    Desired,
}

/// One hostile file.
pub(crate) struct Case {
    /// What it is, in a few words.
    pub(crate) name: &'static str,
    /// Which file it is.
    pub(crate) file: Where,
    /// What the file holds.
    pub(crate) bytes: Vec<u8>,
    /// The check that must refuse it.
    pub(crate) check: &'static str,
    /// Line and column of that refusal.
    pub(crate) place: (u32, u32),
}

/// A sound project, for the cases that are files of desired state.
pub(crate) const PROJECT: &str = "organization: acme\ntarget: { provider: sandbox, workspaces: { prod: { id: p1 } } }\nmanage: { users: { domains: [example.com] }, groups: { names: ['*'], except: ['legacy-*'] } }\n";
/// A sound file of desired state, for the cases that are project files.
pub(crate) const DESIRED: &str = "users:\n  ada@example.com: {}\n";

/// All of them.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = bytes();
    cases.extend(texts(Where::Desired, STRUCTURE));
    cases.extend(texts(Where::Desired, NAMES));
    cases.extend(texts(Where::Desired, VALUES));
    cases.extend(texts(Where::Desired, REFERENCES));
    cases.extend(texts(Where::Project, PROJECTS));
    cases
}

type Row = (&'static str, &'static str, &'static str, (u32, u32));

fn texts(file: Where, rows: &[Row]) -> Vec<Case> {
    let case = |&(name, text, check, place): &Row| Case {
        name,
        file,
        bytes: text.as_bytes().to_vec(),
        check,
        place,
    };
    rows.iter().map(case).collect()
}

/// Files that are hostile by their bytes or by their size.
fn bytes() -> Vec<Case> {
    let case = |name, bytes, check, place| Case { name, file: Where::Desired, bytes, check, place };
    let utf16 = |big: bool| -> Vec<u8> {
        let units = "users: {}\n".encode_utf16();
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let marked = |mark: [u8; 2], big| [mark.to_vec(), utf16(big)].concat();
    let nested = |open: &str, count: usize| format!("users: {}", open.repeat(count)).into_bytes();
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9_u8 {
        let (name, before) = (char::from(b'a' + level), char::from(b'a' + level - 1));
        bomb.push_str(&format!("{name}: &{name} [{}]\n", format!("*{before}, ").repeat(9)));
    }
    let many = |line: &dyn Fn(usize) -> String, count: usize| -> Vec<u8> {
        (0..count).map(line).collect::<String>().into_bytes()
    };
    vec![
        case("utf-16 little-endian with a mark", marked([0xff, 0xfe], false), "encoding", (1, 1)),
        case("utf-16 big-endian with a mark", marked([0xfe, 0xff], true), "encoding", (1, 1)),
        case("utf-16 without a mark", utf16(false), "encoding", (1, 1)),
        case("utf-32", b"\xff\xfe\0\0u\0\0\0".to_vec(), "encoding", (1, 1)),
        case("latin-1", b"users:\n  zo\xeb@example.com: {}\n".to_vec(), "encoding", (2, 5)),
        case("a gzip file", b"\x1f\x8b\x08\0\0\0\0\0".to_vec(), "encoding", (1, 2)),
        case("NUL in a name", b"users:\n  a\0b: {}\n".to_vec(), "control-character", (2, 4)),
        case("an escape sequence", b"users: {} # \x1b[2J\n".to_vec(), "control-character", (1, 13)),
        case("a next-line character", "users: {} # \u{85}\n".into(), "control-character", (1, 13)),
        case("10 MiB in a line", nested("x", 10 << 20), "line-too-long", (1, 1)),
        case("10 MiB of blanks in a line", nested(" ", 10 << 20), "line-too-long", (1, 1)),
        case("more than 64 MiB", vec![b'#'; (64 << 20) + 1], "file-too-large", (1, 1)),
        case("10,000 open brackets", nested("[", 10_000), "too-deep", (1, 263)),
        case("400,000 open braces", nested("{", 400_000), "too-deep", (1, 263)),
        case("200,000 dashes", nested("- ", 200_000), "syntax", (1, 8)),
        case(
            "nesting by indentation",
            many(&|at| format!("{}a:\n", " ".repeat(at)), 100),
            "too-deep",
            (33, 33),
        ),
        case("an alias bomb", bomb.into_bytes(), "anchor", (1, 4)),
        case(
            "20,000 unknown keys",
            many(&|at| format!("key{at}: 1\n"), 20_000),
            "too-many-problems",
            (20_000, 1),
        ),
        case(
            "20,000 members who are not declared",
            [
                b"groups: { g: { members: [\n".to_vec(),
                many(&|at| format!(" u{at},\n"), 20_000),
                b" ] } }\n".to_vec(),
            ]
            .concat(),
            "too-many-problems",
            (20_001, 2),
        ),
        case(
            "20,000 times the same key",
            [b"users:\n".to_vec(), many(&|_| "  a@example.com: {}\n".to_owned(), 20_000)].concat(),
            "repeated-key",
            (3, 3),
        ),
    ]
}

const STRUCTURE: &[Row] = &[
    ("nothing at all", "", "empty-file", (1, 1)),
    ("comments only", "# users:\n\n", "empty-file", (1, 1)),
    ("a mark and nothing else", "\u{feff}", "empty-file", (1, 1)),
    ("an empty document", "---\n...\n", "empty-file", (1, 1)),
    ("null", "~\n", "empty-file", (1, 1)),
    ("an empty mapping", "{}\n", "empty-file", (1, 1)),
    ("a list at the top", "- users\n", "wrong-type", (1, 1)),
    ("a text at the top", "users\n", "wrong-type", (1, 1)),
    ("HTML", "<!DOCTYPE html>\n<html></html>\n", "wrong-type", (1, 1)),
    ("a section with nothing under it", "users:\n", "empty-section", (1, 1)),
    ("a list section with nothing under it", "bindings: ~\n", "empty-section", (1, 1)),
    ("an unknown section", "users: {}\nuser: {}\n", "unknown-key", (2, 1)),
    ("a repeated section", "users: {}\nusers: {}\n", "repeated-key", (2, 1)),
    (
        "a repeated user",
        "users:\n  a@example.com: {}\n  a@example.com: {}\n",
        "repeated-key",
        (3, 3),
    ),
    (
        "a repeated attribute",
        "users:\n  a@example.com: { active: true, active: false }\n",
        "repeated-key",
        (2, 34),
    ),
    ("a second document", "users: {}\n---\nusers: {}\n", "several-documents", (2, 1)),
    ("a tab as indentation", "users:\n\ta@example.com: {}\n", "tab", (2, 2)),
    ("an anchor", "users:\n  a@example.com: &a {}\n", "anchor", (2, 18)),
    ("an alias to nothing", "users:\n  a@example.com: *gone\n", "alias", (2, 18)),
    ("an alias to itself", "users: &a\n  a@example.com: *a\n", "alias", (2, 18)),
    ("a merge key", "users:\n  a@example.com:\n    <<: { active: true }\n", "merge-key", (3, 5)),
    ("a merge key among users", "users:\n  <<: { a@example.com: {} }\n", "merge-key", (2, 3)),
    ("a tag", "users:\n  a@example.com: !!map {}\n", "tag", (2, 18)),
    ("a tag of a language", "users: !!python/object:os.system {}\n", "tag", (1, 8)),
    ("an undeclared tag", "users:\n  a@example.com: { title: !x!y z }\n", "tag", (2, 27)),
    ("a list as a key", "users:\n  [a, b]: {}\n", "complex-key", (2, 3)),
    ("a mapping as a key", "users:\n  ? { a: b }\n  : {}\n", "complex-key", (2, 5)),
    ("a number as a key", "users:\n  42: {}\n", "non-string-key", (2, 3)),
    ("a boolean as a key", "groups:\n  true: {}\n", "non-string-key", (2, 3)),
    ("null as a key", "users:\n  ~: {}\n", "non-string-key", (2, 3)),
    ("an open quote", "users:\n  \"a@example.com: {}\n", "syntax", (2, 3)),
    ("an open bracket", "users: { a@example.com: {}\n", "syntax", (2, 1)),
    ("a bracket too many", "users: {}}\n", "syntax", (1, 10)),
    ("a directive", "%YAML 9.9.9\n---\nusers: {}\n", "syntax", (1, 1)),
    ("a mark in the middle", "users: {}\n\u{feff}groups: {}\n", "syntax", (2, 1)),
    ("users as a list", "users:\n  - a@example.com\n", "wrong-type", (2, 3)),
    ("groups as a text", "groups: admins\n", "wrong-type", (1, 9)),
    ("bindings as a mapping", "bindings: { a: b }\n", "wrong-type", (1, 11)),
];

const NAMES: &[Row] = &[
    ("an empty name", "users:\n  \"\": {}\n", "empty-name", (2, 3)),
    ("a blank name", "users:\n  \"  \": {}\n", "empty-name", (2, 3)),
    ("a padded name", "users:\n  \" a@example.com\": {}\n", "padded-name", (2, 3)),
    (
        "names that fold together",
        "users:\n  Ada@example.com: {}\n  ada@EXAMPLE.com: {}\n",
        "names-fold-together",
        (3, 3),
    ),
    (
        "names in two normal forms",
        "users:\n  jos\u{e9}@example.com: {}\n  jose\u{301}@example.com: {}\n",
        "names-fold-together",
        (3, 3),
    ),
    (
        "full-width letters",
        "users:\n  ada@example.com: {}\n  \u{ff41}da@example.com: {}\n",
        "look-alike",
        (3, 3),
    ),
    ("a ligature", "groups:\n  office: {}\n  o\u{fb03}ce: {}\n", "look-alike", (3, 3)),
    ("a Cyrillic letter", "users:\n  \u{430}da@example.com: {}\n", "mixed-scripts", (2, 3)),
    ("a Greek letter", "groups:\n  adm\u{3b9}ns: {}\n", "mixed-scripts", (2, 3)),
    ("a zero-width space", "users:\n  a\u{200b}da@example.com: {}\n", "hidden-character", (2, 3)),
    ("a right-to-left override", "groups:\n  \"ad\u{202e}nim\": {}\n", "hidden-character", (2, 3)),
    ("an escaped NUL", "users:\n  \"a\\0b@example.com\": {}\n", "hidden-character", (2, 3)),
    ("an escaped line break", "groups:\n  \"a\\nb\": {}\n", "hidden-character", (2, 3)),
    ("a no-break space", "groups:\n  a\u{a0}b: {}\n", "hidden-character", (2, 3)),
    ("a domain without a dot", "domains:\n  localhost: {}\n", "bad-domain", (2, 3)),
    ("a wildcard domain", "domains:\n  \"*.example.com\": {}\n", "bad-domain", (2, 3)),
    ("an address as a domain", "domains:\n  127.0.0.1: {}\n", "bad-domain", (2, 3)),
];

const VALUES: &[Row] = &[
    ("a misspelt attribute", "users:\n  a@example.com: { actve: true }\n", "unknown-key", (2, 20)),
    ("a password", "users:\n  a@example.com: { password: hunter2 }\n", "password", (2, 20)),
    (
        "a number for a text",
        "users:\n  a@example.com: { externalId: 0123 }\n",
        "wrong-type",
        (2, 32),
    ),
    ("a float for a text", "users:\n  a@example.com: { title: 1.0 }\n", "wrong-type", (2, 27)),
    ("null for a text", "users:\n  a@example.com: { title: ~ }\n", "wrong-type", (2, 27)),
    (
        "a text for a boolean",
        "users:\n  a@example.com: { active: \"true\" }\n",
        "wrong-type",
        (2, 28),
    ),
    ("yes for a boolean", "users:\n  a@example.com: { active: yes }\n", "wrong-type", (2, 28)),
    (
        "octal for a number",
        "users:\n  a@example.com: { posix: { uid: 010 } }\n",
        "wrong-type",
        (2, 34),
    ),
    (
        "a number beyond 64 bits",
        "users:\n  a@example.com: { posix: { uid: 99999999999999999999 } }\n",
        "wrong-type",
        (2, 34),
    ),
    (
        "a text for an e-mail",
        "users:\n  a@example.com: { emails: [a@example.com] }\n",
        "wrong-type",
        (2, 29),
    ),
    (
        "two primary e-mails",
        "users:\n  a@example.com: { emails: [{ value: a, primary: true }, { value: b, primary: true }] }\n",
        "two-primaries",
        (2, 58),
    ),
    (
        "an e-mail without a value",
        "users:\n  a@example.com: { emails: [{ type: work }] }\n",
        "missing-key",
        (2, 29),
    ),
    (
        "an attribute that says nothing",
        "users:\n  a@example.com: { name: {} }\n",
        "empty-value",
        (2, 26),
    ),
    (
        "an extension that is no urn",
        "users:\n  a@example.com: { extensions: { acme: { a: 1 } } }\n",
        "not-a-urn",
        (2, 34),
    ),
    (
        "a core schema as an extension",
        "users:\n  a@example.com: { extensions: { urn:ietf:params:scim:schemas:core:2.0:User: { active: false } } }\n",
        "not-an-extension",
        (2, 34),
    ),
    (
        "a path into a core schema as an extension",
        "users:\n  a@example.com: { extensions: { URN:ietf:params:SCIM:schemas:core:2.0:User:active: { x: false } } }\n",
        "not-an-extension",
        (2, 34),
    ),
    (
        "the long form of an extension in capitals",
        "users:\n  a@example.com: { extensions: { URN:IETF:PARAMS:SCIM:SCHEMAS:EXTENSIONS:HPE-GREENLAKE:2.0:USER: { countryCode: NO } } }\n",
        "long-form",
        (2, 34),
    ),
    (
        "infinity in an extension",
        "users:\n  a@example.com: { extensions: { urn:x: { a: .inf } } }\n",
        "wrong-type",
        (2, 46),
    ),
    (
        "an override in a value",
        "users:\n  a@example.com: { title: \"a\u{202e}b\" }\n",
        "control-character",
        (2, 27),
    ),
    (
        "a lower-case country",
        "users:\n  a@example.com: { countryCode: no }\n",
        "bad-country-code",
        (2, 33),
    ),
    (
        "an end for a user",
        "users:\n  a@example.com: { until: 2026-12-31 }\n",
        "unknown-key",
        (2, 20),
    ),
    ("null members", "groups:\n  g: { members: }\n", "wrong-type", (2, 15)),
    ("a text for members", "groups:\n  g: { members: a@example.com }\n", "wrong-type", (2, 17)),
    (
        "an unknown mode",
        "groups:\n  g: { members: [], memberMode: all }\n",
        "unknown-value",
        (2, 33),
    ),
    (
        "a mode without members",
        "groups:\n  g: { memberMode: exact }\n",
        "mode-without-members",
        (2, 20),
    ),
    (
        "a day that is not",
        "bindings:\n  - { role: r, group: g, until: 2026-02-30 }\n",
        "bad-date",
        (2, 33),
    ),
    (
        "a date as a number",
        "bindings:\n  - { role: r, group: g, until: 20261231 }\n",
        "bad-date",
        (2, 33),
    ),
    (
        "a local time",
        "bindings:\n  - { role: r, group: g, until: 2026-12-31T10:00:00 }\n",
        "bad-date",
        (2, 33),
    ),
    (
        "an end before the beginning",
        "bindings:\n  - { role: r, group: g, from: 2027-01-01, until: 2026-12-31 }\n",
        "ends-before-it-begins",
        (2, 51),
    ),
    ("a binding of nobody", "bindings:\n  - { role: r }\n", "missing-key", (2, 5)),
    (
        "a binding of two",
        "bindings:\n  - { role: r, group: g, user: u }\n",
        "two-principals",
        (2, 32),
    ),
    (
        "a waiver of everything",
        "waivers:\n  - { rule: r, for: '**', until: 2026-12-31, reason: x, approvedBy: y }\n",
        "unbounded-waiver",
        (2, 21),
    ),
    (
        "a waiver without an end",
        "waivers:\n  - { rule: r, for: user/x, reason: x, approvedBy: y }\n",
        "missing-key",
        (2, 5),
    ),
    (
        "a waiver of none",
        "waivers:\n  - { rule: r, for: user/x, until: 2026-12-31, reason: x, approvedBy: y, atMost: 0 }\n",
        "out-of-range",
        (2, 82),
    ),
];

const REFERENCES: &[Row] = &[
    (
        "a member who is not declared",
        "users: { ada@example.com: {} }\ngroups: { g: { members: [adda@example.com] } }\n",
        "unknown-user",
        (2, 26),
    ),
    (
        "a member twice",
        "users: { ada@example.com: {} }\ngroups: { g: { members: [ada@example.com, { user: Ada@Example.com }] } }\n",
        "repeated-member",
        (2, 43),
    ),
    (
        "a group that is not declared",
        "bindings: [{ role: r, group: g }]\n",
        "unknown-group",
        (1, 30),
    ),
    (
        "a holder who is not declared",
        "bindings: [{ role: r, user: u@example.com }]\n",
        "unknown-user",
        (1, 29),
    ),
    (
        "a workspace that is not declared",
        "groups: { g: {} }\nbindings: [{ role: r, group: g, workspace: prd }]\n",
        "unknown-workspace",
        (2, 44),
    ),
    (
        "a binding twice",
        "groups: { g: {} }\nbindings:\n  - { role: r, group: g }\n  - { role: R, group: G, until: 2026-12-31 }\n",
        "repeated-binding",
        (4, 5),
    ),
    (
        "a former name that is declared",
        "groups: { a: { previously: [b] }, b: {} }\n",
        "previously-declared",
        (1, 29),
    ),
    (
        "a former name of two",
        "groups: { a: { previously: [c] }, b: { previously: [C] } }\n",
        "previously-twice",
        (1, 53),
    ),
    (
        "a former name that is the name",
        "groups: { a: { previously: [A] } }\n",
        "useless-previously",
        (1, 29),
    ),
    (
        "a user outside the jurisdiction",
        "users: { ada@example.org: {} }\n",
        "outside-jurisdiction",
        (1, 10),
    ),
    (
        "a group outside the jurisdiction",
        "groups: { legacy-x: {} }\n",
        "outside-jurisdiction",
        (1, 11),
    ),
];

const PROJECTS: &[Row] = &[
    ("an empty project", "", "empty-file", (1, 1)),
    ("a list as the project", "- a\n", "wrong-type", (1, 1)),
    ("no target", "organization: acme\n", "missing-key", (1, 1)),
    (
        "an unknown provider",
        "organization: a\ntarget: { provider: gremlin }\n",
        "unknown-value",
        (2, 21),
    ),
    (
        "an unknown key",
        "organization: a\ntarget: { provider: sandbox }\npolicy: [x]\n",
        "unknown-key",
        (3, 1),
    ),
    (
        "a policy path upwards",
        "organization: a\ntarget: { provider: sandbox }\npolicies: [../../etc]\n",
        "bad-path",
        (3, 12),
    ),
    (
        "an absolute policy path",
        "organization: a\ntarget: { provider: sandbox }\npolicies: [/etc]\n",
        "bad-path",
        (3, 12),
    ),
    (
        "a hidden climb",
        "organization: a\ntarget: { provider: sandbox }\npolicies: [a/./../../b]\n",
        "bad-path",
        (3, 12),
    ),
    (
        "a path with backslashes",
        "organization: a\ntarget: { provider: sandbox }\npolicies: ['..\\etc']\n",
        "bad-path",
        (3, 12),
    ),
    (
        "a drive letter",
        "organization: a\ntarget: { provider: sandbox }\nsources: ['C:/x']\n",
        "bad-path",
        (3, 11),
    ),
    (
        "NUL in a path",
        "organization: a\ntarget: { provider: sandbox }\npolicies: [\"a\\0b\"]\n",
        "control-character",
        (3, 12),
    ),
    (
        "a seed outside",
        "organization: a\ntarget: { provider: sandbox, seed: ../live.json }\n",
        "bad-path",
        (2, 36),
    ),
    (
        "no sources at all",
        "organization: a\ntarget: { provider: sandbox }\nsources: []\n",
        "empty-sources",
        (3, 10),
    ),
    (
        "a source that gives nothing",
        "organization: a\ntarget: { provider: sandbox }\nsources: [teams]\n",
        "empty-source",
        (3, 11),
    ),
    (
        "plain http",
        "organization: a\ntarget: { provider: scim, url: http://idp.example.com }\n",
        "bad-url",
        (2, 32),
    ),
    (
        "a password in the url",
        "organization: a\ntarget: { provider: scim, url: 'https://a:TOPSECRET@idp.example.com' }\n",
        "bad-url",
        (2, 32),
    ),
    ("no url", "organization: a\ntarget: { provider: scim }\n", "missing-key", (2, 9)),
    (
        "the secret itself",
        "organization: a\ntarget: { provider: scim, url: https://x.example.com, credential: TOPSECRET }\n",
        "bad-credential",
        (2, 67),
    ),
    (
        "the secret behind env",
        "organization: a\ntarget: { provider: scim, url: https://x.example.com, credential: 'env:TOPSECRET.ey=' }\n",
        "bad-credential",
        (2, 67),
    ),
    (
        "a limit that is none",
        "organization: a\ntarget: { provider: sandbox }\nlimits: { users: { remove: unlimited } }\n",
        "bad-limit",
        (3, 28),
    ),
    (
        "a limit above all",
        "organization: a\ntarget: { provider: sandbox }\nlimits: { users: { remove: 110% } }\n",
        "bad-limit",
        (3, 28),
    ),
    (
        "no administrators",
        "organization: a\ntarget: { provider: sandbox }\nadministrators: { atLeast: 0 }\n",
        "out-of-range",
        (3, 28),
    ),
    (
        "groups that are deactivated",
        "organization: a\ntarget: { provider: sandbox }\nmanage: { groups: { names: ['*'], onRemove: deactivate } }\n",
        "unknown-value",
        (3, 45),
    ),
    (
        "a jurisdiction without bounds",
        "organization: a\ntarget: { provider: sandbox }\nmanage: { users: {} }\n",
        "missing-key",
        (3, 18),
    ),
    (
        "a broken glob",
        "organization: a\ntarget: { provider: sandbox }\nprotected: { users: ['[a'] }\n",
        "bad-glob",
        (3, 22),
    ),
    (
        "an alias in the project",
        "organization: &a acme\ntarget: { provider: *a }\n",
        "alias",
        (2, 21),
    ),
];
