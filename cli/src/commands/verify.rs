//! `reelproof verify`: reading stored footage again, the riskiest first.

use std::process::ExitCode;
use std::sync::Arc;

use analyzer::fixity::{Due, FixityPlan, FixityState, Share, Wanted};
use api::fixity::{FixityError, plan};
use catalog::fixity::{FixityEnd, RiskClass};
use catalog::store::{FixityBegin, FixityFinding, FixityRunId, OpenMode};
use catalog::{Micros, WallTime};
use ingest::fixity::{Budget, FixitySummary, ToCheck};
use ingest::run::Ingest;
use serde::Serialize;

use crate::args::FixityArgs;
use crate::commands::ingest::{reader, run_options, stop_on_signal, warn_of_missing_layers};
use crate::context::Context;
use crate::failure::Failure;
use crate::progress::Shown;
use crate::show;

/// How many findings of a run its report names at most.
const FINDINGS: u32 = 10_000;

/// What would be read.
#[derive(Debug, Serialize)]
pub(crate) struct Planned {
    /// Name of the policy.
    pub policy: String,
    /// How it stands.
    #[serde(flatten)]
    pub state: FixityState,
    /// What would be read, in this order.
    pub plan: Vec<PlannedObject>,
}

/// An object that would be read.
#[derive(Debug, Serialize)]
pub(crate) struct PlannedObject {
    /// Its name in this catalog.
    pub id: String,
    /// Its key.
    pub object_key: String,
    /// Bytes.
    pub size_bytes: u64,
    /// Why.
    pub class: RiskClass,
    /// Its risk in parts per million; due at one million.
    pub risk_ppm: u64,
    /// When all of it was last read.
    pub read_at: WallTime,
}

/// What a run did.
#[derive(Debug, Serialize)]
pub(crate) struct Verified {
    /// Its number.
    pub run: FixityRunId,
    /// Name of the policy.
    pub policy: String,
    /// What was due when it began.
    pub due: Share,
    /// What it did.
    #[serde(flatten)]
    pub summary: FixitySummary,
    /// What is not as it was recorded, or could not be read.
    pub findings: Vec<FixityFinding>,
}

pub(crate) async fn run(context: &Context, args: &FixityArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let options = run_options(context, args.jobs, false)?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let wanted = Wanted { objects: args.max_objects as usize, all: args.all };
    let FixityPlan { due: planned, state } =
        plan(catalog.as_ref(), &policy, wanted, context.clock.now()).await?;
    if args.plan {
        let plan = planned.into_iter().map(planned_object).collect();
        let shown = Planned { policy: policy.name.clone(), state, plan };
        context.print(&shown, || show::verify::plan(context.lang, &shown))?;
        return Ok(ExitCode::SUCCESS);
    }

    let reader = reader(context, options.parallel)?;
    warn_of_missing_layers(context, reader.pool()).await?;
    let stop = stop_on_signal(context);
    let due = state.sum(|class| class.due);
    let begin = FixityBegin {
        at: context.clock.now(),
        policy: policy.name.clone(),
        budget_us: args
            .budget
            .map(|budget| Micros::from_s(i64::try_from(budget.as_secs()).unwrap_or(i64::MAX))),
        budget_bytes: args.budget_bytes,
        due_objects: due.objects,
        due_bytes: due.bytes,
    };
    let run = catalog.begin_fixity(&begin).await?;
    let to_check: Vec<ToCheck> = planned
        .into_iter()
        .map(|Due { object, class, .. }| ToCheck {
            store: object.store,
            object_key: object.object_key,
            size_bytes: object.size_bytes,
            class,
        })
        .collect();
    let ingest =
        Ingest { catalog: Arc::clone(&catalog), clock: Arc::clone(&context.clock), reader, options, stop };
    let budget = Budget { time: args.budget, bytes: args.budget_bytes };
    let mut summary = {
        let shown = Shown::new(context);
        ingest.verify(run, &to_check, budget, &|progress| shown.show(&progress)).await?
    };
    // Where more was due than a run takes, all that was planned may have been read, and not all that is due.
    if summary.end == FixityEnd::Done && !args.all && due.objects > to_check.len() as u64 {
        summary.end = FixityEnd::Budget;
    }
    catalog.end_fixity(run, summary.end, context.clock.now()).await?;
    let findings = catalog.fixity_findings(Some(run), FINDINGS).await?;
    let verified = Verified { run, policy: policy.name.clone(), due, summary, findings };
    context.print(&verified, || show::verify::text(context.lang, &verified))?;
    ended(&verified.summary)
}

/// How the command ends: never well where anything is not as it was recorded, or nobody knows.
fn ended(summary: &FixitySummary) -> Result<ExitCode, Failure> {
    if summary.altered + summary.missing > 0 {
        return Err(Failure::Evidence);
    }
    let unknown = summary.unreadable + summary.failures.len() as u64;
    if unknown > 0 {
        return Err(Failure::Ours(anyhow::anyhow!(
            "{unknown} could not be read; nothing was said of what they hold. Repeat the command once the cause is mended"
        )));
    }
    if summary.end == FixityEnd::Stopped {
        return Err(Failure::Ours(anyhow::anyhow!(
            "stopped on request; what was checked is kept, and the same command does the rest"
        )));
    }
    Ok(ExitCode::SUCCESS)
}

fn planned_object(Due { object, class, risk_ppm }: Due) -> PlannedObject {
    PlannedObject {
        id: object.id.name(),
        object_key: object.object_key,
        size_bytes: object.size_bytes,
        class,
        risk_ppm,
        read_at: object.read_at,
    }
}

impl From<FixityError> for Failure {
    fn from(error: FixityError) -> Self {
        match error {
            FixityError::Store(error) => error.into(),
            FixityError::NoRules { .. } => Self::Input(error.into()),
        }
    }
}
