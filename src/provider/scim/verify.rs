//! The look back at a group after its members were written.

use std::collections::BTreeMap;

use crate::apply::Receipt;
use crate::kind::Address;
use crate::live::RemoteId;
use crate::provider::converge::{Observed, Operation, Past, Rules, Stop, Why, read_back};
use crate::provider::{Request, Transport};

use super::context::{Context, id_of};
use super::dialect::MembersRead;
use super::fetch;
use super::roster::unshown;
use super::roster::{Roster, User, some};

/// Compares the group with what the steps before made true.
pub(super) async fn verify<T: Transport + Sync>(
    context: &Context<'_, T>,
    group: &Address,
    present: &[Address],
    absent: &[Address],
    ids: &BTreeMap<Address, RemoteId>,
) -> Result<Receipt, Stop> {
    if present.is_empty() && absent.is_empty() {
        return Ok(Receipt::AlreadySo { id: None });
    }
    if context.dialect.members == MembersRead::Never {
        return Err(Stop::Failed(format!(
            "the members of `{group}` cannot be verified: this server never shows them"
        )));
    }
    let known = |user: &'_ Address| ids.contains_key(user);
    if let Some(unknown) = present.iter().find(|user| !known(user)) {
        return Err(Stop::Failed(format!("the id of `{unknown}` is not known")));
    }
    let with_id = |user: &'_ Address| ids.get(user).cloned();
    let mut look = Look {
        context,
        group,
        id: id_of(group, ids)?,
        present: present.iter().filter_map(|user| Some((user, with_id(user)?))).collect(),
        absent: absent.iter().filter_map(|user| Some((user, with_id(user)?))).collect(),
        roster: None,
    };
    read_back(context.transport, &mut look).await?;
    Ok(Receipt::Done { id: None })
}

struct Look<'w, 't, T> {
    context: &'w Context<'t, T>,
    group: &'w Address,
    id: &'w RemoteId,
    present: Vec<(&'w Address, RemoteId)>,
    absent: Vec<(&'w Address, RemoteId)>,
    roster: Option<Roster>,
}

impl<T> Look<'_, '_, T> {
    /// The users that are, or are not, in the group as it was last seen.
    fn those<'u>(&self, users: &'u [(&'u Address, RemoteId)], are_in: bool) -> Vec<&'u Address> {
        let Some(roster) = &self.roster else { return Vec::new() };
        let has = |user: User<'_>| roster.has(user, &self.context.dialect) == are_in;
        users.iter().filter(|(user, id)| has((*user, id))).map(|(user, _)| *user).collect()
    }
}

impl<T: Transport + Sync> Operation for Look<'_, '_, T> {
    fn rules(&self) -> Rules {
        Rules {
            sends: 0,
            is_lagging: true,
            is_new: self.context.is_new(self.id),
            retries_refusals: false,
            looks_after_refusal: false,
        }
    }

    async fn observe(&mut self, _past: &Past) -> Result<Observed, Stop> {
        let Context { transport, dialect, .. } = self.context;
        // The look after the last batch is as good as another: nothing was written since.
        let roster = match self.context.last_seen(self.id) {
            Some(roster) => roster,
            None => match fetch::members(*transport, dialect, self.id.as_str()).await? {
                Some(found) => Roster::of(&found, dialect),
                None => return Ok(Observed::Absent),
            },
        };
        self.roster = Some(roster);
        let is_so = self.those(&self.present, false).is_empty()
            && self.those(&self.absent, true).is_empty();
        Ok(if is_so { Observed::Wanted } else { Observed::Expected })
    }

    fn request(&mut self) -> Result<Request, Stop> {
        Err(Stop::Failed("a look back sends nothing".to_owned()))
    }

    fn words(&self, why: &Why) -> String {
        let lacking = self.those(&self.present, false);
        let left = self.those(&self.absent, true);
        let seen = [("lacks", &lacking), ("still has", &left)]
            .into_iter()
            .filter(|(_, users)| !users.is_empty())
            .map(|(verb, users)| {
                format!("it {verb} {}", some(users.iter().map(|user| user.key().as_str())))
            })
            .collect::<Vec<_>>()
            .join(", and ");
        match why {
            Why::NotThere | Why::Gone => {
                format!("`{}` was written, and read back it is not there", self.group)
            }
            _ => {
                let hint = unshown(self.roster.as_ref(), &lacking);
                format!("`{}` was written, and read back {seen}{hint}", self.group)
            }
        }
    }
}
