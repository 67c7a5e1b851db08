//! Red, yellow and blue: the points that notices bring a squad (基于“三单”的“红黄蓝”督察预警记分机制).
//!
//! Every point has an origin that is shown with it: the notice it stands on, and why. A notice counts in
//! the month in which it was issued; an answer that came late, or has not come, counts in the month of its
//! deadline. A notice that was withdrawn is shown with no points. Points add up over the span that policy
//! sets, from its beginning to the end of the month, and the sum decides the level.

use std::collections::{BTreeMap, BTreeSet};

use catalog::notice::{Notice, NoticeKind};
use catalog::unit::{Unit, UnitKind};
use catalog::{Month, WallTime};
use serde::{Deserialize, Serialize};

use crate::notice::{NoticeState, notice_standing};
use crate::policy::{Source, Status};

/// Over which time points add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// One month.
    Month,
    /// January to June, July to December.
    HalfYear,
    /// The calendar year.
    Year,
}

/// The points of each kind of notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointRules {
    /// By kind; a kind that is not named brings none.
    pub by_kind: BTreeMap<NoticeKind, u32>,
    /// For an answer that is late.
    pub late_reply: u32,
    /// Over which time they add up.
    pub span: Span,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// From how many points on each level holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelRules {
    /// Blue.
    pub blue: u32,
    /// Yellow.
    pub yellow: u32,
    /// Red.
    pub red: u32,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// The block `[scores]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreRules {
    /// The points.
    pub points: PointRules,
    /// The levels.
    pub levels: LevelRules,
}

impl ScoreRules {
    /// What is wrong with the figures, if anything.
    pub(crate) fn check(&self) -> Result<(), (Vec<String>, String)> {
        let LevelRules { blue, yellow, red, .. } = self.levels;
        if blue == 0 {
            return Err((vec!["levels".into(), "blue".into()], "blue = 0: write 1 or more".into()));
        }
        for (key, points, below, less) in [("yellow", yellow, "blue", blue), ("red", red, "yellow", yellow)] {
            if points <= less {
                let message = format!("{key} = {points}: write more than {below}, which is {less}");
                return Err((vec!["levels".into(), key.into()], message));
            }
        }
        Ok(())
    }

    fn level(&self, points: u64) -> Level {
        let from = |least: u32| points >= u64::from(least);
        match () {
            () if from(self.levels.red) => Level::Red,
            () if from(self.levels.yellow) => Level::Yellow,
            () if from(self.levels.blue) => Level::Blue,
            () => Level::None,
        }
    }
}

/// How grave the warning is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// No warning.
    None,
    /// 蓝色预警.
    Blue,
    /// 黄色预警.
    Yellow,
    /// 红色预警.
    Red,
}

impl Level {
    /// In English.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Blue => "blue",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }

    /// In Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::None => "无预警",
            Self::Blue => "蓝色预警",
            Self::Yellow => "黄色预警",
            Self::Red => "红色预警",
        }
    }
}

/// Why there are points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PointReason {
    /// A notice was issued.
    Issued,
    /// Its answer was late, or is overdue.
    LateReply,
    /// The notice was withdrawn: it brings nothing.
    Withdrawn,
}

impl PointReason {
    /// In English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::LateReply => "late reply",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// In Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Issued => "开具",
            Self::LateReply => "逾期回复",
            Self::Withdrawn => "已撤销，不计分",
        }
    }
}

/// Where points come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// Id of the notice.
    pub notice: u64,
    /// Its kind.
    pub kind: NoticeKind,
    /// Its number.
    pub number: String,
    /// When it counts.
    pub at: WallTime,
    /// The month in which it counts.
    pub month: Month,
    /// Why.
    pub reason: PointReason,
    /// How many.
    pub points: u32,
    /// Names of the obligations that the notice speaks of.
    pub items: Vec<String>,
}

/// One squad's score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitScore {
    /// Code of the unit.
    pub unit: String,
    /// Its name.
    pub name: String,
    /// Points of the month.
    pub month_points: u64,
    /// Points from the beginning of the span.
    pub points: u64,
    /// The level.
    pub level: Level,
    /// Where every point comes from, in order of time.
    pub origins: Vec<Origin>,
}

/// The scores of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScoreSheet {
    /// The month.
    pub month: Month,
    /// First month of the span.
    pub since: Month,
    /// Name of the policy.
    pub policy: String,
    /// Whether public texts confirm points and levels.
    pub status: Status,
    /// Every squad, and every other unit with a notice: the most points first, then by code.
    pub units: Vec<UnitScore>,
}

/// What scores are made from.
#[derive(Debug, Clone, Copy)]
pub struct ScoreInput<'a> {
    /// The month.
    pub month: Month,
    /// Name of the policy; notices of others do not count.
    pub policy: &'a str,
    /// The rules.
    pub rules: &'a ScoreRules,
    /// All notices.
    pub notices: &'a [Notice],
    /// All units.
    pub units: &'a [Unit],
    /// Now: what happens later is not known yet.
    pub now: WallTime,
}

fn first_month(month: Month, span: Span) -> Month {
    match span {
        Span::Month => month,
        Span::HalfYear => month.half_year()[0],
        Span::Year => Month::new(month.year(), 1).unwrap_or(month),
    }
}

/// The scores of a month.
pub fn scores(input: ScoreInput<'_>) -> ScoreSheet {
    let rules = input.rules;
    let since = first_month(input.month, rules.points.span);
    let mut origins: BTreeMap<&str, Vec<Origin>> = BTreeMap::new();
    for notice in input.notices.iter().filter(|notice| notice.body.policy == input.policy) {
        let standing = notice_standing(notice, input.now);
        let (Some(number), Some(issued_at), Some(due_at)) =
            (standing.number, standing.issued_at, standing.due_at)
        else {
            continue;
        };
        let withdrawn = standing.state == NoticeState::Withdrawn;
        let mut add = |at: WallTime, reason, points| {
            let Some(month) = at.month().filter(|month| (since..=input.month).contains(month)) else {
                return;
            };
            let mut items: Vec<String> = notice.body.facts.iter().map(|fact| fact.item.clone()).collect();
            // What followed a notice speaks of its first item once more, at the end.
            let mut seen = BTreeSet::new();
            items.retain(|item| seen.insert(item.clone()));
            let kind = notice.body.kind;
            let number = number.clone();
            let origin = Origin { notice: notice.id, kind, number, at, month, reason, points, items };
            origins.entry(&notice.body.unit).or_default().push(origin);
        };
        if withdrawn {
            add(issued_at, PointReason::Withdrawn, 0);
            continue;
        }
        let points = rules.points.by_kind.get(&notice.body.kind).copied().unwrap_or(0);
        add(issued_at, PointReason::Issued, points);
        if standing.late && rules.points.late_reply > 0 {
            // The deadline's last day, not the midnight after it.
            add(due_at - catalog::Micros(1), PointReason::LateReply, rules.points.late_reply);
        }
    }
    let mut units: Vec<UnitScore> = input
        .units
        .iter()
        .filter(|unit| unit.kind == UnitKind::Squad || origins.contains_key(unit.code.as_str()))
        .map(|unit| {
            let mut origins = origins.get(unit.code.as_str()).cloned().unwrap_or_default();
            origins.sort_by_key(|origin| (origin.at, origin.notice, origin.reason));
            let sum = |wanted: &dyn Fn(&Origin) -> bool| -> u64 {
                origins.iter().filter(|origin| wanted(origin)).map(|origin| u64::from(origin.points)).sum()
            };
            let points = sum(&|_| true);
            UnitScore {
                unit: unit.code.clone(),
                name: unit.name.clone(),
                month_points: sum(&|origin| origin.month == input.month),
                points,
                level: rules.level(points),
                origins,
            }
        })
        .collect();
    units.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| a.unit.cmp(&b.unit)));
    let confirmed =
        [&rules.points.source, &rules.levels.source].iter().all(|source| source.status == Status::Confirmed);
    ScoreSheet {
        month: input.month,
        since,
        policy: input.policy.to_owned(),
        status: if confirmed { Status::Confirmed } else { Status::ToBeConfirmed },
        units,
    }
}
