//! The printed notice: title, number, recipient, facts, clause, demand, deadline, signature, and on a page
//! of its own the receipt (回执) that the unit sends back.

use catalog::WallTime;
use catalog::notice::{Notice, NoticeAct, NoticeKind};

use super::standing::notice_standing;
use crate::deadline::date_zh;
use crate::office::{Paper, PaperError};
use crate::policy::Population;
use crate::sample::kind_of_round;

/// How the demand is introduced.
const fn introduction(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Reminder => "现就上述情况提醒如下：",
        NoticeKind::Inform => "现将上述情况告知你单位，并提出如下要求：",
        NoticeKind::Supervise => "现对上述问题予以督办，并提出如下要求：",
        NoticeKind::Proposal => "现提出如下执法监督建议：",
        NoticeKind::Decision => "现作出如下执法监督决定：",
    }
}

/// The notice as a Word document, as of `now`: an issued one bears its number, date and deadline, a draft
/// says that it is one.
///
/// # Errors
/// If the document cannot be put together.
pub fn paper(notice: &Notice, now: WallTime) -> Result<Vec<u8>, PaperError> {
    let body = &notice.body;
    let standing = notice_standing(notice, now);
    let kind = body.kind.zh();
    let number = standing.number.clone().unwrap_or_else(|| "（草稿，签发时编号）".to_owned());
    let date = standing.issued_at.map_or_else(|| "    年  月  日".to_owned(), date_zh);
    let mut paper = Paper::new()
        .title(&body.issuer)
        .title(kind)
        .centred(&number)
        .blank()
        .flush(&format!("{}：", body.unit_name))
        .text(&format!("经对{}进行抽查复核，发现你单位存在下列情况：", looked_at(notice)));
    for (position, fact) in (1..).zip(&body.facts) {
        paper = paper.text(&format!("{position}．{}", fact.text));
    }
    paper = paper
        .text(&format!("上述情况依据：{}。", body.clause))
        .text(introduction(body.kind))
        .text(&body.demand)
        .text(&deadline(notice, standing.due_at));
    if body.kind != NoticeKind::Reminder {
        paper = paper.text("如有异议，可在上述期限内一并书面提出，并附相关材料。");
    }
    let approval = notice.events.iter().find_map(|event| match &event.act {
        NoticeAct::Issued { approval, .. } => approval.as_deref(),
        _ => None,
    });
    if let Some(approval) = approval {
        paper = paper.text(&format!("本{}经局党组研究同意（{approval}）。", short(body.kind)));
    }
    paper = paper.blank().blank().signature(&body.issuer).signature(&date);
    if !body.copies.is_empty() {
        paper = paper.blank().flush(&format!("抄送：{}", body.copies.join("、")));
    }
    let row = |left: &str, right: &str| vec![left.to_owned(), right.to_owned()];
    paper
        .new_page("回  执")
        .blank()
        .flush(&format!("{}：", body.issuer))
        .text(&format!("你局《{kind}》（{number}）收悉，现将有关情况回复如下："))
        .table(
            &[1, 3],
            &[
                row("收文单位", &body.unit_name),
                row("收文日期", "        年    月    日"),
                row("签收人", ""),
                row("整改（说明）情况", "\n\n\n\n\n\n（可另附页）"),
                row("单位负责人（签字、盖章）", "\n\n        年    月    日"),
            ],
        )
        .finish()
}

/// What the round looked at that its facts come from.
fn looked_at(notice: &Notice) -> &'static str {
    let round = notice.body.facts.first().map_or("", |fact| fact.round.as_str());
    match kind_of_round(round) {
        Population::Recordings => "执法全过程视音频记录",
        other => other.zh(),
    }
}

/// 单 or 书, as the kind's name ends.
fn short(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Proposal => "建议书",
        NoticeKind::Decision => "决定书",
        _ => "单",
    }
}

fn deadline(notice: &Notice, due_at: Option<WallTime>) -> String {
    let unconfirmed = if notice.body.reply_days_confirmed { "" } else { "（该期限依据待核）" };
    match due_at {
        Some(due_at) => {
            let date = date_zh(due_at - catalog::Micros(1));
            format!("请于{date}前将落实情况书面回复我局{unconfirmed}。")
        }
        None => format!(
            "请自收到本{}之日起{}日内将落实情况书面回复我局{unconfirmed}。",
            short(notice.body.kind),
            notice.body.reply_days
        ),
    }
}
