//! What the errors of the layers below become: one place, so that the same failure is always the same document.

use analyzer::reconcile::ReconcileError;
use analyzer::sample::{ActError, DrawError, FreezeError};
use axum::extract::rejection::{PathRejection, QueryRejection};
use catalog::Month;
use catalog::store::StoreError;

use super::{Code, Problem, refusals};
use crate::accounts::AccountError;
use crate::accounts::password::{LEAST_CHARS, PasswordError};
use crate::casework::CaseworkError;
use crate::excuses::ExcuseError;
use crate::fixity::FixityError;
use crate::operations::OperationError;
use crate::reconciliation::ReconciliationError;
use crate::retention::RetentionError;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::new(
                Code::CatalogBusy,
                "Another process is writing to the catalog; try again in a moment.",
                "另有程序正在写入目录库，请稍后重试。",
            ),
            StoreError::ExcuseOnRecord { reason, stage, recorded_at } => Self::new(
                Code::OnRecord,
                format!(
                    "The excuse `{reason}` for {stage}, recorded at {recorded_at}, stands on record with other words: an \
                     excuse is never rewritten. Withdraw it, and record the new one; nothing was changed."
                ),
                "该环节在同一时刻已登记同一事由而内容不同：已登记的不得改写，请核对后另行登记。",
            ),
            other => Self::new(
                Code::CatalogFailed,
                "The catalog could not be read; the log says why under the number of this request.",
                "目录库无法读取，原因已按请求编号记入日志。",
            )
            .because(&other),
        }
    }
}

impl From<CaseworkError> for Problem {
    fn from(error: CaseworkError) -> Self {
        match error {
            CaseworkError::Operation(error) => error.into(),
            CaseworkError::NoRules { policy, block } => Self::new(
                Code::NoRules,
                format!("The policy {policy} has no block [{block}]."),
                format!("方案 {policy} 未设 [{block}] 部分。"),
            ),
            CaseworkError::OtherPolicy { round, of, given } => Self::new(
                Code::BadParameter,
                format!("Round {round} is of the policy {of}, and this service works under {given}."),
                format!("批次 {round} 属于方案 {of}，本服务使用方案 {given}。"),
            ),
            CaseworkError::NoOfficer(badge) => Self::new(
                Code::NoBadge,
                format!("There is no officer of badge `{badge}`."),
                format!("没有警号为“{badge}”的人员。"),
            ),
            CaseworkError::Refused(refusal) => {
                let (en, zh) = refusals::review(&refusal);
                Self::new(Code::Refused, en, zh)
            }
            CaseworkError::NotAssigned { round, item } => Self::new(
                Code::Refused,
                format!("{item} is not assigned in round {round}."),
                format!("批次“{round}”中的“{item}”尚未分派审看人员。"),
            ),
            CaseworkError::Raced(what) => Self::new(
                Code::OnRecord,
                format!("Somebody else recorded something about {what} just now: look at it again first."),
                format!("刚有他人就“{}”作了记录，请先查看后再提交。", what.zh),
            ),
            CaseworkError::Notice(refusal) => {
                let (en, zh) = refusals::notice(&refusal);
                Self::new(Code::Refused, en, zh)
            }
            CaseworkError::NoUnit(unit) => Self::no_such_unit(&unit),
            CaseworkError::Input(words) => Self::body(sentence(&words.en), format!("{}。", words.zh)),
            CaseworkError::KeptChanged { .. } => {
                let zh = format!("{}。", error.zh());
                Self::new(Code::KeptChanged, sentence(&error.to_string()), zh)
            }
            CaseworkError::Paper(_) | CaseworkError::File(_) => Self::internal(&error),
        }
    }
}

impl From<OperationError> for Problem {
    fn from(error: OperationError) -> Self {
        let detail = error.to_string();
        let refused = |code| Self::new(code, sentence(&detail), format!("{}。", error.zh()));
        match error {
            OperationError::Freeze(FreezeError::NoCheck { .. })
            | OperationError::Draw(DrawError::Seed(_))
            | OperationError::Act(ActError::NoReason) => refused(Code::BadBody),
            OperationError::Freeze(_)
            | OperationError::SeedKnown { .. }
            | OperationError::SeedTooEarly { .. }
            | OperationError::Act(ActError::NotDrawn(_) | ActError::NothingLeft(_)) => refused(Code::Refused),
            OperationError::Act(ActError::Twice(_)) => refused(Code::OnRecord),
            OperationError::Draw(DrawError::FrameAltered { .. }) | OperationError::StoredRound { .. } => {
                refused(Code::KeptChanged)
            }
            OperationError::EmptyFrame { kind, base_from, base_to, .. } => {
                let months = if base_from == base_to {
                    base_to.to_string()
                } else {
                    format!("{base_from} to {base_to}")
                };
                Self::new(
                    Code::EmptyMonth,
                    format!("No {} of {months} are on record: take them in first.", kind.en()),
                    format!("{}没有{}：请先导入。", months.replace(" to ", "至"), kind.zh()),
                )
            }
            OperationError::DrawnBefore { ref round, ref seed } => Self::new(
                Code::OnRecord,
                format!(
                    "Round {round} was drawn with the seed `{seed}` already; it is drawn again only as a redraw, with a reason."
                ),
                format!(
                    "批次{round}已用种子“{seed}”抽取，不得换种子再抽；确需重抽的，请办理重抽并写明理由。"
                ),
            ),
            OperationError::Store(error) => error.into(),
            OperationError::EmptyMonth { month, ref known }
            | OperationError::EmptyBaseMonth { base_month: month, ref known, .. } => {
                let en = if known.is_some() { detail } else { Self::no_stages().detail };
                Self::new(Code::EmptyMonth, en, empty_month_zh(month))
            }
            OperationError::NoRound { round, .. } => Self::new(
                Code::NoSuchRound,
                format!(
                    "There is no round `{round}`. Rounds are named MONTH/POLICY, such as 2024-06/jingan-2024; /api/v1/rounds \
                     lists them."
                ),
                format!(
                    "没有批次“{round}”。批次以“月份/方案”命名，例如 2024-06/jingan-2024；已有批次见 /api/v1/rounds。"
                ),
            ),
            OperationError::NotDrawn { round } => Self::new(
                Code::NotDrawn,
                format!("Round {round} is frozen but not drawn yet: announce a seed, then draw it."),
                format!("批次“{round}”已冻结但尚未抽取：请公布随机种子后抽取。"),
            ),
            OperationError::NoSorties { month, ref known } => {
                let en = if known.is_some() { detail } else { Self::no_sorties().detail };
                Self::new(
                    Code::EmptyMonth,
                    en,
                    format!("{month} 没有无人机架次：请另选月份，或先在“系统—数据导入”导入该月架次。"),
                )
            }
            OperationError::NoDroneGoal { ref policy } => {
                let detail_zh = format!(
                    "方案“{policy}”没有无人机覆盖目标：请在方案中增加 [drone_coverage]，或改用有此规定的方案。"
                );
                let detail = format!(
                    "The policy {policy} sets no goal for drones: work under one that does, or add [drone_coverage] to it."
                );
                Self::new(Code::NoRules, detail, detail_zh)
            }
            OperationError::NoFlyableArea => Self::new(
                Code::NoFlyableArea,
                "No flyable area was taken in yet: import the areas on the page System, Imports, as GeoJSON with kind = \
                 flyable and no_fly.",
                "尚未导入适航区域：请在“系统—数据导入”导入 GeoJSON，属性 kind 写 flyable 或 no_fly。",
            ),
            OperationError::Report(_) | OperationError::CutOff(_) => Self::internal(&error),
        }
    }
}

impl From<ReconciliationError> for Problem {
    fn from(error: ReconciliationError) -> Self {
        let detail = error.to_string();
        match error {
            ReconciliationError::Store(error) => error.into(),
            ReconciliationError::Month(error) => error.into(),
            ReconciliationError::Policy(ReconcileError::NoRules { policy }) => Self::new(
                Code::NoRules,
                detail,
                format!(
                    "方案“{policy}”没有 [reconcile] 规定，无从判断设备中的文件保存到何时：请补充后再核对。"
                ),
            ),
            ReconciliationError::CutOff(error) => Self::internal(&error),
        }
    }
}

impl From<FixityError> for Problem {
    fn from(error: FixityError) -> Self {
        let detail = error.to_string();
        match error {
            FixityError::Store(error) => error.into(),
            FixityError::NoRules { policy } => Self::new(
                Code::NoRules,
                detail,
                format!("方案“{policy}”没有 [fixity] 规定，无从判断录像应多久核验一次：请补充后再查看。"),
            ),
        }
    }
}

impl From<ExcuseError> for Problem {
    fn from(error: ExcuseError) -> Self {
        let detail = error.to_string();
        match error {
            ExcuseError::Store(error) => error.into(),
            ExcuseError::NoStage { stage, .. } => {
                Self::new(Code::NoSuchStage, sentence(&detail), format!("没有执法环节“{stage}”。"))
            }
            ExcuseError::NotAllowed { reason, policy, .. } => Self::new(
                Code::BadBody,
                detail,
                format!("方案 {policy} 未将“{}”列为可免责事由。", reason.zh()),
            ),
            ExcuseError::NoPart { stage, .. } => Self::new(
                Code::BadBody,
                detail,
                format!("所填时段不在“{stage}”的起止时间之内；如适用于整个环节，请留空。"),
            ),
            ExcuseError::NoneStands { stage, .. } | ExcuseError::Several { stage, .. } => {
                Self::new(Code::OnRecord, detail, format!("“{stage}”的该事由已撤回，无须再撤。"))
            }
            ExcuseError::Nobody => Self::body(sentence(&detail), "请注明办理人员。"),
            ExcuseError::Twice { stage, .. } => Self::new(
                Code::OnRecord,
                format!("An excuse of this reason for {stage} was recorded at this very moment."),
                format!("“{stage}”在同一时刻已记有同一事由。"),
            ),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        let detail = sentence(&error.to_string());
        let bad = |zh: &str| Self::new(Code::BadAccount, detail.clone(), zh);
        match error {
            AccountError::Store(error) => error.into(),
            AccountError::Password(PasswordError::Hashing(why)) | AccountError::Machine(why) => {
                Self::internal(&why)
            }
            AccountError::Password(error) => {
                let zh = match error {
                    PasswordError::TooShort => {
                        format!("口令至少 {LEAST_CHARS} 个字符，可用几个词连成一句。")
                    }
                    PasswordError::TooLong => "口令过长。".to_owned(),
                    PasswordError::OwnName => "口令不得包含用户名或姓名。".to_owned(),
                    _ => "该口令过于常见，请更换。".to_owned(),
                };
                Self { parameter: Some("password".to_owned()), ..Self::new(Code::BadAccount, detail, zh) }
            }
            AccountError::Wrong => {
                Self::new(Code::WrongPassword, detail, "请核对后重试；账户停用时也无法登录。")
            }
            AccountError::Resting(until) => Self::new(
                Code::AccountResting,
                detail,
                format!("该账户多次登录失败，请于 {until} 之后再试。"),
            ),
            AccountError::BadLogin(_) => {
                bad("用户名须为 2 至 64 位小写字母、数字或 . - _，并以字母或数字开头。")
            }
            AccountError::BadName => bad("名称须为 1 至 200 字节，且不含控制字符。"),
            AccountError::SquadWithoutUnit => bad("中队账户须指定所属单位。"),
            AccountError::UnitOfWhole => bad("系统管理员与审计人员可见全部单位，不得指定单位。"),
            AccountError::UnknownUnitOrBadge => bad("没有该单位或执法人员，请先导入。"),
            AccountError::BadTokenLife => bad("令牌有效期为 1 至 366 天。"),
            AccountError::LoginTaken(_) => {
                Self::new(Code::AccountTaken, detail, "用户名已被使用，且不会转给他人。")
            }
            AccountError::BadgeTaken(_) => Self::new(Code::AccountTaken, detail, "该执法人员已有账户。"),
            AccountError::NoSuchUser => Self::new(Code::NoSuchUser, detail, "没有该账户。"),
            AccountError::NoSuchToken => Self::new(Code::NoSuchToken, detail, "没有该有效令牌。"),
            AccountError::LastAdministrator => {
                Self::new(Code::LastAdministrator, detail, "这是最后一名可登录的系统管理员，请先增设另一名。")
            }
            AccountError::SetUpAlready => {
                Self::new(Code::SetUpAlready, detail, "系统已完成初始化，请直接登录。")
            }
        }
    }
}

impl From<RetentionError> for Problem {
    fn from(error: RetentionError) -> Self {
        let detail = error.to_string();
        match error {
            RetentionError::Store(error) => error.into(),
            RetentionError::NoRules { policy } => Self::new(
                Code::NoRules,
                detail,
                format!("方案“{policy}”没有 [retention] 规定，无从判断录像应保存到何时：请补充后再查看。"),
            ),
        }
    }
}

/// A message of an error as a sentence.
pub(super) fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first: String = chars.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

fn empty_month_zh(month: Month) -> String {
    format!("{month} 没有执法环节：请另选月份，或先在“系统—数据导入”导入该月案件和环节。")
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(
            Code::BadPath,
            format!("{}: write it in UTF-8, percent-encoded.", rejection.body_text()),
            "地址无法解读：请以 UTF-8 编码并作百分号转义。",
        )
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(
            Code::BadParameter,
            format!("{}: write name=value pairs, percent-encoded, with & between.", rejection.body_text()),
            "参数无法解读：请写作 名称=值，以 & 分隔，并作百分号转义。",
        )
    }
}
