//! New accounts that are to administer: looked at before anything counts on them.
//!
//! The answer to a create is no proof: a server may name the id of somebody else, keep nothing, or
//! make the account inactive. One that was to be inactive counts for nothing in the plan either.

use crate::kind::KindName;
use crate::provider::Transport;
use crate::provider::converge::Stop;

use super::context::Context;
use super::fetch;
use super::roster::User;

/// Checks that each of `users` that this run created is who it was created as, and can sign in
/// unless it was to be inactive.
///
/// # Errors
///
/// [`Stop`]: an account that cannot be counted on. Nobody is added then.
pub(super) async fn check<T: Transport + Sync>(
    context: &Context<'_, T>,
    users: &[User<'_>],
) -> Result<(), Stop> {
    let Context { transport, dialect, .. } = context;
    // Where a new person signs in first, the plan does not count them.
    let waits = dialect.habits.own.is_some();
    for (address, id) in users.iter().filter(|(_, id)| context.is_new(id)) {
        let found = fetch::fetch(*transport, dialect, KindName::User, id.as_str()).await?;
        let Some(found) = found else {
            return Err(refused(format!("`{address}` was created and is not shown")));
        };
        if found.object.key != *address.key() {
            let other = &found.object.key;
            return Err(refused(format!("`{address}` was created and is shown as `{other}`")));
        }
        let is_off = found.object.fields.get("active") == Some(&serde_json::Value::Bool(false));
        if is_off && !waits && !context.is_to_be_inactive(id) {
            return Err(refused(format!("`{address}` was created and is inactive")));
        }
    }
    Ok(())
}

fn refused(why: String) -> Stop {
    Stop::Failed(format!("{why}: nobody is made an administrator by this step"))
}
