//! Sending one step: proved right before, compared afterwards, and taken back where too few
//! administrators remain.

use std::collections::BTreeMap;

use super::proof::{Basis, Prover, Remaining};
use super::{Op, Report, Step, StepId, Writer};
use crate::kind::{Address, Family};
use crate::live::RemoteId;

/// How a step ended.
pub(super) struct Ended {
    pub(super) id: StepId,
    pub(super) report: Report,
    /// Why no step may lower the number of administrators any more.
    pub(super) broken: Option<String>,
    pub(super) remaining: Remaining,
}

/// Writes a step, proved right before it is sent and compared afterwards.
pub(super) async fn proved<W: Writer + Sync>(
    step: Step,
    known: BTreeMap<Address, RemoteId>,
    basis: Basis,
    writer: &W,
) -> Ended {
    let prover = Prover::new(writer, &step, basis);
    let report = writer.write(&step, &known, &prover).await;
    let may_have_taken = prover.takes() && report.receipt.may_have_written();
    let remaining = if may_have_taken { prover.remaining().await } else { Remaining::Enough };
    Ended { id: step.id, report, broken: prover.broken(), remaining }
}

/// The step that gives back what a step took from an administrator; `None` where nothing can.
pub(super) async fn take_back<W: Writer + Sync>(step: &Step, writer: &W) -> Option<Step> {
    let op = match (&step.op, &step.before) {
        (Op::RemoveMembers { group, users }, _) => {
            Op::AddMembers { group: group.clone(), users: users.clone() }
        }
        (Op::Delete { address, .. }, Some(before)) if is_given_again(address) => {
            let (address, fields) = (address.clone(), before.clone());
            Op::Create { address, fields, members: Vec::new() }
        }
        (Op::Update { address, remote, changed, .. }, Some(before)) => {
            let now = writer.look(address, remote).await.ok()??;
            Op::Update {
                address: address.clone(),
                remote: remote.clone(),
                expect: now.fingerprint(),
                version: now.version.clone(),
                after: before.clone(),
                changed: changed.clone(),
            }
        }
        (Op::Create { .. } | Op::AddMembers { .. } | Op::VerifyMembers { .. }, _)
        | (Op::Update { .. } | Op::Delete { .. }, _) => return None,
    };
    Some(Step { phase: step.phase, ..Step::new(step.id, op, Vec::new()) })
}

/// Whether an object that was deleted is the same when it is made again: a role is, an account and
/// a group get other ids.
const fn is_given_again(address: &Address) -> bool {
    match address.family() {
        Family::Grant => true,
        Family::Subject | Family::Group | Family::Membership | Family::Scope | Family::Plain => {
            false
        }
    }
}
