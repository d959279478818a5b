//! Somebody who is there at every request of a run: who takes administrators away, lets requests
//! fail, and takes note of what each write of ours did.

use super::sight::Sight;

/// What a run writes to, as somebody else meets it.
pub(crate) trait Target {
    /// Who administers.
    fn sight(&self) -> Sight;

    /// Takes administrators away; `who`: the one, where the route is of one.
    fn strike(&mut self, route: Route, who: &str);

    /// Refuses what is written to a place from now on.
    fn refuse(&mut self, place: Place<'_>);

    /// Loses the answer to the next request: it has its effect.
    fn lose(&mut self);
}

/// The method and the path of a write.
pub(crate) type Place<'a> = (&'a str, &'a str);

/// A moment of a run, by number from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before this request of ours.
    Request(usize),
    /// Before this write of ours: after all that was read for it.
    Write(usize),
    /// Before each write of ours.
    EachWrite,
}

/// How administrators are taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// One leaves both groups and loses the role.
    Leaves,
    /// The account of one is switched off.
    Off,
    /// The account of one is deleted.
    Deleted,
    /// The operators lose the role.
    RoleGoes,
    /// The operators' group is deleted.
    OperatorsGo,
    /// The administrators' group is deleted.
    AdminsGo,
    /// It gets another name.
    AdminsRenamed,
}

impl Route {
    pub(crate) const ALL: [Self; 7] = [
        Self::Leaves,
        Self::Off,
        Self::Deleted,
        Self::RoleGoes,
        Self::OperatorsGo,
        Self::AdminsGo,
        Self::AdminsRenamed,
    ];

    /// Whether it takes one administrator at a time.
    pub(crate) const fn is_of_one(self) -> bool {
        matches!(self, Self::Leaves | Self::Off | Self::Deleted)
    }
}

/// What somebody else does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deed {
    pub(crate) at: Moment,
    pub(crate) route: Route,
    /// How many administrators are taken away at a time.
    pub(crate) times: usize,
    /// Whether the last by name goes first.
    pub(crate) backwards: bool,
}

/// The administrators around one of our writes.
#[derive(Clone, Debug)]
pub(crate) struct Around {
    pub(crate) request: String,
    /// What was so after the write before it.
    pub(crate) last: Sight,
    /// What was so when it arrived.
    pub(crate) before: Sight,
    pub(crate) after: Sight,
}

/// The witness.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witness {
    deeds: Vec<Deed>,
    /// The write that is refused, from 1, and every later one to the same place.
    refused: Option<usize>,
    /// The write whose answer is lost.
    lost: Option<usize>,
    pub(crate) requests: usize,
    pub(crate) writes: usize,
    last: Option<Sight>,
    now: Option<(String, Sight)>,
    pub(crate) around: Vec<Around>,
}

impl Witness {
    /// With somebody else who writes.
    pub(crate) fn beside(mut self, deed: Deed) -> Self {
        self.deeds.push(deed);
        self
    }

    /// With this write refused, and every later one to the same place.
    pub(crate) fn refusing(self, write: usize) -> Self {
        Self { refused: Some(write), ..self }
    }

    /// With the answer to this write lost.
    pub(crate) fn losing(self, write: usize) -> Self {
        Self { lost: Some(write), ..self }
    }

    /// What happens beside the run.
    pub(crate) fn shown(&self) -> String {
        let Self { deeds, refused, lost, .. } = self;
        format!("{deeds:?}, refused: {refused:?}, lost: {lost:?}")
    }

    /// Whether nothing happens beside the run.
    pub(crate) fn is_calm(&self) -> bool {
        self.deeds.is_empty() && self.refused.is_none() && self.lost.is_none()
    }

    /// Whether what is taken back cannot be kept from being given back: nothing else goes wrong.
    pub(crate) fn is_plain(&self) -> bool {
        let strikes_once = self.deeds.iter().all(|deed| deed.at != Moment::EachWrite);
        strikes_once && self.refused.is_none() && self.lost.is_none()
    }

    /// Lets happen what happens before a request of ours arrives.
    pub(crate) fn before(&mut self, target: &mut impl Target, write: Option<Place<'_>>) {
        self.requests += 1;
        self.writes += usize::from(write.is_some());
        self.last.get_or_insert_with(|| target.sight());
        for deed in &self.deeds {
            let is_now = match deed.at {
                Moment::Request(number) => number == self.requests,
                Moment::Write(number) => write.is_some() && number == self.writes,
                Moment::EachWrite => write.is_some(),
            };
            if is_now {
                act(target, *deed);
            }
        }
        if let Some(place) = write {
            if self.refused == Some(self.writes) {
                target.refuse(place);
            }
            if self.lost == Some(self.writes) {
                target.lose();
            }
            self.now = Some((format!("{} {}", place.0, place.1), target.sight()));
        }
    }

    /// Takes note of what a request of ours did.
    pub(crate) fn after(&mut self, target: &impl Target) {
        let Some((request, before)) = self.now.take() else { return };
        let after = target.sight();
        let last = self.last.replace(after.clone()).unwrap_or_default();
        self.around.push(Around { request, last, before, after });
    }
}

fn act(target: &mut impl Target, deed: Deed) {
    if !deed.route.is_of_one() {
        target.strike(deed.route, "");
        return;
    }
    let sight = target.sight();
    let mut people: Vec<&str> = sight.ones(u8::MAX).collect();
    if deed.backwards {
        people.reverse();
    }
    people.iter().take(deed.times).for_each(|name| target.strike(deed.route, name));
}
