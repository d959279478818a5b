//! Two clocks that disagree: the target's and this machine's.

use jiff::{SignedDuration, Timestamp};

/// The most that two clocks may be apart: a good clock is off by seconds, and an answer is under
/// way for some more.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Two clocks at one instant, which are too far apart for both to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skew {
    /// The time on this machine's clock.
    pub ours: Timestamp,
    /// The time on the target's clock.
    pub theirs: Timestamp,
}

impl Skew {
    /// Compares what two clocks said at one instant; `None`: both may be right.
    #[must_use]
    pub fn between(ours: Timestamp, theirs: Timestamp) -> Option<Self> {
        let skew = Self { ours, theirs };
        (skew.apart() > TOLERANCE).then_some(skew)
    }

    /// The time between them.
    #[must_use]
    pub fn apart(&self) -> SignedDuration {
        self.theirs.duration_since(self.ours).abs()
    }

    /// The time on the target's clock when this machine's says `now`.
    #[must_use]
    pub fn theirs_at(&self, now: Timestamp) -> Timestamp {
        let ahead = self.theirs.duration_since(self.ours);
        let end = if ahead.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
        now.checked_add(ahead).unwrap_or(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_disagree_beyond_five_minutes_either_way() {
        let ours: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let at = |seconds| ours.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        for seconds in [0, 1, -1, 300, -300] {
            assert_eq!(Skew::between(ours, at(seconds)), None, "{seconds}");
        }
        for seconds in [301, -301, 86_400, -315_360_000] {
            let skew = Skew::between(ours, at(seconds)).unwrap();
            assert_eq!(skew.apart().as_secs(), i64::abs(seconds));
            assert_eq!(skew.theirs_at(ours), at(seconds));
            assert_eq!(skew.theirs_at(at(60)), at(seconds + 60));
        }
        let furthest = Skew::between(Timestamp::MIN, Timestamp::MAX).unwrap();
        assert_eq!(furthest.theirs_at(ours), Timestamp::MAX);
    }
}
