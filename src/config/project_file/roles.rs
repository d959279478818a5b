//! `roles`: short names for roles; `dns`: who is asked about domains.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::config::decode::{Mapping, is_scalar, list, open_map, text, texts};
use crate::config::node::{Node, Place, Tag};
use crate::config::patterns::is_glob;
use crate::config::role_name::check_role;
use crate::config::sink::Sink;
use crate::config::words::Excerpt;
use crate::kind::{Key, Roles};

/// Who is asked unless `dns.resolvers` says otherwise: two operators, so that one of them cannot
/// be wrong alone.
pub(super) const DEFAULT_RESOLVERS: [SocketAddr; 2] = [
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(1, 1, 1, 1)), 53),
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(8, 8, 8, 8)), 53),
];

/// Reads `roles`.
pub(super) fn roles(node: Node<'_>, sink: &mut Sink) -> Roles {
    let mut aliases = BTreeMap::new();
    let mut places = BTreeMap::new();
    for (key, value) in open_map(node, "roles", sink).into_iter().flatten() {
        if is_scalar(key)
            && let Some(role) = text(value, key.text(), sink)
        {
            if role.contains('*') {
                report_wildcard(value, key.text(), sink);
                continue;
            }
            aliases.insert(key.text().to_owned(), role.to_owned());
            places.insert(key.text().to_owned(), value.place());
        }
    }
    report_look_alikes(&aliases, &places, sink);
    let (roles, wrong) = Roles::new(&aliases);
    for alias in wrong {
        let (Some(place), Some(role)) = (places.get(alias), aliases.get(alias)) else { continue };
        sink.error(
            *place,
            "bad-role",
            [
                format_args!(
                    "the alias `{}` stands for `{}`, which names no role",
                    Excerpt(alias),
                    Excerpt(role)
                ),
                format_args!("a role is a GRN (`grn:glp/…`) or a predefined one's `provider.name`"),
                format_args!(
                    "copy the role's GRN from its page at the target (Roles & permissions, Details)"
                ),
            ],
        );
    }
    roles
}

/// A typo in a role that is to be looked after would leave the role to nobody, without a word.
pub(super) fn check_names(project: Mapping<'_>, roles: &Roles, sink: &mut Sink) {
    let file = sink.file().to_string();
    let administrators = project.get("administrators").filter(|node| node.tag() == Tag::Map);
    let mut of_administrators = administrators.into_iter().flat_map(Node::entries);
    let administrators = of_administrators.find(|(key, _)| key.text() == "roles");
    let lists = [administrators.map(|(_, roles)| roles), project.get("privileged")];
    for list in lists.into_iter().flatten().filter(|node| node.tag() == Tag::List) {
        // `privileged` takes patterns, and `administrators.roles` refuses them by itself.
        let is_plain = |entry: &Node<'_>| is_scalar(*entry) && !is_glob(entry.text());
        for entry in list.children().filter(is_plain) {
            check_role(entry.text(), entry.place(), roles, &file, sink);
        }
    }
}

/// The roles that make an administrator: names, because a pattern that matches no role, or one
/// role too many, would decide who is the last of them.
pub(super) fn administrators(node: Node<'_>, sink: &mut Sink) -> Vec<String> {
    let mut roles = Vec::new();
    for (role, place) in texts(node, "roles", sink).into_iter().flatten() {
        if !is_glob(role) {
            roles.push(role.to_owned());
            continue;
        }
        sink.error(
            place,
            "role-pattern",
            [
                format_args!("`{}` in `administrators.roles` is a pattern", Excerpt(role)),
                format_args!("roles are named here one by one: a pattern would match none of them"),
                format_args!("write each role, by its alias or its own name: `roles: [admin, …]`"),
            ],
        );
    }
    roles
}

/// A short name for every role of a service would hide that it is one for every role.
fn report_wildcard(node: Node<'_>, alias: &str, sink: &mut Sink) {
    sink.error(
        node.place(),
        "bad-role",
        [
            format_args!("the alias `{}` stands for a wildcard", Excerpt(alias)),
            format_args!("whoever reads a binding must see how much it gives"),
            format_args!("name one role"),
        ],
    );
}

/// Aliases that differ by case alone: bindings fold the names of their roles.
fn report_look_alikes(
    aliases: &BTreeMap<String, String>,
    places: &BTreeMap<String, Place>,
    sink: &mut Sink,
) {
    let mut seen: BTreeMap<Key, &String> = BTreeMap::new();
    for alias in aliases.keys() {
        let Some(other) = seen.insert(Key::new(alias), alias) else { continue };
        let Some(place) = places.get(alias) else { continue };
        sink.error(
            *place,
            "repeated-key",
            [
                format_args!(
                    "the aliases `{}` and `{}` are one name",
                    Excerpt(other),
                    Excerpt(alias)
                ),
                format_args!("names compare without case"),
                format_args!("choose another name for one of them"),
            ],
        );
    }
}

/// Reads `dns`: the resolvers.
pub(super) fn resolvers(node: Node<'_>, sink: &mut Sink) -> Option<Vec<SocketAddr>> {
    let mapping = Mapping::of(node, "dns", &["resolvers"], sink)?;
    let entries = list(mapping.get("resolvers")?, "resolvers", sink)?;
    let mut found = Vec::new();
    for entry in entries {
        let Some(written) = text(entry, "resolvers", sink) else { continue };
        let address = written.parse::<SocketAddr>();
        match address.or_else(|_| written.parse().map(|ip| SocketAddr::new(ip, 53))) {
            Ok(address) => found.push(address),
            Err(_) => sink.error(
                entry.place(),
                "bad-resolver",
                [
                    format_args!("`{}` is no address of a resolver", Excerpt(written)),
                    format_args!("a name would need a resolver to find the resolver"),
                    format_args!("write an IP address, such as `1.1.1.1` or `127.0.0.1:5353`"),
                ],
            ),
        }
    }
    Some(found)
}
