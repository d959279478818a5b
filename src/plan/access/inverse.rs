//! The groups of every user: the lists of members, the other way round.

use super::Place;

/// The groups that each user is directly in, in the order of their places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inverse {
    /// Where in `groups` those of a user end; they begin where those of the user before end.
    ends: Vec<usize>,
    groups: Vec<Place>,
}

impl Inverse {
    /// Turns round `members`, the users of each place: one long list, which costs a tenth of a list
    /// for each of 100,000 users.
    pub(super) fn of(members: &[Vec<Place>]) -> Self {
        let users = || members.iter().flatten().map(|user| *user as usize);
        let mut ends = vec![0; members.len()];
        for user in users() {
            if let Some(count) = ends.get_mut(user) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut ends {
            // Where they begin, for now; it moves on with every group that is written.
            sum += std::mem::replace(count, sum);
        }
        let mut groups = vec![0; sum];
        for (group, members) in (0..).zip(members) {
            for user in members {
                let Some(at) = ends.get_mut(*user as usize) else { continue };
                if let Some(slot) = groups.get_mut(*at) {
                    *slot = group;
                }
                *at += 1;
            }
        }
        Self { ends, groups }
    }

    /// The groups of a user.
    pub(super) fn groups(&self, user: Place) -> &[Place] {
        let user = user as usize;
        let begin = user.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        let end = self.ends.get(user).copied().unwrap_or_default();
        self.groups.get(begin.unwrap_or_default()..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_user_is_in_the_groups_that_have_the_user(
            members in proptest::collection::vec(proptest::collection::vec(0_u32..12, 0..6), 0..10),
        ) {
            let inverse = Inverse::of(&members);
            for user in 0..14 {
                let expected: Vec<Place> = (0..)
                    .zip(&members)
                    .flat_map(|(group, users)| users.iter().map(move |one| (group, *one)))
                    .filter(|(_, one)| *one == user && (user as usize) < members.len())
                    .map(|(group, _)| group)
                    .collect();
                prop_assert_eq!(inverse.groups(user), expected);
            }
        }
    }
}
