//! Reading HPE GreenLake: the directory, and the role assignments of every workspace.
//!
//! In two steps, because the files of a project are understood while the target is read:
//! [`read`] asks for everything that does not depend on what is desired, and
//! [`Snapshot::settle`] for the names that declared bindings use beside.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{try_join, try_join_all};

use crate::config::Desired;
use crate::kind::{Key, KindName, Roles};
use crate::live::{Capabilities, Listing, Live};
use crate::plan::Finding;
use crate::provider::Transport;
use crate::provider::scim::{Dialect, ReadError, ReadErrorKind, ReadStats, list};

use super::assignment::{self, Assignment};
use super::binding::{self, Names};
use super::capabilities::capabilities;
use super::collection::Refused;
use super::hold;
use super::platform::{Platform, Workspace};
use super::principal::Principals;
use super::problems;
use super::scope::{Scopes, Wanted};
use super::scope_group;
use super::unread::of_workspace;

/// What a read brought, before its parts have the names that the files use.
#[derive(Debug)]
pub struct Snapshot {
    listings: Vec<Listing>,
    stats: ReadStats,
    workspaces: BTreeMap<String, Assignments>,
    scopes: BTreeMap<String, Scopes>,
}

/// The role assignments of one workspace.
#[derive(Debug)]
enum Assignments {
    All(Vec<Assignment>),
    /// There is no `/authorization` for it: the error, should somebody need it.
    NotEnabled(Box<ReadError>),
}

/// What is known of the target beside its live state: what [`super::GreenlakeWriter`] wants.
#[derive(Debug)]
pub struct Found {
    /// The directory's dialect, settled.
    pub dialect: Dialect,
    /// The kinds that had to be read twice.
    pub read_twice: Vec<KindName>,
    pub(super) names: Names,
}

/// What is asked of a snapshot.
pub struct Asked<'a> {
    /// What the files say.
    pub desired: &'a Desired,
    /// Who the target is: bound into plans.
    pub target: &'a str,
    /// The security principals that muster itself is, by its tokens' claims: `user:...`.
    pub own: Vec<String>,
    /// Listings of kinds that are read in other ways: domain claims.
    pub more: Vec<Listing>,
}

/// The live state, what is known beside it, and what is wrong with what is desired.
#[derive(Debug)]
pub struct Settled {
    /// The live state.
    pub live: Live,
    /// What is known beside it.
    pub found: Found,
    /// What cannot be done as it is written, found before anything is planned.
    pub findings: Vec<Finding>,
}

/// Reads the directory and the role assignments.
///
/// For 5,500 users and 200 groups of up to 200 members these are 28 + 1 + 200 requests, and one
/// for every 200 assignments of each workspace. Scope groups and tenant groups are listed only in
/// workspaces where an assignment is for one.
///
/// # Errors
///
/// [`ReadError`] on the first answer that is not what it should be. There is no partial result.
pub async fn read<T: Transport + Sync>(
    platform: &Platform<'_, T>,
    dialect: &Dialect,
) -> Result<Snapshot, ReadError> {
    let workspaces = platform.workspaces.iter().map(one_workspace);
    let (directory, workspaces) =
        try_join(list(platform.directory, dialect), try_join_all(workspaces)).await?;
    let (listings, stats) = directory;
    let mut snapshot =
        Snapshot { listings, stats, workspaces: BTreeMap::new(), scopes: BTreeMap::new() };
    for (name, assignments, scopes) in workspaces {
        snapshot.workspaces.insert(name.clone(), assignments);
        snapshot.scopes.insert(name, scopes);
    }
    Ok(snapshot)
}

async fn one_workspace<T: Transport + Sync>(
    workspace: &Workspace<'_, T>,
) -> Result<(String, Assignments, Scopes), ReadError> {
    let Workspace { name, id, transport } = workspace;
    let mut scopes = Scopes::new(id);
    let assignments = match assignment::all().list::<Assignment, _>(*transport).await {
        Ok(assignments) => assignments,
        Err(refused) if refused.status() == Some(404) => {
            let error = Box::new(not_enabled(name, refused));
            return Ok((name.clone(), Assignments::NotEnabled(error), scopes));
        }
        Err(refused) => return Err(of_workspace(name, refused.into())),
    };
    let wanted = assignments
        .iter()
        .flat_map(Assignment::scopes)
        .fold(Wanted::default(), |wanted, grn| wanted.or(Wanted::by_grn(grn)));
    scopes.read(*transport, wanted).await.map_err(|error| of_workspace(name, error))?;
    Ok((name.clone(), Assignments::All(assignments), scopes))
}

fn not_enabled(name: &str, refused: Refused) -> ReadError {
    ReadError::new(
        ReadErrorKind::NotEnabled,
        format!("workspace `{name}`: {}", ReadError::from(refused).said.what),
        "enhanced IAM is not on for this workspace: without it HPE GreenLake has no \
         role-assignments API there, and what cannot be read is not taken as empty",
        format!(
            "switch enhanced IAM on for the workspace in HPE GreenLake, or take `{name}` out of \
             `target.workspaces` and its bindings out of the files"
        ),
    )
}

impl Snapshot {
    /// How many role assignments were read, by workspace; `None`: enhanced IAM is not on there.
    pub fn assignments(&self) -> impl Iterator<Item = (&str, Option<usize>)> {
        self.workspaces.iter().map(|(name, assignments)| match assignments {
            Assignments::All(all) => (name.as_str(), Some(all.len())),
            Assignments::NotEnabled(_) => (name.as_str(), None),
        })
    }

    /// Reads the names that declared bindings use, and gives everything its name.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when names cannot be read, and when bindings are declared or managed in a
    /// workspace without enhanced IAM.
    pub async fn settle<T: Transport + Sync>(
        mut self,
        platform: &Platform<'_, T>,
        asked: Asked<'_>,
    ) -> Result<Settled, ReadError> {
        let declared = problems::declared(asked.desired);
        let doubt = self.without_enhanced_iam(&asked, &declared)?;
        for (name, wanted) in problems::wanted(&declared) {
            let workspace = platform.workspace(&name);
            let scopes = workspace.and_then(|one| self.scopes.get_mut(&one.name));
            if let (Some(workspace), Some(scopes)) = (workspace, scopes) {
                let read = scopes.read(workspace.transport, wanted).await;
                read.map_err(|error| of_workspace(&name, error))?;
            }
        }
        let scope_groups = self.scope_groups(platform, &asked).await?;
        let names = self.names(&asked, &declared);
        let held = hold::domains(&self.listings, &self.stats.own);
        hold::own(&mut self.listings, &names);
        let mut findings = problems::of_bindings(&declared, &names);
        findings.extend(problems::of_users(asked.desired, &self.listings));
        findings.extend(scope_group::of_groups(asked.desired, platform));
        let assignments = self.workspaces.into_iter().filter_map(|(name, assignments)| {
            let Assignments::All(all) = assignments else { return None };
            Some((name, all))
        });
        let mut bindings = binding::listing(&names, &assignments.collect())?;
        if let Some(why) = doubt {
            bindings = bindings.doubted(&why);
        }
        let has_scope_groups = scope_groups.is_some();
        let has_domains = asked.more.iter().any(|listing| listing.kind() == KindName::Domain);
        let dialect = self.stats.dialect;
        let capabilities: Capabilities = Capabilities {
            own: hold::mine(&names).into_iter().collect(),
            held_domains: held,
            ..capabilities(&dialect, asked.target, (has_domains, has_scope_groups))
        };
        self.listings.push(bindings);
        self.listings.extend(scope_groups);
        self.listings.extend(asked.more);
        let live = Live::new(self.listings, capabilities);
        let found = Found { dialect, read_twice: self.stats.read_twice, names };
        Ok(Settled { live, found, findings })
    }

    /// The scope groups with the resources in them, where the project declares or manages any:
    /// one more request for each group.
    async fn scope_groups<T: Transport + Sync>(
        &mut self,
        platform: &Platform<'_, T>,
        asked: &Asked<'_>,
    ) -> Result<Option<Listing>, ReadError> {
        let desired = asked.desired;
        if !scope_group::is_wanted(desired) {
            return Ok(None);
        }
        let mut read = Vec::new();
        for workspace in &platform.workspaces {
            let name = &workspace.name;
            let (Some(Assignments::All(_)), Some(scopes)) =
                (self.workspaces.get(name), self.scopes.get_mut(name))
            else {
                continue;
            };
            let wanted = Wanted { scope_groups: true, tenant_groups: false };
            let listed = scopes.read(workspace.transport, wanted).await;
            listed.map_err(|error| of_workspace(name, error))?;
            scopes.declare(&scope_group::declared(desired, name));
            read.push((workspace, scopes.groups()));
        }
        scope_group::listing(desired, &read).await.map(Some)
    }

    /// A workspace that has no role assignments to read is an error where bindings are spoken of,
    /// and a doubt where they are not.
    fn without_enhanced_iam(
        &mut self,
        asked: &Asked<'_>,
        declared: &[problems::Declared<'_>],
    ) -> Result<Option<String>, ReadError> {
        let manage = &asked.desired.project.manage;
        let is_managed = manage.manages(KindName::Binding) || scope_group::is_wanted(asked.desired);
        let mut doubts = BTreeSet::new();
        for (name, assignments) in &self.workspaces {
            let Assignments::NotEnabled(error) = assignments else { continue };
            let is_declared = declared.iter().any(|one| Key::new(one.workspace) == Key::new(name));
            if is_managed || is_declared {
                return Err(error.as_ref().clone());
            }
            doubts.insert(name.as_str());
        }
        let list: Vec<&str> = doubts.into_iter().collect();
        Ok((!list.is_empty()).then(|| format!("enhanced IAM is not on in {}", list.join(", "))))
    }

    fn names(&self, asked: &Asked<'_>, declared: &[problems::Declared<'_>]) -> Names {
        let roles: Roles = asked.desired.project.roles.clone();
        Names {
            roles,
            principals: Principals::new(&self.listings, &self.stats.own),
            scopes: self.scopes.clone(),
            spelled: problems::spelled(declared, &self.scopes),
            own: asked.own.iter().cloned().collect(),
        }
    }
}
