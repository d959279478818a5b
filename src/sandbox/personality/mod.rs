//! How one server differs from RFC 7644, as plain fields. One engine consults them; no server has
//! code of its own. The rows are in `table` and its neighbours.

mod libraries;
mod manner;
mod products;
mod rfc7644;
mod row;
mod rules;
mod unnamed;

pub use self::manner::*;
pub use self::row::Personality;
pub use self::rules::*;

const ALL: [&Personality; 13] = [
    &rfc7644::RFC7644,
    &libraries::SCIM2_SERVER,
    &libraries::SCIMMY,
    &libraries::SCIMMY_EXPRESS5,
    &libraries::SCIMSERVER,
    &products::SCIMGATEWAY,
    &products::OPEN_WEBUI,
    &libraries::DJANGO_SCIM2,
    &products::CANAILLE,
    &products::POLIS,
    &unnamed::X1,
    &unnamed::X2,
    &unnamed::X3,
];

impl Personality {
    /// All names, the default first.
    pub const NAMES: [&'static str; 13] = {
        let mut names = [""; 13];
        let mut at = 0;
        while at < ALL.len() {
            names[at] = ALL[at].name;
            at += 1;
        }
        names
    };

    /// The personality of that name, or none.
    #[must_use]
    pub fn named(name: &str) -> Option<Personality> {
        ALL.iter().find(|each| each.name == name).map(|each| **each)
    }
}

impl Default for Personality {
    fn default() -> Personality {
        rfc7644::RFC7644
    }
}
