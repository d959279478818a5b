//! What is expected of every server: a row each, and how it is spoken to.

use super::look::Lacks;
use super::organization::Part;

/// What one day is to bring.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expect {
    /// The server holds what the files say.
    Right,
    /// The server holds what the files say but for what a warning with these words names, and
    /// the plan does not ask for that again.
    Warns(&'static [&'static str]),
    /// It is refused, and the refusal has these words.
    Refuses(&'static [&'static str]),
    /// The server did harm that it was not asked for, and all writing stopped with these words.
    Stopped(&'static [&'static str]),
}

/// One server, one profile.
pub(crate) struct Row {
    pub(crate) personality: &'static str,
    pub(crate) profile: &'static str,
    /// How many more people there are whom nobody manages.
    pub(crate) crowd: usize,
    pub(crate) without: &'static [Part],
    pub(crate) lacks: Lacks,
    pub(crate) expect: [Expect; 3],
}

const RIGHT: [Expect; 3] = [Expect::Right; 3];

const fn row(
    personality: &'static str,
    profile: &'static str,
    lacks: Lacks,
    expect: [Expect; 3],
) -> Row {
    Row { personality, profile, crowd: 130, without: &[], lacks, expect }
}

impl Row {
    /// The same with parts of the story left out.
    const fn without(self, without: &'static [Part]) -> Self {
        Self { without, ..self }
    }

    /// The same with a server so small that all is on one page.
    const fn small(self) -> Self {
        Self { crowd: 0, ..self }
    }
}

/// Refused on the first day and on every other, in the same words.
const fn refused(words: &'static [&'static str]) -> [Expect; 3] {
    [Expect::Refuses(words); 3]
}

/// Right on the first day; what the other days bring is refused.
const fn then(words: &'static [&'static str]) -> [Expect; 3] {
    [Expect::Right, Expect::Refuses(words), Expect::Refuses(words)]
}

/// Right on the first day, with a warning; what the other days bring is refused.
const fn warned(warning: &'static [&'static str], refusal: &'static [&'static str]) -> [Expect; 3] {
    [Expect::Warns(warning), Expect::Refuses(refusal), Expect::Refuses(refusal)]
}

/// The removals empty a group, which stops everything else.
const EMPTIED: &[&str] = &["were to stay", "target.dialect.memberRemoval: filter"];
const STOPPED: [Expect; 3] = [Expect::Right, Expect::Stopped(EMPTIED), Expect::Stopped(EMPTIED)];

const OPEN_WEBUI: Lacks = &["userName.case", "displayName", "title", "group.externalId"];
const DJANGO: Lacks = &["displayName", "title", "emails.type"];
const CANAILLE: Lacks = &["externalId", "emails.type", "group.externalId"];
const POLIS: Lacks = &["group.externalId"];
const X2: Lacks = &["userName.case"];
const X3: Lacks = &["displayName", "title", "deletion"];

/// Every server with its profile and with the default; where that is refused, the same without
/// the parts of the story that the refusal names.
pub(crate) const TABLE: &[Row] = &[
    row("rfc7644", "rfc7644", &[], RIGHT),
    // A profile that is dangerous here, and does no harm all the same.
    row("rfc7644", "django-scim2", DJANGO, STOPPED),
    row("x1", "django-scim2", DJANGO, STOPPED),
    row("scim2-server", "scim2-server", &[], RIGHT),
    row("scim2-server", "rfc7644", &[], RIGHT),
    row("scimmy", "scimmy", &[], RIGHT),
    row("scimmy", "rfc7644", &[], RIGHT),
    row("scimmy-express5", "scimmy", &[], refused(&["does not add up", "but 20 distinct"])),
    row("scimmy-express5", "rfc7644", &[], refused(&["does not add up", "but 20 distinct"])),
    row("scimmy-express5", "scimmy", &[], RIGHT).small(),
    row("scimmy-express5", "rfc7644", &[], RIGHT).small(),
    row("scimserver", "scimserver", &[], RIGHT),
    row("scimserver", "rfc7644", &[], RIGHT),
    row("scimgateway", "scimgateway", &[], RIGHT),
    row("scimgateway", "rfc7644", &[], RIGHT),
    row("open-webui", "open-webui", OPEN_WEBUI, RIGHT),
    row(
        "open-webui",
        "rfc7644",
        OPEN_WEBUI,
        warned(&["did not keep `displayName`"], &["does not take 'title' in a PATCH"]),
    ),
    row("open-webui", "rfc7644", OPEN_WEBUI, then(&["does not take 'title' in a PATCH"]))
        .without(&[Part::Nickname, Part::ExternalId]),
    row("django-scim2", "django-scim2", DJANGO, RIGHT),
    row(
        "django-scim2",
        "rfc7644",
        DJANGO,
        warned(&["did not keep `displayName`"], &["501", "userUpdate: put"]),
    ),
    row("django-scim2", "rfc7644", DJANGO, then(&["501", "memberRemoval: value"]))
        .without(&[Part::Nickname]),
    row("canaille", "canaille", CANAILLE, then(&["only replace a group's whole list"])),
    row("canaille", "canaille", CANAILLE, RIGHT).without(&[Part::Removals, Part::Rename]),
    row("canaille", "rfc7644", CANAILLE, refused(&["`'emails.type' is not permitted"])),
    row("canaille", "rfc7644", CANAILLE, refused(&["memberValue: userName"])).without(&[
        Part::EmailType,
        Part::ExternalId,
        Part::Rename,
    ]),
    row("polis", "polis", POLIS, refused(&["never shows the members"])),
    row("polis", "polis", POLIS, then(&["in doubt"])).without(&[Part::Members, Part::Leaver]),
    row("polis", "polis", POLIS, RIGHT).without(&[Part::Members, Part::Leaver, Part::Deletion]),
    row("polis", "rfc7644", POLIS, refused(&["target.profile: polis"])),
    row("polis", "rfc7644", POLIS, refused(&["target.dialect.members: never"]))
        .small()
        .without(&[Part::ExternalId]),
    row("polis", "rfc7644", POLIS, RIGHT).small().without(&[Part::Members, Part::ExternalId]),
    row("x1", "member-capped", &[], RIGHT),
    row("x1", "rfc7644", &[], RIGHT),
    row(
        "x2",
        "lower-casing",
        X2,
        then(&["cannot change `displayName`", "cannot change `userName`"]),
    ),
    row("x2", "lower-casing", X2, RIGHT).without(&[Part::Shown, Part::Rename]),
    row("x2", "rfc7644", X2, then(&["scimType mutability"])),
    row("x2", "rfc7644", X2, RIGHT).without(&[Part::Shown, Part::Rename]),
    row("x3", "soft-delete", X3, RIGHT),
    row(
        "x3",
        "rfc7644",
        X3,
        warned(&["did not keep `displayName`, `title`"], &["target.dialect.delete: deactivates"]),
    ),
    row("x3", "rfc7644", X3, then(&["target.dialect.delete: deactivates"]))
        .without(&[Part::DisplayName, Part::Title]),
    row("x3", "rfc7644", X3, RIGHT).without(&[Part::DisplayName, Part::Title, Part::Deletion]),
];

/// What the doctor is to say of one server.
pub(crate) struct Doctor {
    pub(crate) personality: &'static str,
    /// The profile that fits it.
    pub(crate) fits: &'static str,
    /// The profile the doctor names.
    pub(crate) names: &'static str,
    /// What the doctor says, where the profile it names is not all there is to say.
    pub(crate) says: &'static [&'static str],
    /// Whether it cannot be told from another as long as nobody is there.
    pub(crate) needs_people: bool,
}

const fn named(personality: &'static str, fits: &'static str) -> Doctor {
    Doctor { personality, fits, names: fits, says: &[], needs_people: false }
}

/// A server that cannot be told from a good one by reading.
const fn unseen(
    personality: &'static str,
    fits: &'static str,
    says: &'static [&'static str],
) -> Doctor {
    Doctor { personality, fits, names: "rfc7644", says, needs_people: false }
}

/// Every server, before anything is written to it.
pub(crate) const DOCTOR: &[Doctor] = &[
    named("rfc7644", "rfc7644"),
    named("scim2-server", "scim2-server"),
    named("scimmy", "scimmy"),
    Doctor {
        says: &["`startIndex` is ignored", "no profile fits that"],
        needs_people: true,
        ..named("scimmy-express5", "scimmy")
    },
    named("scimserver", "scimserver"),
    named("scimgateway", "scimgateway"),
    named("open-webui", "open-webui"),
    named("django-scim2", "django-scim2"),
    named("canaille", "canaille"),
    Doctor { needs_people: true, ..named("polis", "polis") },
    unseen("x1", "member-capped", &["cannot be seen by reading", "`member-capped`"]),
    unseen("x2", "lower-casing", &["cannot be seen by reading", "`lower-casing`"]),
    unseen("x3", "soft-delete", &["cannot be seen by reading", "`soft-delete`"]),
];
