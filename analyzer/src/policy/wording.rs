//! Words for the figures of a policy, by where they stand: `*` is any one name.

use catalog::case::StageKind;
use catalog::device::DeviceKind;
use catalog::excuse::ExcuseReason;
use catalog::notice::NoticeKind;
use catalog::unit::UnitKind;
use toml::Value;

/// Where a figure stands, and what it says in English and in Chinese; `{}` is the figure.
const WORDS: &[(&str, &str, &str)] = &[
    ("obligations.stages", "to be recorded in full: {}", "应当全程录音录像的环节：{}"),
    ("tolerances.late_start.milliseconds", "recording begins no more than {} late", "开始录制迟延不超过{}"),
    ("tolerances.early_stop.milliseconds", "recording stops no more than {} early", "提前结束录制不超过{}"),
    ("tolerances.gap.milliseconds", "recording breaks off for no more than {}", "录制中断不超过{}"),
    (
        "tolerances.no_audio.milliseconds",
        "a picture without sound for no more than {}",
        "有画面无声音不超过{}",
    ),
    (
        "tolerances.black.milliseconds",
        "a black picture within a stage for no more than {}",
        "环节内黑屏不超过{}",
    ),
    (
        "tolerances.frozen.milliseconds",
        "a frozen picture within a stage for no more than {}",
        "环节内画面静止不超过{}",
    ),
    ("tolerances.silent.milliseconds", "silence within a stage for no more than {}", "环节内静音不超过{}"),
    (
        "tolerances.unreadable_reach.milliseconds",
        "an unreadable file stands for a stage that begins within {} of it",
        "无法读取的文件，归属于其后{}内开始的环节",
    ),
    ("clock.drift_per_day.milliseconds", "a clock drifts by no more than {} a day", "时钟每日误差不超过{}"),
    (
        "clock.never_synced.milliseconds",
        "the clock of a device never known to be set is wrong by up to {}",
        "校时情况不明的时钟误差按{}计",
    ),
    (
        "clock.disagreement.milliseconds",
        "two sources of one start differ by no more than {}",
        "同一起始时间的两种来源相差不超过{}",
    ),
    ("inspect.*.milliseconds", "it counts from {} on", "持续{}以上的计入"),
    ("inspect.black.level_ppm", "a pixel is black up to {} of the range", "像素亮度不超过{}的视为黑"),
    ("inspect.black.area_ppm", "a picture is black if {} of its pixels are", "画面{}以上像素为黑的视为黑屏"),
    (
        "inspect.frozen.noise_ppm",
        "pictures are the same if they differ by no more than {}",
        "画面平均差异不超过{}的视为静止",
    ),
    ("inspect.silent.level_ppm", "a sample is silent up to {} of full scale", "音量不超过满幅{}的视为静音"),
    ("excuses.reasons", "a stop is excused by: {}", "可以免责的情形：{}"),
    ("crew.officers", "officers who record at a time, at least: {}", "同时录制的执法人员不少于{}人"),
    ("crew.severity", "fewer is a finding of severity {}", "不足人数的，按{}处理"),
    ("crew.milliseconds", "fewer may record for no more than {}", "不足人数的时间不超过{}"),
    ("session.seam.milliseconds", "from one file to the next no more than {}", "相邻两段文件衔接不超过{}"),
    (
        "session.overlap.milliseconds",
        "the next file reaches back by no more than {}",
        "后一文件与前一文件重叠不超过{}",
    ),
    ("upload.deadline.milliseconds", "to be stored within {} of the end of duty", "值勤结束后{}内上传"),
    (
        "upload.duty.milliseconds",
        "a duty lasts at most {} after a recording",
        "值勤结束时间按录制结束后至多{}计",
    ),
    (
        "reconcile.differs.milliseconds",
        "start and length on device and in store differ by no more than {}",
        "设备清单与存储的起始时间或时长相差不超过{}",
    ),
    (
        "reconcile.held.bodycam.days",
        "a body-worn camera holds a file for {} days",
        "执法记录仪保存不少于{}日",
    ),
    ("reconcile.held.drone.days", "a drone holds a file for {} days", "无人机保存不少于{}日"),
    ("reconcile.held.vehicle.days", "a vehicle camera holds a file for {} days", "车载视频保存不少于{}日"),
    ("reconcile.held.dock.days", "a dock holds a file for {} days", "无人机机场保存不少于{}日"),
    (
        "fixity.moved.days",
        "what was moved is read again within {} days",
        "存储位置或属性变动后{}日内重新核验",
    ),
    (
        "fixity.sampled.days",
        "what was drawn in a round is read again every {} days",
        "已被抽中的每{}日重新核验",
    ),
    ("fixity.case.days", "what a case rests on is read again every {} days", "案件证据每{}日重新核验"),
    ("fixity.other.days", "everything else is read again every {} days", "其余每{}日重新核验"),
    (
        "retention.routine.days",
        "footage that is evidence of no case is kept for {} days",
        "不作为案件证据的录像保存不少于{}日",
    ),
    (
        "retention.case.days",
        "evidence of a case is kept for {} days from its closing",
        "案件证据自结案起保存不少于{}日",
    ),
    ("retention.*.for_good", "kept for good: {}", "长期保存：{}"),
    (
        "retention.sampled.days",
        "what was drawn in a round is locked for {} days",
        "已被抽中的自抽取起锁定{}日",
    ),
    ("review.teams.per_item", "supervisors of one item: {}", "每件复核人员{}人"),
    ("review.teams.per_visit", "supervisors of a visit, at least: {}", "现场监督人员不少于{}人"),
    ("review.teams.unit_kinds", "officers of these units review: {}", "由下列单位人员复核：{}"),
    ("review.recusal.above", "officers of units above stand back: {}", "上级单位人员回避：{}"),
    ("review.recusal.below", "officers of units below stand back: {}", "下级单位人员回避：{}"),
    ("review.blind.percent", "{} % of the items are judged apart", "{}%的件实行背靠背复核"),
    (
        "review.blind.hide_findings",
        "what the machine found is hidden until the verdict: {}",
        "形成结论前不显示机器初核结果：{}",
    ),
    (
        "review.deadlines.verdict_days",
        "a verdict is due {} days after assignment",
        "分配后{}日内形成复核结论",
    ),
    ("review.deadlines.explanation_days", "a squad explains within {} days", "结论形成后{}日内可以说明情况"),
    ("review.deadlines.appeal_days", "a squad appeals within {} days", "结论形成后{}日内可以申诉"),
    ("review.deadlines.decision_days", "an appeal is decided within {} days", "申诉后{}日内作出裁定"),
    ("notices.form.issuer", "notices are issued by {}", "文书制发机关：{}"),
    ("notices.form.number", "a notice is numbered {}", "文号格式：{}"),
    ("notices.kinds.*.word", "its number begins with {}", "文号代字：{}"),
    ("notices.kinds.*.irregular_at_least", "drafted from {} irregular items on", "不规范{}件以上的开具"),
    ("notices.kinds.*.missing_at_least", "drafted from {} missing items on", "缺失{}件以上的开具"),
    ("notices.kinds.*.reply_days", "to be answered within {} days", "{}日内回复"),
    ("notices.kinds.*.escalates_to", "followed, unanswered, by {}", "逾期未回复的，制发{}"),
    ("notices.kinds.*.copies", "copies go to {}", "抄送{}"),
    (
        "notices.kinds.*.needs_approval",
        "issued once the party committee agreed: {}",
        "须经局党组研究同意后签发：{}",
    ),
    (
        "notices.kinds.*.reply_days_confirmed",
        "a public text gives the days to answer: {}",
        "回复期限有公开文本依据：{}",
    ),
    ("notices.kinds.*.demand", "it asks: {}", "要求：{}"),
    (
        "notices.kinds.*.demand_otherwise",
        "where no recording is at issue it asks: {}",
        "不涉及视音频记录的，要求：{}",
    ),
    ("scores.points.by_kind", "points a notice brings: {}", "各类文书记分：{}"),
    ("scores.points.late_reply", "points a late answer brings: {}", "逾期回复加记{}分"),
    ("scores.points.span", "points add up over: {}", "累计周期：{}"),
    ("scores.levels.blue", "blue from {} points on", "{}分起蓝色预警"),
    ("scores.levels.yellow", "yellow from {} points on", "{}分起黄色预警"),
    ("scores.levels.red", "red from {} points on", "{}分起红色预警"),
    ("schedule.freeze_day", "lists are closed on day {} of the month", "每月{}日冻结抽样名单"),
    (
        "schedule.remind_days_before",
        "supervisors are reminded {} days before a verdict is due",
        "复核期限届满前{}日提醒",
    ),
    (
        "schedule.draft_days_before",
        "the return is drafted {} days before it is due",
        "报送期限前{}日起草月报",
    ),
    ("schedule.seed_source", "seeds come about so: {}", "随机种子产生方式：{}"),
    (
        "drone_coverage.target.percent",
        "{} % of the flyable area is to be filmed in a month",
        "每月航拍覆盖适航区域不低于{}%",
    ),
    ("drone_coverage.grid.origin_lon_deg", "the grid's corner lies at longitude {}", "网格原点经度{}"),
    ("drone_coverage.grid.origin_lat_deg", "the grid's corner lies at latitude {}", "网格原点纬度{}"),
    ("drone_coverage.grid.cell_m", "a cell is {} m wide", "网格边长{}米"),
    (
        "drone_coverage.grid.seen_percent",
        "a cell is seen on a day on which {} % of it is filmed",
        "当日拍到格内适航面积{}%以上的视为已巡查",
    ),
    ("drone_coverage.grid.unseen_days", "a cell unseen for {} days is reported", "{}日未巡查的提示"),
    (
        "drone_coverage.sight.max_slant_m",
        "ground up to {} m from the camera is seen",
        "镜头至地面{}米以内视为可辨认",
    ),
    ("drone_coverage.sight.ground_m", "the ground lies {} m above the sea", "地面平均高程{}米"),
    ("drone_coverage.sight.take_off_m", "drones take off {} m above the ground", "起飞点高出地面{}米"),
    ("drone_coverage.sight.max_speed_mps", "faster than {} m/s is no flight", "超过每秒{}米的位移不视为飞行"),
    (
        "drone_coverage.swath.width_m",
        "without a direction of view, {} m across the track are seen",
        "不含云台姿态的，按航线宽度{}米计",
    ),
    (
        "drone_coverage.video.ends.milliseconds",
        "after take-off and before landing {} may go unrecorded",
        "起飞后、降落前各{}内可不录制",
    ),
    (
        "drone_coverage.video.gap.milliseconds",
        "between recordings of a flight no more than {}",
        "分段录制间隔不超过{}",
    ),
    (
        "drone_coverage.video.belongs.milliseconds",
        "a recording within {} of a flight belongs to it",
        "与架次起降时间相差{}以内的录像归属该架次",
    ),
    ("drone_coverage.camera.*.model", "field of view of {}", "机型：{}"),
    (
        "drone_coverage.camera.*.serials_begin",
        "of drones whose serial number begins with {}",
        "序列号前缀：{}",
    ),
    ("drone_coverage.camera.*.horizontal_deg", "{} degrees across", "水平视场角{}度"),
    ("drone_coverage.camera.*.vertical_deg", "{} degrees upright", "垂直视场角{}度"),
];

/// What a figure at this place says, in English and in Chinese, with `{}` in its place.
pub(super) fn in_words(path: &str) -> Option<(&'static str, &'static str)> {
    let fits = |pattern: &str| {
        let (mut names, mut parts) = (path.split('.'), pattern.split('.'));
        loop {
            match (names.next(), parts.next()) {
                (None, None) => return true,
                (Some(name), Some(part)) if part == "*" || part == name => {}
                _ => return false,
            }
        }
    };
    WORDS.iter().find(|(pattern, _, _)| fits(pattern)).map(|(_, en, zh)| (*en, *zh))
}

/// A figure as people write it, in English and in Chinese.
pub(super) fn value_in_words(path: &str, value: &Value) -> (String, String) {
    let key = path.rsplit('.').next().unwrap_or_default();
    match value {
        Value::Integer(number) if key == "milliseconds" => length(*number),
        Value::Integer(number) if key.ends_with("_ppm") => {
            let share = format!("{}%", trimmed(*number as f64 / 10_000.0));
            (share.clone(), share)
        }
        Value::Boolean(yes) => {
            let (en, zh) = if *yes { ("yes", "是") } else { ("no", "否") };
            (en.to_owned(), zh.to_owned())
        }
        Value::String(text) if text.is_empty() => ("anything else".to_owned(), "其他".to_owned()),
        Value::String(text) => (text.clone(), code_zh(text).unwrap_or(text).to_owned()),
        Value::Array(list) => {
            let both: Vec<_> = list.iter().map(|value| value_in_words(path, value)).collect();
            let join = |texts: Vec<&str>, between: &str| texts.join(between);
            (
                join(both.iter().map(|(en, _)| en.as_str()).collect(), ", "),
                join(both.iter().map(|(_, zh)| zh.as_str()).collect(), "、"),
            )
        }
        Value::Table(table) => {
            let both: Vec<(String, String)> = table
                .iter()
                .map(|(key, value)| {
                    let (en, zh) = value_in_words(key, value);
                    (format!("{key} {en}"), format!("{}{zh}", code_zh(key).unwrap_or(key)))
                })
                .collect();
            let en: Vec<&str> = both.iter().map(|(en, _)| en.as_str()).collect();
            let zh: Vec<&str> = both.iter().map(|(_, zh)| zh.as_str()).collect();
            (en.join(", "), zh.join("、"))
        }
        Value::Float(number) => (trimmed(*number), trimmed(*number)),
        other => (other.to_string(), other.to_string()),
    }
}

/// The Chinese word for a code of the field.
fn code_zh(code: &str) -> Option<&'static str> {
    let of_field = code
        .parse::<StageKind>()
        .map(StageKind::zh)
        .or_else(|_| code.parse::<ExcuseReason>().map(ExcuseReason::zh))
        .or_else(|_| code.parse::<UnitKind>().map(UnitKind::zh))
        .or_else(|_| code.parse::<NoticeKind>().map(NoticeKind::zh))
        .or_else(|_| code.parse::<DeviceKind>().map(DeviceKind::zh));
    match code {
        "half_year" => Some("半年"),
        "year" => Some("全年"),
        "month" => Some("每月"),
        "quarter" => Some("每季度"),
        "notice" => Some("提示"),
        "irregular" => Some("不规范"),
        _ => of_field.ok(),
    }
}

/// Milliseconds in the largest unit that needs no fraction, seconds otherwise.
fn length(milliseconds: i64) -> (String, String) {
    for (unit_ms, en, zh) in [(3_600_000, "hour", "小时"), (60_000, "minute", "分钟")] {
        if milliseconds >= unit_ms && milliseconds % unit_ms == 0 {
            let count = milliseconds / unit_ms;
            let plural = if count == 1 { "" } else { "s" };
            return (format!("{count} {en}{plural}"), format!("{count}{zh}"));
        }
    }
    let seconds = trimmed(milliseconds as f64 / 1000.0);
    (format!("{seconds} s"), format!("{seconds}秒"))
}

/// A decimal without zeros at its end.
fn trimmed(number: f64) -> String {
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{in_words, length};

    #[test]
    fn lengths_are_written_in_the_unit_that_people_would_use() {
        let both = |ms| {
            let (en, zh) = length(ms);
            format!("{en} / {zh}")
        };
        assert_eq!(both(40), "0.04 s / 0.04秒");
        assert_eq!(both(5_000), "5 s / 5秒");
        assert_eq!(both(60_000), "1 minute / 1分钟");
        assert_eq!(both(90_000), "90 s / 90秒");
        assert_eq!(both(86_400_000), "24 hours / 24小时");
    }

    #[test]
    fn a_star_stands_for_one_name() {
        assert!(in_words("notices.kinds.inform.word").is_some());
        assert!(in_words("notices.kinds.word").is_none());
        assert!(in_words("notices.kinds.inform.word.more").is_none());
    }
}
