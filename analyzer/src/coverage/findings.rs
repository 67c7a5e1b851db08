//! What has to be looked into, with whom to ask and what to do next, in both languages.

use std::collections::BTreeMap;

use catalog::drone::{Sortie, SortieStatus};
use catalog::drone_finding::DroneFindingCode as Code;
use catalog::drone_month::DroneMonth;
use catalog::finding::{Severity, zh_length};
use catalog::observation::StartSource;
use catalog::snapshot::Recording;
use catalog::track::name;
use catalog::{Interval, IntervalSet, Micros, WallTime};

use super::flights::{Flight, Joined, usable};
use super::report::{Cells, Coverage, DroneFinding};
use crate::audit::device_error_us;
use crate::clocks::drift_over;
use crate::policy::{ClockRules, DroneRules};

/// How many names a sentence lists.
const LISTED: usize = 5;

/// Looks units up.
pub(super) struct Units<'a> {
    docks: BTreeMap<&'a str, &'a str>,
    drones: BTreeMap<&'a str, &'a str>,
    names: BTreeMap<&'a str, &'a str>,
}

impl<'a> Units<'a> {
    /// Those of a month.
    pub(super) fn of(month: &'a DroneMonth) -> Self {
        Self {
            docks: month.docks.iter().map(|dock| (dock.code.as_str(), dock.unit.as_str())).collect(),
            drones: month.drones.iter().map(|drone| (drone.serial.as_str(), drone.unit.as_str())).collect(),
            names: month.units.iter().map(|unit| (unit.code.as_str(), unit.name.as_str())).collect(),
        }
    }

    /// The unit to ask about a flight.
    pub(super) fn of_sortie(&self, sortie: &Sortie) -> Option<&'a str> {
        let dock = sortie.dock.as_deref().and_then(|dock| self.docks.get(dock));
        dock.or_else(|| self.drones.get(sortie.device.as_str())).copied()
    }

    fn of_device(&self, device: Option<&str>) -> Option<&'a str> {
        self.drones.get(device?).copied()
    }

    /// The name of a unit in a sentence.
    fn called(&self, unit: Option<&str>, zh: bool) -> String {
        match unit {
            Some(unit) => self.names.get(unit).map_or_else(|| unit.to_owned(), |&name| name.to_owned()),
            None if zh => "值班室".to_owned(),
            None => "the duty office".to_owned(),
        }
    }
}

struct Draft<'a> {
    code: Code,
    severity: Severity,
    subject: &'a str,
    unit: Option<&'a str>,
    at: Option<Interval<WallTime>>,
    observed: [String; 2],
    next: [String; 2],
}

fn finding(draft: Draft<'_>) -> DroneFinding {
    let ([observed, observed_zh], [next, next_zh]) = (draft.observed, draft.next);
    DroneFinding {
        code: draft.code,
        severity: draft.severity,
        subject: draft.subject.to_owned(),
        unit: draft.unit.map(str::to_owned),
        at: draft.at,
        observed,
        observed_zh,
        next,
        next_zh,
    }
}

/// What is to be said of flights, recordings and tracks.
pub(super) fn of_flights(
    month: &DroneMonth,
    joined: &Joined<'_>,
    units: &Units<'_>,
    rules: &DroneRules,
    clock: &ClockRules,
) -> Vec<DroneFinding> {
    let span = month.month.interval();
    let in_month = |at: WallTime| span.start <= at && at < span.end;
    let mut found = Vec::new();
    for flight in joined.flights.iter().filter(|flight| in_month(flight.sortie.took_off_at)) {
        of_flight(month, flight, units, rules, clock, &mut found);
    }
    let not_flown = month.sorties.iter().filter(|sortie| in_month(sortie.took_off_at)).filter(|sortie| {
        sortie.status == SortieStatus::Cancelled
            || sortie.status == SortieStatus::Planned && sortie.landed_at <= month.as_of
    });
    found.extend(not_flown.map(|sortie| of_plan(sortie, units)));
    let strays = joined.strays.iter().filter(|recording| recording.started_at.is_none_or(in_month));
    found.extend(strays.map(|recording| of_stray(recording, units)));
    found
}

fn of_flight(
    month: &DroneMonth,
    flight: &Flight<'_>,
    units: &Units<'_>,
    rules: &DroneRules,
    clock: &ClockRules,
    found: &mut Vec<DroneFinding>,
) {
    let sortie = flight.sortie;
    let unit = units.of_sortie(sortie);
    let (ask, ask_zh) = (units.called(unit, false), units.called(unit, true));
    let mut add = |code, severity, at, observed, next| {
        found.push(finding(Draft { code, severity, subject: &sortie.sortie, unit, at, observed, next }));
    };
    let named_is_there = sortie
        .object_key
        .as_ref()
        .is_none_or(|key| flight.recordings.iter().any(|recording| recording.object_key == *key));
    if let Some(key) = sortie.object_key.as_ref().filter(|_| !named_is_there && !flight.recordings.is_empty())
    {
        add(
            Code::Unmatched,
            Severity::Notice,
            None,
            [format!("the recording {key} is not stored"), format!("架次表所列视频 {key} 未入库")],
            [
                format!("ask {ask} to upload it, or correct the list of sorties"),
                format!("请{ask_zh}补传该视频，或更正架次表"),
            ],
        );
    }
    if let Some(file) = &sortie.track {
        let there = month.tracks.iter().any(|track| name(&track.object_key) == name(file));
        if !there {
            add(
                Code::Unmatched,
                Severity::Notice,
                None,
                [format!("the track {file} is not stored"), format!("架次表所列航迹文件 {file} 未入库")],
                [
                    format!("ask {ask} to put it beside the recording and take it in again"),
                    format!("请{ask_zh}将航迹文件放在视频同一目录后重新入库"),
                ],
            );
        }
    }
    let whole = Some(flight.interval());
    if flight.recordings.is_empty() {
        let key = sortie.object_key.as_deref();
        add(
            Code::NoVideo,
            Severity::Missing,
            whole,
            [
                key.map_or("no recording of this flight".to_owned(), |key| {
                    format!("its recording {key} is not stored")
                }),
                key.map_or("该架次没有视频".to_owned(), |key| format!("该架次的视频 {key} 未入库")),
            ],
            [
                format!(
                    "ask {ask} for the recording of {} before the drone's card is overwritten",
                    sortie.device
                ),
                format!("请{ask_zh}在机载存储被覆盖前补传设备 {} 的视频", sortie.device),
            ],
        );
        return;
    }
    for recording in flight.recordings.iter().filter(|recording| !usable(recording)) {
        let key = &recording.object_key;
        if recording.gone {
            add(
                Code::VideoGone,
                Severity::Missing,
                whole,
                [format!("{key} was stored and is gone"), format!("{key} 曾入库，现已不在存储中")],
                [
                    format!("restore it from a copy; ask who had access to the store of {ask}"),
                    format!("请从备份恢复，并向{ask_zh}核实删除原因"),
                ],
            );
        } else {
            let reason = recording.quarantine_reason();
            let detail = reason.map_or("it has no picture", |problem| problem.detail.as_str());
            let detail_zh = reason.map_or("文件中没有画面", |problem| problem.code.sentence_zh());
            add(
                Code::VideoUnreadable,
                Severity::Missing,
                whole,
                [format!("{key} cannot be used: {detail}"), format!("{key} 无法使用：{detail_zh}")],
                [
                    format!("ask {ask} for the original on the drone's card"),
                    format!("请{ask_zh}从机载存储卡重新导出原始文件"),
                ],
            );
        }
    }
    if flight.usable().next().is_none() {
        return;
    }
    if flight.seen.has_position() {
        let nowhere = flight.seen.known.nowhere_us;
        if nowhere > rules.video.ends.us() {
            add(
                Code::NoPosition,
                Severity::Notice,
                None,
                [
                    format!("{} s of its video have no position", nowhere.0 / 1_000_000),
                    format!("有{}视频没有航迹位置，未计入覆盖", zh_length(nowhere)),
                ],
                [format!("ask {ask} for the telemetry of that part"), format!("请{ask_zh}补传该时段的航迹")],
            );
        }
    } else {
        add(
            Code::NoPosition,
            Severity::Irregular,
            whole,
            [
                "its video has no position, so nothing of it counts as covered".to_owned(),
                "视频没有航迹位置，未计入覆盖面积".to_owned(),
            ],
            [
                format!("ask {ask} to switch subtitles (SRT) on and to upload them beside the video"),
                format!("请{ask_zh}开启飞行字幕（SRT）记录，并与视频一同上传"),
            ],
        );
    }
    // Of recordings of unknown start nobody can say when they ran.
    if flight.usable().all(|recording| recording.started_at.is_some()) {
        gaps(month, flight, rules, clock, &mut add);
    }
}

fn gaps(
    month: &DroneMonth,
    flight: &Flight<'_>,
    rules: &DroneRules,
    clock: &ClockRules,
    add: &mut impl FnMut(Code, Severity, Option<Interval<WallTime>>, [String; 2], [String; 2]),
) {
    let whole = flight.interval();
    let picture = flight.picture.intersection(&IntervalSet::from(whole));
    let resolution = flight.usable().map(|recording| recording.clock_error_us).max().unwrap_or(Micros::ZERO);
    let drone = month.drones.iter().find(|drone| drone.serial == flight.sortie.device);
    let error = resolution + device_error_us(drone, flight.sortie.took_off_at, clock);
    // Inside, two files of one drone were stamped by one clock, unless their times come from different ones.
    let mut sources = flight.usable().map(|recording| stamped_by(recording.started_at_source));
    let first = sources.next();
    let inside = if sources.all(|source| Some(source) == first) {
        resolution + resolution + drift_over(clock.drift_per_day.us(), whole.length())
    } else {
        resolution + error
    };
    for gap in picture.gaps_in(whole).iter() {
        let length = gap.length();
        let at_end = gap.start == whole.start || gap.end == whole.end;
        let tolerance = if at_end { rules.video.ends.us() } else { rules.video.gap.us() };
        if length <= tolerance {
            continue;
        }
        let explained = length <= tolerance + if at_end { error } else { inside };
        let severity = if explained { Severity::Notice } else { Severity::Irregular };
        let (doubt, doubt_zh) = if explained {
            (" (a clock wrong within its error explains it)", "（时钟误差内，不作认定）")
        } else {
            ("", "")
        };
        let (code, words, words_zh) = if picture.is_empty() {
            (Code::VideoShort, "no picture at all during the flight", "飞行期间没有画面")
        } else if gap.start == whole.start {
            (Code::VideoShort, "no picture after take-off", "起飞后未录制")
        } else if gap.end == whole.end {
            (Code::VideoShort, "no picture before landing", "降落前停止录制")
        } else {
            (Code::VideoGap, "no picture in mid-flight", "飞行途中没有画面")
        };
        add(
            code,
            severity,
            Some(*gap),
            [
                format!("{words} for {} s{doubt}", length.0 / 1_000_000),
                format!("{words_zh}，持续{}{doubt_zh}", zh_length(length)),
            ],
            [
                "look for a further file of this flight on the drone's card".to_owned(),
                "请在机载存储卡中查找该架次的其他分段文件".to_owned(),
            ],
        );
    }
}

/// Which clock stamped a recording: the satellites', one that a file beside it tells of, or the drone's own.
fn stamped_by(source: Option<StartSource>) -> Option<StartSource> {
    source.filter(|source| matches!(source, StartSource::Telemetry | StartSource::Sidecar))
}

fn of_plan(sortie: &Sortie, units: &Units<'_>) -> DroneFinding {
    let unit = units.of_sortie(sortie);
    let (ask, ask_zh) = (units.called(unit, false), units.called(unit, true));
    let cancelled = sortie.status == SortieStatus::Cancelled;
    let (why, why_zh) = match &sortie.note {
        Some(note) => (format!(": {note}"), format!("：{note}")),
        None if cancelled => (", without a reason".to_owned(), "，未注明原因".to_owned()),
        None => (String::new(), String::new()),
    };
    let observed = if cancelled {
        [format!("planned and cancelled{why}"), format!("计划架次已取消{why_zh}")]
    } else {
        [format!("planned, and no flight was entered{why}"), format!("计划架次未执行，也未登记飞行{why_zh}")]
    };
    let next = if sortie.note.is_some() {
        ["fly it at the next chance".to_owned(), "条件具备后补飞".to_owned()]
    } else {
        [
            format!("ask {ask} whether it was flown, and why not"),
            format!("请{ask_zh}核实是否执行；未执行的注明原因并安排补飞"),
        ]
    };
    let severity = if sortie.note.is_some() { Severity::Notice } else { Severity::Irregular };
    finding(Draft {
        code: Code::NotFlown,
        severity,
        subject: &sortie.sortie,
        unit,
        at: Some(Interval::new(sortie.took_off_at, sortie.landed_at)),
        observed,
        next,
    })
}

fn of_stray(recording: &Recording, units: &Units<'_>) -> DroneFinding {
    let unit = units.of_device(recording.device.as_deref());
    let (ask, ask_zh) = (units.called(unit, false), units.called(unit, true));
    let known = recording.started_at.is_some();
    let observed = if known {
        [
            "a drone's recording, and no sortie of that drone at that time".to_owned(),
            "有无人机视频，但该时段没有对应架次".to_owned(),
        ]
    } else {
        [
            "a drone's recording of unknown start, which no sortie names".to_owned(),
            "无人机视频起始时间不明，也没有架次引用".to_owned(),
        ]
    };
    finding(Draft {
        code: Code::NoSortie,
        severity: Severity::Irregular,
        subject: &recording.object_key,
        unit,
        at: super::flights::ran(recording),
        observed,
        next: [
            format!("ask {ask} which flight it is of and enter it; until then it covers nothing"),
            format!("请{ask_zh}补登该架次；补登前不计入覆盖面积"),
        ],
    })
}

/// What is to be said of the ground.
pub(super) fn of_ground(coverage: &Coverage, month: &DroneMonth, units: &Units<'_>) -> Vec<DroneFinding> {
    let mut found = Vec::new();
    if !coverage.target_met && coverage.flyable_m2 > 0.0 {
        let mut areas: Vec<_> =
            coverage.areas.iter().filter(|area| area.flyable_m2 > area.covered_m2).collect();
        areas.sort_by(|a, b| {
            (b.flyable_m2 - b.covered_m2).total_cmp(&(a.flyable_m2 - a.covered_m2)).then(a.name.cmp(&b.name))
        });
        let missing_km2 = (coverage.target * coverage.flyable_m2 - coverage.covered_m2) / 1e6;
        let names: Vec<&str> = areas.iter().take(3).map(|area| area.name.as_str()).collect();
        let (percent, goal) = (coverage.ratio.unwrap_or(0.0) * 100.0, coverage.target * 100.0);
        found.push(finding(Draft {
            code: Code::BelowTarget,
            severity: Severity::Irregular,
            subject: &coverage.month.to_string(),
            unit: None,
            at: None,
            observed: [
                format!("{percent:.1} % of the flyable area was filmed, the goal is {goal:.0} %"),
                format!("适航区域覆盖率{percent:.1}%，目标{goal:.0}%"),
            ],
            next: [
                format!("film {missing_km2:.2} km² more; most is missing in {}", names.join(", ")),
                format!("还需覆盖{missing_km2:.2}平方公里，缺口最大的是{}", names.join("、")),
            ],
        }));
    }
    let Cells { unseen, unseen_days, .. } = &coverage.cells;
    let mut by_dock: BTreeMap<Option<&str>, Vec<_>> = BTreeMap::new();
    for cell in unseen {
        by_dock.entry(cell.dock.as_deref()).or_default().push(cell);
    }
    for (dock, cells) in by_dock {
        let area_km2 = cells.iter().map(|cell| cell.flyable_m2).sum::<f64>() / 1e6;
        let listed: Vec<&str> = cells.iter().take(LISTED).map(|cell| cell.cell.as_str()).collect();
        let (more, more_zh) = if cells.len() > LISTED { (" …", "等") } else { ("", "") };
        let unit = dock.and_then(|dock| units.docks.get(dock)).copied();
        let dock_name = dock.and_then(|code| month.docks.iter().find(|dock| dock.code == code));
        let called = dock_name.map_or("", |dock| dock.name.as_str());
        let cells_text = listed.join(", ");
        let cells_zh = listed.join("、");
        found.push(finding(Draft {
            code: Code::NotSeen,
            severity: Severity::Notice,
            subject: dock.unwrap_or("-"),
            unit,
            at: None,
            observed: [
                format!("{} cells, {area_km2:.2} km², not seen for {unseen_days} days or more", cells.len()),
                format!("{}个方格（{area_km2:.2}平方公里）已{unseen_days}天以上未巡查", cells.len()),
            ],
            next: match dock {
                Some(dock) => [
                    format!("plan flights from {dock} {called} to {cells_text}{more}"),
                    format!("请安排{called}（{dock}）巡查 {cells_zh}{more_zh}"),
                ],
                None => [
                    format!("no dock reaches {cells_text}{more}: fly them by hand, or plan another dock"),
                    format!("{cells_zh}{more_zh}不在任何机场作业半径内，请人工起飞巡查或增设机场"),
                ],
            },
        }));
    }
    found
}

/// Something about an area's drawing.
pub(super) fn of_area(name: &str, observed: [String; 2], next: [String; 2]) -> DroneFinding {
    finding(Draft {
        code: Code::AreaRepaired,
        severity: Severity::Notice,
        subject: name,
        unit: None,
        at: None,
        observed,
        next,
    })
}
