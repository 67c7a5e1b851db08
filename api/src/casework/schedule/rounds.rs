//! The steps of a round: freeze it on its day, draw it once the seed is there, assign what was drawn, draft
//! notices of what was found. Each check of the policy has a round of its own, and each goes its own way.

use analyzer::policy::Check;
use analyzer::sample::{Frozen, round_name};
use catalog::filing::StepOutcome;
use catalog::round::Round;

use super::{Came, Step, Steps, Work};
use crate::casework::SCHEDULE;
use crate::casework::notice::draft_notices;
use crate::casework::review::assign_round;
use crate::operations::{self, Drawn, FreezeOrder, OperationError};

impl Work<'_> {
    /// Freezes the round of every check that has one in the month, on its day.
    pub(super) async fn freeze(&self) -> Steps {
        let mut steps = Vec::new();
        for check in self.policy.checks.iter().filter(|check| check.has_round(self.month)) {
            let id = round_name(self.month, &self.policy.name, check.kind);
            steps.push((Some(id.clone()), self.freeze_one(check, &id).await));
        }
        steps
    }

    async fn freeze_one(&self, check: &Check, id: &str) -> Step {
        if self.now < self.rules.freezes_at(self.month, check) || self.catalog.round(id).await?.is_some() {
            return Ok(None);
        }
        let seed_source = self.policy.seed_source(check.kind);
        let (month, kind) = (self.month, check.kind);
        let order = FreezeOrder { month, kind, seed_source, even_if_empty: false };
        match operations::freeze_round(self.catalog, self.policy, order, self.now).await {
            Ok(round) => Ok(Some(frozen(&round.frozen))),
            Err(OperationError::EmptyBaseMonth { base_month, .. }) => Ok(Some(Came::to(
                StepOutcome::Waiting,
                format!("nothing of {base_month} is on record: import its cases and stages"),
                format!("{base_month}没有案件和执法环节，请先导入"),
            ))),
            Err(OperationError::EmptyFrame { base_from, base_to, .. }) => {
                let (time, time_zh) = if base_from == base_to {
                    (base_to.to_string(), base_to.to_string())
                } else {
                    (format!("{base_from} to {base_to}"), format!("{base_from}至{base_to}"))
                };
                let freeze = format!("reelproof sample freeze --month {month} --kind {kind}");
                Ok(Some(Came::to(
                    StepOutcome::Waiting,
                    format!(
                        "no {} of {time} on record: import them; if there really was nothing, freeze the empty list, on the page of rounds or with `{freeze}`",
                        kind.en()
                    ),
                    format!(
                        "{time_zh}没有{}，请先导入；确无可抽查的，请在“抽查”页冻结空名单（命令行：{freeze}）",
                        kind.zh()
                    ),
                )))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The rounds of this policy that were frozen for the month, or for an earlier one.
    async fn rounds(&self) -> Result<Vec<Round>, super::CaseworkError> {
        let mut rounds = self.catalog.rounds().await?;
        rounds.retain(|round| round.policy == self.policy.name && round.month <= self.month);
        Ok(rounds)
    }

    /// Draws what has an announced seed; reminds of the seed where the month's round has none.
    pub(super) async fn draw(&self) -> Steps {
        let rounds = match self.rounds().await {
            Ok(rounds) => rounds,
            Err(error) => return vec![(None, Err(error))],
        };
        let mut steps = Vec::new();
        for round in rounds.iter().filter(|round| round.draw.is_none()) {
            steps.push((Some(round.id.clone()), self.draw_one(round).await));
        }
        steps
    }

    async fn draw_one(&self, round: &Round) -> Step {
        let id = &round.id;
        let Some(seed) = self.catalog.announced_seed(id).await? else {
            // An earlier month's is past its return; the explanation of this month's round counts it as missed.
            if round.month < self.month || is_empty(round) {
                return Ok(None);
            }
            let record = format!("reelproof schedule seed --round {id} --seed SEED --by BADGE");
            let source = seed_source_of(round);
            let (announced, announced_zh) =
                source.map(|source| (format!(" ({source})"), format!("（{source}）"))).unwrap_or_default();
            return Ok(Some(Came::to(
                StepOutcome::Waiting,
                format!(
                    "publish the frame {}, make the seed as announced{announced}, then record it, on the page of the round or with `{record}`",
                    round.frame_sha256
                ),
                format!(
                    "请公布抽样框摘要{}，按公布的方式产生随机种子{announced_zh}，并在批次页登记（命令行：{}）",
                    round.frame_sha256,
                    record.replace("SEED --by BADGE", "种子 --by 警号")
                ),
            )));
        };
        let Drawn { draw, .. } =
            operations::draw_round(self.catalog, id, &seed.seed, Some(seed.at), self.now).await?;
        Ok(Some(Came::to(
            StepOutcome::Done,
            format!("drew {} items with the seed `{}`", draw.items.len(), seed.seed),
            format!("以种子“{}”抽取{}件", seed.seed, draw.items.len()),
        )))
    }

    /// The drawn rounds of the month, and earlier ones that were drawn in it.
    async fn drawn(&self) -> Result<Vec<String>, super::CaseworkError> {
        let in_month = |round: &Round| {
            let drawn_at = round.draw.as_ref().map(|draw| draw.drawn_at);
            drawn_at.is_some_and(|at| round.month == self.month || at.month() == Some(self.month))
        };
        Ok(self.rounds().await?.into_iter().filter(in_month).map(|round| round.id).collect())
    }

    /// Gives supervisors to what was drawn.
    pub(super) async fn assign(&self) -> Steps {
        if self.policy.review.is_none() {
            return Vec::new();
        }
        let drawn = match self.drawn().await {
            Ok(drawn) => drawn,
            Err(error) => return vec![(None, Err(error))],
        };
        let mut steps = Vec::new();
        for id in drawn {
            let step = self.assign_one(&id).await;
            steps.push((Some(id), step));
        }
        steps
    }

    async fn assign_one(&self, id: &str) -> Step {
        let plan = assign_round(self.catalog, self.policy, id, &[], SCHEDULE, self.now).await?;
        let items = plan.assignments.iter().filter(|one| one.seat == 1).count();
        if !plan.lacking.is_empty() {
            let names: Vec<&str> = plan.lacking.iter().map(|one| one.item.as_str()).collect();
            return Ok(Some(Came::to(
                StepOutcome::Incomplete,
                format!(
                    "too few may judge {}: name others, on the page of the round or with `reelproof review assign --round {id} --supervisor BADGE`",
                    names.join(", ")
                ),
                format!(
                    "{}可承担复核的人员不足，请在批次页另行指定（命令行：reelproof review assign --round {id} --supervisor 警号）",
                    names.join("、")
                ),
            )));
        }
        if items == 0 {
            return Ok(None);
        }
        Ok(Some(Came::to(
            StepOutcome::Done,
            format!("assigned {items} items to supervisors"),
            format!("已分配复核任务{items}件"),
        )))
    }

    /// Drafts notices of what the rounds of this month and the six before it found and no notice speaks of yet.
    pub(super) async fn notices(&self) -> Steps {
        if self.policy.notices.is_none() {
            return Vec::new();
        }
        let rounds = match self.rounds().await {
            Ok(rounds) => rounds,
            Err(error) => return vec![(None, Err(error))],
        };
        // Explanations, appeals and decisions take weeks, not half-years.
        let since = (0..6).fold(self.month, |month, _| month.previous());
        let recent = |round: &&Round| round.draw.is_some() && round.month >= since;
        let mut steps = Vec::new();
        for round in rounds.iter().filter(recent) {
            steps.push((Some(round.id.clone()), self.notices_of(&round.id).await));
        }
        steps
    }

    async fn notices_of(&self, id: &str) -> Step {
        let drafted = draft_notices(self.catalog, self.policy, id, SCHEDULE, self.now).await?.drafted;
        if drafted.is_empty() {
            return Ok(None);
        }
        let ids: Vec<String> = drafted.iter().map(u64::to_string).collect();
        Ok(Some(Came::to(
            StepOutcome::Done,
            format!(
                "drafted notices {}: look at them and issue them, on the page of notices or with `reelproof notice issue`",
                ids.join(", ")
            ),
            format!("已起草督察文书{}，请审核后签发", ids.join("、")),
        )))
    }
}

/// What freezing came to; a quota that cannot be met is said at once.
fn frozen(frozen: &Frozen) -> Came {
    let mut detail = format!(
        "froze {} items ({}); frame {}; the seed: {}",
        frozen.frame_size,
        frozen.kind.en(),
        frozen.frame_sha256,
        frozen.seed_source
    );
    let mut detail_zh = format!(
        "已冻结{}{}条，抽样框摘要{}，种子产生方式：{}",
        frozen.kind.zh(),
        frozen.frame_size,
        frozen.frame_sha256,
        frozen.seed_source
    );
    for short in &frozen.shortfalls {
        detail.push_str(&format!("; rule {} cannot be met, {} short", short.rule, short.short_by));
        detail_zh.push_str(&format!("；{}无法满足，缺{}", short.rule, short.short_by));
    }
    Came::to(StepOutcome::Done, detail, detail_zh)
}

/// A field of the stored document, which may be an earlier version's.
fn stored(round: &Round, key: &str) -> Option<serde_json::Value> {
    let document: serde_json::Value = serde_json::from_str(&round.frozen_json).ok()?;
    document.get(key).cloned()
}

/// Whether there is nothing to be drawn from it.
fn is_empty(round: &Round) -> bool {
    stored(round, "frame_size").and_then(|size| size.as_u64()) == Some(0)
}

/// How its seed was announced to come about; rounds of the first format do not say.
fn seed_source_of(round: &Round) -> Option<String> {
    stored(round, "seed_source")?.as_str().map(str::to_owned)
}
