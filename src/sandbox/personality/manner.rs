//! The manners that rules are made of.

/// What a server does with one form of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// As RFC 7644 says.
    Right,
    /// 400 with this `scimType`.
    Refused(&'static str),
    /// 501.
    Unsupported,
    /// 500 with the page of the web framework.
    Crash,
    /// Success is answered and nothing is done.
    Ignored,
    /// A replace that adds instead.
    Merged,
    /// The whole value is replaced (on an add), or all values go (on a remove).
    Whole,
}

/// What a server answers to a filter of some form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The filter is applied.
    Right,
    /// 200 with no rows: a client would create a duplicate.
    Nothing,
    /// 200 with every row: a client would write to the wrong resource.
    Everything,
    /// 400 `invalidFilter`.
    Refused,
    /// 400 without `scimType`.
    Bare,
    /// 500.
    Crash,
    /// Only the first comparison counts, and a `not` around it does not.
    FirstTerm,
}

/// What becomes of an attribute (or member) that the server does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Stored and echoed.
    Kept,
    /// Dropped in silence.
    Dropped,
    /// 400 with this `scimType`.
    Refused(&'static str),
    /// 500.
    Crash,
}

/// The form of a new id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdForm {
    /// 8-4-4-4-12 hexadecimal digits.
    Uuid,
    /// 32 hexadecimal digits.
    Hex,
    /// A decimal counter a kind, as a string.
    Integer,
    /// The `userName`; for a group its `externalId`, else its `displayName`.
    Name,
}

/// The order of rows when no `sortBy` is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// In order of creation.
    Insertion,
    /// By id as text: a create may land on any page.
    Id,
    /// Newest first: a create shifts every page.
    Newest,
}

/// What `itemsPerPage` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageCount {
    /// The rows of this page.
    Rows,
    /// The `count` that was asked for.
    Echo,
    /// Always this number.
    Fixed(usize),
    /// The field is absent.
    Absent,
}

/// What a page request out of the ordinary (past the end, `startIndex=0`, `count=0`, …) gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// As RFC 7644 says: past the end no rows, `startIndex=0` as 1, `count=0` no rows.
    Right,
    /// As `Right`, but `startIndex` is echoed as it was sent.
    Echoed,
    /// The last rows again.
    LastRows,
    /// The first page again, or the default number of rows.
    FirstPage,
    /// One row fewer than asked.
    Skewed,
    /// 400.
    Refused,
    /// 500.
    Crash,
}

/// What a server stores of a `userName`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserName {
    /// What was sent.
    Kept,
    /// Lower case.
    Lower,
    /// The primary e-mail, lower case.
    Email,
}

/// What a server stores of a user's `displayName`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisplayName {
    /// What was sent.
    Kept,
    /// Given and family name, if there are any.
    Derived,
    /// Nothing.
    Lost,
}

/// The answer to a name that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// 409 `uniqueness`.
    Typed,
    /// 409 without `scimType`.
    Bare,
    /// 409 `{"detail"}`.
    Detail,
    /// 500 with a page of HTML.
    Crash,
    /// 500, and every later write to that resource is 500 too.
    Breaks,
    /// 201 or 200: two resources share the name.
    Allowed,
}

/// The answer to a PATCH that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Success {
    /// 204.
    NoContent,
    /// 200 with the resource.
    Full,
    /// 200 with the resource without its members.
    WithoutMembers,
    /// 200 with the resource, 204 when nothing changed.
    FullOrNothing,
}

/// Where versions are shown and honoured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// `ETag`, `meta.version`, `If-Match`, `If-None-Match`.
    Full,
    /// An `ETag` that is the hash of the body; `If-Match` ignored, `If-None-Match` answered 304.
    Hash,
    /// None, and `If-Match` is ignored.
    None,
}

/// The body of an error out of the ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorBody {
    /// SCIM (RFC 7644 section 3.12).
    Scim,
    /// SCIM with this `scimType`.
    Typed(&'static str),
    /// No body.
    Empty,
    /// `{"detail": …}`.
    Detail,
    /// `{}`.
    Braces,
    /// A page of HTML.
    Html,
    /// A page of HTML with status 200.
    HtmlOk,
}

/// The form of `status` in a SCIM error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusForm {
    /// A string, as RFC 7644 says.
    Text,
    /// A number.
    Number,
    /// Absent.
    Absent,
}

/// How `/ResourceTypes` writes `endpoint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `/Users`.
    Relative,
    /// `http://host/base/Users`.
    Absolute,
    /// `/base/Users`.
    WithBase,
}
