//! A policy as people read it: each figure in words, with the clause it rests on and its status.

use catalog::device::DeviceKind;
use serde::Serialize;

use super::{Check, Length, Policy, ReconcileRules, Rule, ShareOf, Source, Status, Take, Within};

/// One figure of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleLine {
    /// Where it stands: `check.recordings.squads`, `return.due_day`.
    pub name: String,
    /// What it says, in English.
    pub says: String,
    /// The same in Chinese.
    pub says_zh: String,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// All figures of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Name of the policy.
    pub name: String,
    /// The district.
    pub district: String,
    /// Title of the plan.
    pub title: String,
    /// Number of the document.
    pub document: String,
    /// The figures: quotas first, then the return, then how a recording is judged.
    pub rules: Vec<RuleLine>,
    /// How many of them no public text confirms.
    pub to_be_confirmed: usize,
}

impl Policy {
    /// All figures in words.
    pub fn summary(&self) -> Summary {
        let mut rules = Vec::new();
        let mut add = |name: String, says: String, says_zh: String, source: &Source| {
            rules.push(RuleLine { name, says, says_zh, source: source.clone() });
        };
        for check in &self.checks {
            for rule in &check.rules {
                let name = format!("check.{}.{}", check.kind, rule.id);
                add(name, rule.in_english(check), rule.in_chinese(check), &rule.source);
            }
        }
        let due = &self.monthly_return;
        add(
            "return.due_day".into(),
            format!("the return is due on day {} of the month", due.due_day),
            format!("每月{}日前报送", due.due_day),
            &due.source,
        );
        add(
            "return.sentence".into(),
            format!("it reads: {}", due.sentence),
            format!("填报：{}", due.sentence),
            due.sentence_source.as_ref().unwrap_or(&due.source),
        );
        let stages: Vec<&str> = self.obligations.stages.iter().map(|stage| stage.as_str()).collect();
        let stages_zh: Vec<&str> = self.obligations.stages.iter().map(|stage| stage.zh()).collect();
        add(
            "obligations.stages".into(),
            format!("to be recorded in full: {}", stages.join(", ")),
            format!("应当全程录音录像的环节：{}", stages_zh.join("、")),
            &self.obligations.source,
        );
        let (tolerances, clock, inspect) = (&self.tolerances, &self.clock, &self.inspect);
        for (name, zh, length) in [
            ("tolerances.late_start", "开始录制不迟于", &tolerances.late_start),
            ("tolerances.early_stop", "结束录制不早于", &tolerances.early_stop),
            ("tolerances.gap", "中断不超过", &tolerances.gap),
            ("tolerances.no_audio", "无声不超过", &tolerances.no_audio),
            ("tolerances.black", "环节内黑屏不超过", &tolerances.black),
            ("tolerances.frozen", "环节内画面静止不超过", &tolerances.frozen),
            ("tolerances.silent", "环节内静音不超过", &tolerances.silent),
            ("tolerances.unreadable_reach", "无法读取文件的归属时限", &tolerances.unreadable_reach),
            ("clock.drift_per_day", "时钟每日误差不超过", &clock.drift_per_day),
            ("clock.never_synced", "校时情况不明的时钟误差按", &clock.never_synced),
            ("clock.disagreement", "两种起始时间相差不超过", &clock.disagreement),
            ("inspect.black", "黑屏持续", &inspect.black.length),
            ("inspect.frozen", "画面静止持续", &inspect.frozen.length),
            ("inspect.silent", "静音持续", &inspect.silent.length),
        ] {
            let text = length.us();
            add(name.into(), format!("{text}"), format!("{zh}{:.3}秒", text.as_s_f64()), &length.source);
        }
        let reasons: Vec<&str> = self.excuses.reasons.iter().map(|reason| reason.as_str()).collect();
        let reasons_zh: Vec<&str> = self.excuses.reasons.iter().map(|reason| reason.zh()).collect();
        add(
            "excuses.reasons".into(),
            format!("a stop is excused by: {}", reasons.join(", ")),
            format!("可以免责的情形：{}", reasons_zh.join("、")),
            &self.excuses.source,
        );
        rules.extend(self.custody_lines());
        let to_be_confirmed =
            rules.iter().filter(|rule: &&RuleLine| rule.source.status == Status::ToBeConfirmed).count();
        Summary {
            name: self.name.clone(),
            district: self.district.clone(),
            title: self.title.clone(),
            document: self.document.clone(),
            rules,
            to_be_confirmed,
        }
    }
}

impl Policy {
    /// The figures of a recording's way to the store, as far as the policy has them.
    fn custody_lines(&self) -> Vec<RuleLine> {
        let line = |name: &str, says: String, says_zh: String, source: &Source| RuleLine {
            name: name.to_owned(),
            says,
            says_zh,
            source: source.clone(),
        };
        let length = |name: &str, zh: &str, length: &Length| {
            let us = length.us();
            line(name, format!("{us}"), format!("{zh}{:.3}秒", us.as_s_f64()), &length.source)
        };
        let mut lines = Vec::new();
        if let Some(crew) = &self.crew {
            let (officers, us) = (crew.officers, crew.length.us());
            lines.push(line(
                "crew",
                format!("at least {officers} officers record; fewer for no longer than {us}"),
                format!("同时录制的执法人员不少于{officers}人，不足人数不超过{:.3}秒", us.as_s_f64()),
                &crew.length.source,
            ));
        }
        if let Some(session) = &self.session {
            lines.push(length("session.seam", "同一设备相邻文件衔接不超过", &session.seam));
            lines.push(length("session.overlap", "同一设备相邻文件重叠不超过", &session.overlap));
        }
        if let Some(upload) = &self.upload {
            lines.push(length("upload.deadline", "值勤结束后上传时限", &upload.deadline));
            lines.push(length("upload.duty", "录制结束后值勤至多再持续", &upload.duty));
        }
        if let Some(ReconcileRules { differs, held }) = &self.reconcile {
            lines.push(length("reconcile.differs", "清单与入库文件的起始时间、时长相差不超过", differs));
            for kind in DeviceKind::ALL {
                let days = held.of(*kind);
                lines.push(line(
                    &format!("reconcile.held.{}", kind.as_str()),
                    format!("{}: files are held for {} days at least", kind.as_str(), days.days),
                    format!("{}内文件至少保存{}日", kind.zh(), days.days),
                    &days.source,
                ));
            }
        }
        lines
    }
}

impl Rule {
    /// The rule in English: `in each round at least 10 % of all cases (recordings of the month before)`.
    pub fn in_english(&self, check: &Check) -> String {
        let within = self.within.en();
        let what = match (self.take, self.percent, self.count) {
            (Take::Items, Some(percent), _) => match self.of {
                ShareOf::Cases => format!("{percent} % of the number of all cases"),
                ShareOf::Population => format!("{percent} % of them"),
            },
            (take, Some(percent), _) => format!("{percent} % of all {}", take.en()),
            (take, None, count) => format!("{} {}", count.unwrap_or(0), take.en()),
        };
        let each = self.each.map_or("", |_| ", of each squad");
        let repeats = self
            .repeats_at_least
            .map_or_else(String::new, |n| format!(", among those made {n} times or more"));
        format!(
            "{} {}, a round {}: {within} at least {what}{each}{repeats}",
            check.kind.en(),
            check.base.en(),
            check.every.en()
        )
    }

    /// The rule in Chinese.
    pub fn in_chinese(&self, check: &Check) -> String {
        let within = match self.within {
            Within::Round => "每次".to_owned(),
            other => other.zh().to_owned(),
        };
        let each = self.each.map_or("", |_| "每个中队");
        let repeats = self.repeats_at_least.map_or_else(String::new, |n| format!("其中重复{n}次及以上的，"));
        let what = match (self.take, self.percent, self.count) {
            (Take::Items, Some(percent), _) => match self.of {
                ShareOf::Cases => format!("不少于案件总数的{percent}%"),
                ShareOf::Population => format!("不少于总数的{percent}%"),
            },
            (Take::Squads, Some(100), _) => "覆盖所有中队".to_owned(),
            (Take::Officers, Some(100), _) => "覆盖全部一线执法队员".to_owned(),
            (Take::Squads, Some(percent), _) => format!("中队数不少于{percent}%"),
            (Take::Officers, Some(percent), _) => format!("一线执法队员不少于{percent}%"),
            (take, None, count) => format!("不少于{}{}", count.unwrap_or(0), take.zh()),
        };
        format!(
            "{}抽查{}{}：{repeats}{within}{each}{what}",
            check.every.zh(),
            check.base.zh(),
            check.kind.zh()
        )
    }
}
