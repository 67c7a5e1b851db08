//! Fixity: which stored objects are due to be read again, and how it stands with all of them. Reading them is
//! `reelproof verify`'s; the service reads no footage for it.

use analyzer::evidence::Evidence;
use analyzer::fixity::{FixityPlan, FixityState, Planner, Wanted};
use analyzer::policy::Policy;
use catalog::WallTime;
use catalog::store::{Catalog, FixityFinding, FixityRun, ObjectId, StoreError};
use serde::Serialize;

/// Objects that are asked for at a time.
const PAGE: u32 = 2_000;

/// How many runs are shown.
const RUNS: u32 = 10;

/// How many findings are shown.
const FINDINGS: u32 = 100;

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum FixityError {
    /// The catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The policy says nothing of it.
    #[error(
        "the policy {policy} does not say how often stored footage is read again: add [fixity.moved], [fixity.sampled], \
         [fixity.case] and [fixity.other] with `days` to it (docs/policy.md), or name another policy with --policy"
    )]
    NoRules {
        /// Its name.
        policy: String,
    },
}

/// How it stands with the bytes of all that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FixityOverview {
    /// Name of the policy.
    pub policy: String,
    /// How it stands, by class.
    #[serde(flatten)]
    pub state: FixityState,
    /// The last runs, the latest first.
    pub runs: Vec<FixityRun>,
    /// The last checks that found something else than what was recorded, or could not be made; the latest first.
    pub findings: Vec<FixityFinding>,
}

/// What is to be read again as of a moment, by a policy's figures. It walks all that is held.
///
/// # Errors
/// Where the catalog fails, or the policy has no figures.
pub async fn plan(
    catalog: &dyn Catalog,
    policy: &Policy,
    wanted: Wanted,
    as_of: WallTime,
) -> Result<FixityPlan, FixityError> {
    let no_rules = || FixityError::NoRules { policy: policy.name.clone() };
    let rules = policy.fixity.as_ref().ok_or_else(no_rules)?;
    let ground = catalog.ground().await?;
    let evidence = Evidence::new(&ground);
    let mut planner = Planner::new(rules, &evidence, wanted, as_of);
    let mut after = ObjectId::BEFORE_ALL;
    loop {
        let page = catalog.held(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for object in page {
            planner.add(object);
        }
    }
    Ok(planner.finish())
}

/// How it stands with the bytes of all that is held, with what was last done about it.
///
/// # Errors
/// As for [`plan`].
pub async fn overview(
    catalog: &dyn Catalog,
    policy: &Policy,
    as_of: WallTime,
) -> Result<FixityOverview, FixityError> {
    let FixityPlan { state, .. } = plan(catalog, policy, Wanted { objects: 0, all: false }, as_of).await?;
    Ok(FixityOverview {
        policy: policy.name.clone(),
        state,
        runs: catalog.fixity_runs(RUNS).await?,
        findings: catalog.fixity_findings(None, FINDINGS).await?,
    })
}
