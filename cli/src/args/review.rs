//! `reelproof review …` on the command line.

use catalog::WallTime;
use catalog::finding::FindingCode;
use catalog::review::{Moment, Outcome};
use catalog::time::{MediaTime, US_PER_S};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum ReviewCommand {
    /// Assign what was drawn to supervisors; items that have theirs are left alone
    Assign(ReviewAssignArgs),
    /// Give a seat to another supervisor; the earlier assignment stays on record
    Reassign(ReassignArgs),
    /// Show where each item stands, as a supervisor may see it
    List(ReviewListArgs),
    /// Record a supervisor's verdict; a later one is one more entry, the earlier stays
    Verdict(VerdictArgs),
    /// Record a squad's explanation
    Explain(StatementArgs),
    /// Record a squad's appeal
    Appeal(StatementArgs),
    /// Decide an appeal, or between supervisors who disagree
    Decide(DecideArgs),
    /// Show how far supervisors agree who judged apart (Cohen's kappa)
    Agreement(RoundOnlyArgs),
    /// Record a supervision visit, whether or not it found anything
    Visit(VisitArgs),
    /// Show the visits
    Visits,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RoundOnlyArgs {
    /// Round, as `sample freeze` names it: 2024-06/jingan-2024
    #[arg(long)]
    pub round: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReviewAssignArgs {
    /// Round, as `sample freeze` names it
    #[arg(long)]
    pub round: String,

    /// Badge of who assigns
    #[arg(long, value_name = "BADGE")]
    pub by: String,

    /// Badges of those who review [default: the officers of the units that policy names]
    #[arg(long = "supervisor", value_name = "BADGE")]
    pub supervisors: Vec<String>,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReassignArgs {
    /// Which item, and who records it
    #[command(flatten)]
    pub item: ItemArgs,

    /// Badge of who held the seat
    #[arg(long, value_name = "BADGE")]
    pub from: String,

    /// Badge of who holds it from now on
    #[arg(long, value_name = "BADGE")]
    pub to: String,

    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReviewListArgs {
    /// Round, as `sample freeze` names it
    #[arg(long)]
    pub round: String,

    /// Badge of who looks: of the blind part, what this person may not see yet is hidden
    #[arg(long, value_name = "BADGE")]
    pub by: Option<String>,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ItemArgs {
    /// Round, as `sample freeze` names it
    #[arg(long)]
    pub round: String,

    /// Item: CASE/STAGE
    #[arg(long)]
    pub item: String,

    /// Badge of who records this
    #[arg(long, value_name = "BADGE")]
    pub by: String,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct JudgementArgs {
    /// regular, irregular, missing or excused
    #[arg(long, value_name = "OUTCOME")]
    pub outcome: Outcome,

    /// What is irregular: a code of docs/findings.md such as late_start; as often as needed
    #[arg(long = "code", value_name = "CODE")]
    pub codes: Vec<FindingCode>,

    /// Why, in words
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub note: String,

    /// A place in a recording: KEY@SECONDS or KEY@MM:SS; as often as needed
    #[arg(long = "at", value_name = "KEY@TIME", value_parser = moment)]
    pub moments: Vec<Moment>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct VerdictArgs {
    #[command(flatten)]
    pub item: ItemArgs,

    #[command(flatten)]
    pub judgement: JudgementArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StatementArgs {
    #[command(flatten)]
    pub item: ItemArgs,

    /// Its words
    #[arg(long, value_name = "TEXT")]
    pub text: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DecideArgs {
    #[command(flatten)]
    pub item: ItemArgs,

    #[command(flatten)]
    pub judgement: JudgementArgs,

    /// The appeal is granted
    #[arg(long, conflicts_with = "reject")]
    pub grant: bool,

    /// The appeal is rejected
    #[arg(long)]
    pub reject: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct VisitArgs {
    /// Code of the unit that was visited
    #[arg(long)]
    pub unit: String,

    /// Badge of the supervisor who records it
    #[arg(long, value_name = "BADGE")]
    pub by: String,

    /// Badges of the other supervisors
    #[arg(long = "with", value_name = "BADGE", required = true)]
    pub with: Vec<String>,

    /// From when
    #[arg(long, value_name = "TIME")]
    pub from: WallTime,

    /// Until when
    #[arg(long, value_name = "TIME")]
    pub to: WallTime,

    /// It was done from the desk, not on site
    #[arg(long)]
    pub online: bool,

    /// What was looked at and what came of it
    #[arg(long, value_name = "TEXT")]
    pub note: String,

    /// What was found wrong, one each; none where nothing was
    #[arg(long = "found", value_name = "TEXT")]
    pub found: Vec<String>,

    /// Policy: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,
}

/// Reads `KEY@SECONDS` or `KEY@[HH:]MM:SS`.
fn moment(text: &str) -> Result<Moment, String> {
    let bad = || format!("`{text}` is no place in a recording: write KEY@75.5 (seconds) or KEY@01:15");
    let (object_key, time) = text.rsplit_once('@').ok_or_else(bad)?;
    let mut at_us: i64 = 0;
    let parts: Vec<&str> = time.split(':').collect();
    let (Some((seconds, above)), false) = (parts.split_last(), object_key.is_empty()) else {
        return Err(bad());
    };
    if above.len() > 2 {
        return Err(bad());
    }
    for part in above {
        let number: u32 = part.parse().map_err(|_| bad())?;
        at_us = at_us.checked_add(i64::from(number)).and_then(|sum| sum.checked_mul(60)).ok_or_else(bad)?;
    }
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let whole: u32 = whole.parse().map_err(|_| bad())?;
    if fraction.len() > 6 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad());
    }
    let micros: i64 = format!("{fraction:0<6}").parse().map_err(|_| bad())?;
    let at_us = at_us
        .checked_add(i64::from(whole))
        .and_then(|sum| sum.checked_mul(US_PER_S))
        .and_then(|sum| sum.checked_add(micros))
        .ok_or_else(bad)?;
    Ok(Moment { object_key: object_key.to_owned(), at_us: MediaTime(at_us) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_recording_is_read_in_seconds_or_minutes() {
        let read = |text| moment(text).map(|moment| (moment.object_key, moment.at_us.0));
        assert_eq!(read("a@b.mp4@75.5"), Ok(("a@b.mp4".into(), 75_500_000)));
        assert_eq!(read("a.mp4@01:02:03"), Ok(("a.mp4".into(), 3_723_000_000)));
        for bad in ["a.mp4", "@5", "a@", "a@-1", "a@1:2:3:4", "a@1.1234567", "a@x", "a@1.5e3"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
