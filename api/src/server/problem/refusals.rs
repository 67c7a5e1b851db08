//! Why an act of review or on a notice is refused, as the service says it: whoever reads this sits before a page, and
//! fills in fields where the command takes options.

use analyzer::notice::NoticeRefusal;
use analyzer::review::Refusal;

/// In English and in Chinese, whole sentences.
pub(super) fn review(refusal: &Refusal) -> (String, String) {
    let said = |zh: String| (super::from::sentence(&refusal.to_string()), zh);
    let both = |en: &str, zh: &str| (en.to_owned(), zh.to_owned());
    match refusal {
        Refusal::NoSeat { badge, item, holders } => (
            format!(
                "{badge} holds no seat of {item}: its supervisors are {holders}. Have it reassigned on the round's page."
            ),
            format!("“{item}”未分派给您审看；需要调整的，请在该批次页面重新分派。"),
        ),
        Refusal::NoCodes => both(
            "An irregular verdict names what is irregular: choose at least one code.",
            "认定不规范的，应当写明问题种类：请至少选择一项。",
        ),
        Refusal::Codes => both(
            "Codes belong to an irregular verdict alone: choose none with another.",
            "问题种类只用于不规范的结论：其他结论请勿选择。",
        ),
        Refusal::NoteOfWhat => both(
            "An irregular verdict says what is irregular: write it in the note.",
            "认定不规范的，应当在说明中写明不规范之处。",
        ),
        Refusal::NoteOfLooking => both(
            "Say in the note what was looked for, or why it is excused.",
            "认定缺失或予以免责的，应当写明查找情况或免责理由。",
        ),
        Refusal::NoteOfChange => both(
            "A changed verdict says why: write it in the note. The earlier one stays on record.",
            "变更结论应当说明理由，原结论仍留存。",
        ),
        Refusal::NoteOfDecision => both("A decision says why: write it in the note.", "裁定应当说明理由。"),
        Refusal::NoWords => both("The statement is empty: write what there is to say.", "内容为空，请写明。"),
        Refusal::PastVerdicts { item, state } => (
            format!("{item} is {}: from then on only a decision changes what it is.", state.as_str()),
            format!("“{item}”已过审看阶段，此后只能以裁定变更。"),
        ),
        Refusal::GrantedOrNot => both(
            "Say whether the appeal is granted where there is one, and only there.",
            "有申诉时须写明是否支持，无申诉时不写。",
        ),
        Refusal::Recused { item, .. } => said(format!("您须对“{item}”回避，应由其他人员办理。")),
        Refusal::NothingAgainst { item, .. } => said(format!("“{item}”尚无不利结论，无须说明或申诉。")),
        Refusal::OtherUnit { item, .. } => said(format!("“{item}”属其他单位，应由该单位说明或申诉。")),
        Refusal::TooLate { last_day, .. } => said(format!("期限已过，最后一日为 {last_day}。")),
        Refusal::AppealedBefore { item } => said(format!("“{item}”已申诉过，申诉以一次为限。")),
        Refusal::DecidedBefore { item } => said(format!("“{item}”已经裁定，裁定为最终结论，不再受理申诉。")),
        Refusal::NothingToDecide { item, .. } => said(format!("“{item}”没有待裁定的申诉或分歧。")),
        Refusal::TookPart { item, .. } => said(format!("您参与过“{item}”的审看，应由他人裁定。")),
        Refusal::RejectedYetChanged { .. } => said("驳回申诉时结论不变。".to_owned()),
    }
}

/// In English and in Chinese, whole sentences.
pub(super) fn notice(refusal: &NoticeRefusal) -> (String, String) {
    let both = |en: &str, zh: &str| (en.to_owned(), zh.to_owned());
    match refusal {
        NoticeRefusal::NoAnswer => {
            both("The answer is empty: write what there is to say.", "回复内容为空，请写明。")
        }
        NoticeRefusal::NoteOfClosing => {
            both("Say in the note why the answer does.", "请在说明中写明整改到位的情况。")
        }
        NoticeRefusal::NoReason => both("Say why it no longer holds.", "请写明撤销理由。"),
        other => (super::from::sentence(&other.to_string()), format!("{}。", other.zh())),
    }
}
