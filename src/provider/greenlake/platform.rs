//! The platform: the organization's directory, and the workspaces in which roles are given.

use crate::kind::Key;
use crate::live::RemoteId;

/// One workspace, and the way to it: what is sent goes with this workspace's own token, which is
/// all that says which workspace is meant.
#[derive(Debug)]
pub struct Workspace<'a, T> {
    /// Its name in `muster.yaml`.
    pub name: String,
    /// Its id, as `muster.yaml` writes it.
    pub id: String,
    /// Sends requests below the platform's base URL.
    pub transport: &'a T,
}

/// The ways to all parts of HPE GreenLake that a project names.
#[derive(Debug)]
pub struct Platform<'a, T> {
    /// Sends requests below `/identity/v2beta1/scim/v2`.
    pub directory: &'a T,
    /// The workspaces, in the order of their names.
    pub workspaces: Vec<Workspace<'a, T>>,
}

impl<'a, T> Platform<'a, T> {
    /// The workspace of that name in `muster.yaml`.
    pub(super) fn workspace(&self, name: &str) -> Option<&Workspace<'a, T>> {
        // Addresses are folded, names in `muster.yaml` are not.
        let is_meant = |workspace: &&Workspace<'a, T>| Key::new(&workspace.name) == Key::new(name);
        self.workspaces.iter().find(is_meant)
    }
}

/// A resource name (GRN) in the form in which two are compared: every id in it without hyphens.
pub(super) fn compared(grn: &str) -> String {
    let parts: Vec<_> = grn.split('/').map(RemoteId::compare).collect();
    parts.join("/")
}

/// The GRN of a whole workspace.
pub(super) fn grn_of(workspace: &str) -> String {
    format!("grn:glp/workspaces/{}", RemoteId::compare(workspace))
}

/// The workspace that a GRN lies in, in the form in which ids are compared.
pub(super) fn workspace_of(grn: &str) -> Option<String> {
    let rest = grn.strip_prefix("grn:glp/workspaces/")?;
    rest.split('/').next().map(|id| RemoteId::compare(id).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyphens_in_a_grn_mean_nothing() {
        let bare = "grn:glp/workspaces/3f2c0e1a9b1c4d7e8f60718293a4b5c6";
        let dashed = "grn:glp/workspaces/3F2C0E1A-9b1c-4d7e-8f60-718293a4b5c6";
        assert_eq!(compared(dashed), bare);
        assert_eq!(grn_of("3f2c0e1a-9b1c-4d7e-8f60-718293a4b5c6"), bare);
        let part = format!("{dashed}/regions/default/providers/msp/tenant-groups/x");
        assert_eq!(workspace_of(&part).as_deref(), Some("3f2c0e1a9b1c4d7e8f60718293a4b5c6"));
        assert_eq!(workspace_of("grn:glp/providers/x/y/z"), None);
    }
}
