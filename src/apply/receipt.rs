//! Receipts: what became of each step. Every step has exactly one.

use crate::kind::Address;
use crate::live::{Made, RemoteId, Unkept};

use super::{Step, StepId};

/// What became of one step.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "result", rename_all = "camelCase")]
pub enum Receipt {
    /// It was done, and seen to be done.
    Done {
        /// The id of what was created.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<RemoteId>,
    },
    /// It was done, and what the target holds differs from what was sent: a warning.
    Differs {
        /// The id of what was created.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<RemoteId>,
        /// How it differs, and what to do about it.
        cause: String,
        /// What the target did not keep as it was sent.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        unkept: Vec<Unkept>,
        /// The name that the target gave it, where that is another than was sent.
        #[serde(skip_serializing_if = "Option::is_none")]
        named: Option<String>,
    },
    /// It was so already: nothing was written.
    AlreadySo {
        /// The id of what was found.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<RemoteId>,
    },
    /// The object is not what the plan saw: nothing was written.
    Stale {
        /// What is different.
        cause: String,
    },
    /// What could be done was done; the rest waits for something outside, such as a record in
    /// DNS.
    Waiting {
        /// What for, and what to do.
        cause: String,
    },
    /// It was tried and is not so.
    Failed {
        /// Why, with status, method, path and the server's words.
        cause: String,
    },
    /// Something that no step takes away vanished with it: all writing stopped.
    Damaged {
        /// What.
        cause: String,
    },
    /// It was not tried, because of something else.
    Skipped {
        /// Because of this.
        because: Address,
        /// In words.
        cause: String,
    },
    /// It was not tried: the run was interrupted.
    Pending,
}

impl Receipt {
    /// Whether what the step wanted is so.
    #[must_use]
    pub const fn is_so(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Differs { .. } | Self::AlreadySo { .. })
    }

    /// Whether a request of the step may have had an effect.
    #[must_use]
    pub const fn may_have_written(&self) -> bool {
        match self {
            Self::Done { .. }
            | Self::Differs { .. }
            | Self::Failed { .. }
            | Self::Damaged { .. } => true,
            Self::AlreadySo { .. }
            | Self::Stale { .. }
            | Self::Waiting { .. }
            | Self::Skipped { .. }
            | Self::Pending => false,
        }
    }

    /// The id of what was created or found.
    #[must_use]
    pub const fn id(&self) -> Option<&RemoteId> {
        match self {
            Self::Done { id } | Self::Differs { id, .. } | Self::AlreadySo { id } => id.as_ref(),
            Self::Stale { .. }
            | Self::Waiting { .. }
            | Self::Failed { .. }
            | Self::Damaged { .. }
            | Self::Skipped { .. }
            | Self::Pending => None,
        }
    }
}

/// What a writer says of one step: the receipt, and whether all writing must stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What became of the step.
    pub receipt: Receipt,
    /// Why nothing more may be written: the credential was refused (401, 403), something vanished
    /// that no step takes away, or somebody became an administrator whom no step names.
    pub halt: Option<String>,
    /// The id and name that the step learned, where the receipt does not hold them.
    pub made: Option<Made>,
}

impl From<Receipt> for Report {
    fn from(receipt: Receipt) -> Self {
        Self { receipt, halt: None, made: None }
    }
}

/// All receipts, in the order of the steps.
#[derive(Clone, Debug)]
#[must_use]
pub struct Outcome {
    /// The steps with what became of each.
    pub receipts: Vec<(Step, Receipt)>,
    /// Why writing stopped before the end, if it did.
    pub halted: Option<String>,
}

impl Outcome {
    /// Whether everything is as it was wanted. A run that was halted is not, even where each step
    /// was made: what halts it after the last one is worth looking at, such as a removal that was
    /// taken back.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.halted.is_none() && self.receipts.iter().all(|(_, receipt)| receipt.is_so())
    }

    /// Whether all that is missing waits for something outside.
    #[must_use]
    pub fn only_waits(&self) -> bool {
        let fine =
            |receipt: &Receipt| receipt.is_so() || matches!(receipt, Receipt::Waiting { .. });
        self.halted.is_none() && self.receipts.iter().all(|(_, receipt)| fine(receipt))
    }

    /// The receipt of one step.
    #[must_use]
    pub fn receipt(&self, id: StepId) -> Option<&Receipt> {
        self.receipts.iter().find(|(step, _)| step.id == id).map(|(_, receipt)| receipt)
    }
}
