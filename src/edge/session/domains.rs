//! Domains: what the target's claims and DNS say of them, and how steps about them are made true.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use futures::FutureExt;

use super::{Embedded, Session};
use crate::config::{Desired, Experiment, Project};
use crate::edge::dns::{Resolver, ResolverOptions};
use crate::kind::{Address, Diagnostic, Fields, Item, Key, KindName};
use crate::live::{Listing, Live};
use crate::plan::{Finding, Level};
use crate::provider::greenlake::DomainSteps;
use crate::provider::greenlake::domains::{
    Account, ApiError, ApiErrorKind, CONNECTION_MISSING, Claim, Declared, DomainWork, Facts,
    carry_out, claims, domain_listing, elsewhere, fold, read_account,
};
use crate::provider::scim::{ReadError, ReadErrorKind};

/// Every domain that is declared or claimed.
pub struct DomainView {
    /// The domains, with how far each has come.
    pub claims: Vec<Claim>,
    /// Whether the target's claims were read; DNS alone otherwise.
    pub is_read: bool,
}

impl Session {
    /// Whom to ask about DNS: the embedded twin's own name server, or the project's resolvers.
    fn resolvers(&self, project: &Project) -> Vec<SocketAddr> {
        match &self.server {
            Embedded::Greenlake(twin) => vec![twin.dns],
            Embedded::None | Embedded::Scim(_) => project.resolvers.clone(),
        }
    }

    /// Looks at every domain that is declared or claimed. `users` are names, to be counted.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the claims cannot be read, or there is no way to them.
    pub async fn domains(
        &self,
        desired: &Desired,
        users: &[&str],
    ) -> Result<DomainView, ReadError> {
        let project = &desired.project;
        let account = self.account(project).await.map_err(|error| self.secrets().error(error))?;
        let declared: Vec<Declared> = desired.of_kind(KindName::Domain).map(declared).collect();
        let resolver = Resolver::new(ResolverOptions::new(self.resolvers(project)));
        let dns = resolver.observe_all(&names(&declared, account.as_ref()), elsewhere).await;
        let is_read = account.is_some();
        let facts = Facts { declared: &declared, account: account.as_ref(), dns: &dns, users };
        Ok(DomainView { claims: claims(&facts), is_read })
    }

    /// What the account says, where the interface for claims is switched on.
    async fn account(&self, project: &Project) -> Result<Option<Account>, ReadError> {
        let experimental = &project.target.experimental;
        if !experimental.contains(&Experiment::Domains) {
            return Ok(None);
        }
        let Some(transport) = self.experimental() else {
            return Err(ReadError::new(
                ReadErrorKind::Unexpected,
                "`target.experimental` has `domains`, and this target has no such interface",
                "domain claims are HPE GreenLake's",
                "take `domains` out of `target.experimental`",
            ));
        };
        let sso = experimental.contains(&Experiment::Sso);
        read_account(transport, sso).await.map(Some).map_err(unread)
    }

    /// The domains as a listing, where anything is to be said of them, and what is declared of
    /// them and cannot be done.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when they cannot be read.
    pub(super) async fn domain_listing(
        &self,
        desired: &Desired,
    ) -> Result<(Option<Listing>, Vec<Finding>), ReadError> {
        let is_asked = desired.project.target.experimental.contains(&Experiment::Domains);
        if !is_asked && desired.of_kind(KindName::Domain).next().is_none() {
            return Ok((None, vec![]));
        }
        let view = self.domains(desired, &[]).await?;
        let listing = domain_listing(&view.claims).map_err(|why| {
            ReadError::new(
                ReadErrorKind::Unexpected,
                format!("the claims do not add up: {why}"),
                "what is not proved complete is not read",
                "run it again",
            )
        })?;
        Ok((Some(listing), view.claims.iter().flat_map(|one| impossible(one, desired)).collect()))
    }

    /// How steps about domains are carried out; none where claims are not written.
    #[must_use]
    pub fn domain_steps<'a>(&'a self, project: &Project, live: &Live) -> Option<DomainSteps<'a>> {
        let experimental = &project.target.experimental;
        let transport =
            self.experimental().filter(|_| experimental.contains(&Experiment::Domains))?;
        let seen: BTreeMap<Address, Fields> = live
            .objects()
            .iter()
            .filter(|object| object.kind == KindName::Domain)
            .map(|object| (Address::new(object.kind, object.key.clone()), object.fields.clone()))
            .collect();
        let sso = experimental.contains(&Experiment::Sso);
        let work = std::sync::Arc::new(DomainWork { sso, seen });
        Some(Box::new(move |step| {
            let work = std::sync::Arc::clone(&work);
            async move { carry_out(transport, &work, &step).await }.boxed()
        }))
    }
}

/// What no apply could do for a declared domain. Only said: whoever deletes a connection at the
/// target must not keep leavers in.
fn impossible(claim: &Claim, desired: &Desired) -> Option<Finding> {
    let address = Address::new(KindName::Domain, Key::new(&claim.domain));
    let item = desired.items.get(&address)?;
    // A tenant's connections are in its own account.
    if item.fields.contains_key("tenant") {
        return None;
    }
    let problem = claim.problems.iter().find(|one| one.id == CONNECTION_MISSING)?;
    Some(Finding {
        level: Level::Warn,
        id: problem.id.to_owned(),
        message: format!("{}: {}", problem.what, problem.why),
        addresses: vec![address],
        source: item.source.clone(),
        remedy: problem.remedy.clone(),
    })
}

fn unread(error: ApiError) -> ReadError {
    let kind = match error.kind {
        ApiErrorKind::NotFound | ApiErrorKind::Malformed | ApiErrorKind::Refused => {
            ReadErrorKind::Unexpected
        }
        ApiErrorKind::Credential => ReadErrorKind::Unauthorized,
        ApiErrorKind::Throttled => ReadErrorKind::Throttled,
        ApiErrorKind::ClaimedElsewhere
        | ApiErrorKind::UnknownOutcome
        | ApiErrorKind::Unreachable
        | ApiErrorKind::Inconsistent => ReadErrorKind::Unreachable,
    };
    let Diagnostic { what, why, remedy, .. } = *error.said;
    ReadError::new(kind, format!("the claims were not read: {what}"), why, remedy)
}

fn declared(item: &Item) -> Declared {
    let text = |name: &str| item.fields.get(name).and_then(|value| value.as_str());
    Declared {
        domain: item.address.key().as_str().to_owned(),
        owner: text("owner").map(str::to_owned),
        sso: text("sso").map(str::to_owned),
    }
}

/// Every domain to look at, once.
fn names(declared: &[Declared], account: Option<&Account>) -> Vec<String> {
    let mut names: Vec<String> = declared.iter().map(|one| fold(&one.domain)).collect();
    if let Some(account) = account {
        names.extend(account.requests.iter().map(|row| fold(&row.name)));
        names.extend(account.verified.iter().map(|row| fold(&row.name)));
    }
    names.sort();
    names.dedup();
    names
}
