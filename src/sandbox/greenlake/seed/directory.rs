//! Users and groups of a seed.

use std::collections::BTreeSet;

use super::form::{GroupForm, UserForm};
use super::{Seed, given_or};
use crate::sandbox::greenlake::id;
use crate::sandbox::greenlake::record::{Email, Group, Posix, Source, User};
use crate::sandbox::record::fold;

impl Seed<'_> {
    pub(super) fn user(&mut self, place: &str, form: UserForm) -> Result<(), String> {
        if self.state.users.keyed(&fold(&form.user_name)).is_some() {
            return Err(format!("`{place}`: the user `{}` is there already", form.user_name));
        }
        let id = given_or(form.id, &format!("users/{}", fold(&form.user_name)));
        if self.state.users.find(&id).is_some() {
            return Err(format!("`{place}.id`: `{id}` is there already"));
        }
        let local = form.user_name.split('@').next().unwrap_or_default();
        let (given_name, family_name) = match form.name {
            Some(name) => (name.given_name, name.family_name),
            None => (local.to_string(), local.to_string()),
        };
        let mut emails: Vec<Email> = form
            .emails
            .into_iter()
            .map(|email| Email { value: email.value, primary: email.primary })
            .collect();
        if emails.is_empty() {
            emails.push(Email { value: form.user_name.clone(), primary: true });
        }
        let active = form.active.unwrap_or(true);
        let posix = form.posix.map(|posix| Posix {
            uid: posix.uid,
            user_name: posix.user_name,
            gid: posix.gid,
            home: posix.home_directory,
            shell: posix.shell,
        });
        let row = User {
            serial: self.next(),
            id,
            display_name: form
                .display_name
                .unwrap_or_else(|| format!("{given_name} {family_name}")),
            user_name: form.user_name,
            given_name,
            family_name,
            emails,
            active,
            country: form.country_code.unwrap_or_else(|| "US".into()),
            status: form.status.unwrap_or_else(|| if active { "ACTIVE" } else { "STAGED" }.into()),
            verified: active,
            source: form.source,
            source_instance: self.instance(form.source, form.source_instance),
            posix,
            created: self.now,
            modified: self.now,
            last_login: form.last_login,
            version: 1,
        };
        self.put(row);
        Ok(())
    }

    pub(super) fn group(&mut self, place: &str, form: GroupForm) -> Result<(), String> {
        let key = fold(&form.display_name);
        if self.state.groups.keyed(&key).is_some() {
            return Err(format!("`{place}`: the group `{}` is there already", form.display_name));
        }
        let mut members = BTreeSet::new();
        for (at, name) in form.members.iter().enumerate() {
            let user = self.state.users.keyed(&fold(name));
            let user = user.ok_or_else(|| format!("`{place}.members[{at}]`: no user `{name}`"))?;
            members.insert(user.id.clone());
        }
        let row = Group {
            serial: self.next(),
            id: given_or(form.id, &format!("groups/{key}")),
            display_name: form.display_name,
            description: form.description,
            source: form.source,
            source_instance: self.instance(form.source, form.source_instance),
            members,
            created: self.now,
            modified: self.now,
        };
        self.put(row);
        Ok(())
    }

    /// What leads an object's life: this organization, an integration, another organization.
    fn instance(&self, source: Source, given: Option<String>) -> String {
        let other = match source {
            Source::Local => self.state.organization.id.clone(),
            Source::Scim => id::derive("integrations/scim"),
            Source::External => id::derive("organizations/another"),
        };
        given.map_or(other, |id| id::bare(&id))
    }
}
