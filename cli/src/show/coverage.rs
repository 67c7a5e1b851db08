//! Drone coverage as text: the figure and the goal, areas, docks, what to do next, then the flights.

use std::fmt::Write as _;

use analyzer::coverage::{AreaCoverage, Coverage, DroneFinding};
use catalog::Micros;
use catalog::finding::Severity;

use super::{lines, percent as share_of_time, table, tr};
use crate::args::Language;

/// The whole report; every flight and every unseen cell only if `all`.
pub(crate) fn text(lang: Language, coverage: &Coverage, all: bool) -> String {
    let mut text = summary(lang, coverage);
    let zh = lang == Language::Zh;
    section(&mut text, &areas(lang, tr(lang, "区域", "Area"), &coverage.areas));
    if !coverage.sub_districts.is_empty() {
        section(&mut text, &areas(lang, tr(lang, "街镇", "Sub-district"), &coverage.sub_districts));
    }
    section(&mut text, &docks(lang, coverage));
    if !coverage.findings.is_empty() {
        text.push_str(tr(lang, "\n需要处理的问题：\n", "\nTo be looked into:\n"));
        for finding in &coverage.findings {
            entry(lang, finding, &mut text);
        }
    }
    if all {
        section(&mut text, &sorties(lang, coverage));
        section(&mut text, &cells(lang, coverage));
    } else if !coverage.sorties.is_empty() {
        let _ = match lang {
            Language::Zh => writeln!(
                text,
                "\n另有架次明细 {} 条、未巡查方格 {} 个（加 --all 列出，加 --geojson 文件名 可在地图上查看）。",
                coverage.sorties.len(),
                coverage.cells.unseen.len()
            ),
            Language::En => writeln!(
                text,
                "\n--all lists {} sorties and {} unseen cells; --geojson FILE draws them on a map.",
                coverage.sorties.len(),
                coverage.cells.unseen.len()
            ),
        };
    }
    if !coverage.to_be_confirmed.is_empty() {
        let mut figures: Vec<&str> = coverage.to_be_confirmed.iter().map(|figure| figure.figure).collect();
        figures.dedup();
        let figures = figures.join(if zh { "、" } else { ", " });
        let _ = match lang {
            Language::Zh => writeln!(text, "\n以下参数为暂定值（待核）：{figures}"),
            Language::En => writeln!(text, "\nNot confirmed by a public text (待核): {figures}"),
        };
    }
    text
}

fn section(text: &mut String, part: &str) {
    text.push('\n');
    text.push_str(part);
}

/// The figure in a few lines; `demo` shows these, too.
pub(crate) fn summary(lang: Language, coverage: &Coverage) -> String {
    let (flyable, covered) = (km2(coverage.flyable_m2), km2(coverage.covered_m2));
    let (ratio, target) = (ratio(coverage.ratio), ratio(Some(coverage.target)));
    let joins = &coverage.joins;
    let cells = &coverage.cells;
    let verdict = match (lang, coverage.target_met) {
        (Language::Zh, true) => "已达标",
        (Language::Zh, false) => "未达标",
        (Language::En, true) => "reached",
        (Language::En, false) => "not reached",
    };
    match lang {
        Language::Zh => format!(
            "{} 无人机巡查覆盖（依据 {}）\n\
             适航面积 {flyable} 平方公里（已扣除禁飞区），已拍摄 {covered} 平方公里，覆盖率 {ratio}；目标 {target}，{verdict}\n\
             飞行 {} 架次，其中有视频 {}，有航迹位置 {}；无人机视频 {} 个，对应到架次 {}\n\
             {}米方格 {} 个，其中 {} 个在{}天内巡查过\n",
            coverage.month,
            coverage.policy,
            joins.sorties,
            joins.sorties_with_video,
            joins.sorties_with_position,
            joins.recordings,
            joins.recordings_matched,
            cells.cell_m,
            cells.cells,
            cells.seen,
            cells.unseen_days,
        ),
        Language::En => format!(
            "Drone coverage of {} under {}\n\
             {covered} of {flyable} km² of flyable ground filmed, {ratio}; the goal is {target}: {verdict}\n\
             {} sorties flown, {} with video, {} of these with a position; {} recordings of drones, {} of them of a sortie\n\
             {} of {} cells of {} m were seen within {} days\n",
            coverage.month,
            coverage.policy,
            joins.sorties,
            joins.sorties_with_video,
            joins.sorties_with_position,
            joins.recordings,
            joins.recordings_matched,
            cells.seen,
            cells.cells,
            cells.cell_m,
            cells.unseen_days,
        ),
    }
}

fn areas(lang: Language, what: &str, areas: &[AreaCoverage]) -> String {
    let heading = match lang {
        Language::Zh => [what, "适航(平方公里)", "已拍摄(平方公里)", "覆盖率"],
        Language::En => [what, "Flyable km²", "Filmed km²", "Filmed"],
    };
    let mut table = table(&heading, &[1, 2, 3]);
    for area in areas {
        table.add_row([area.name.clone(), km2(area.flyable_m2), km2(area.covered_m2), ratio(area.ratio)]);
    }
    lines(&table)
}

fn docks(lang: Language, coverage: &Coverage) -> String {
    let heading = match lang {
        Language::Zh => {
            ["机场", "架次", "有效视频", "半径内适航(平方公里)", "半径内已拍摄", "本机场拍摄(平方公里)"]
        }
        Language::En => ["Dock", "Sorties", "Filmed", "In reach km²", "Filmed in reach", "By its own km²"],
    };
    let mut table = table(&heading, &[1, 2, 3, 4, 5]);
    for dock in &coverage.docks {
        table.add_row([
            format!("{} {}", dock.dock, dock.name),
            dock.sorties.to_string(),
            dock.filmed_sorties.to_string(),
            km2(dock.reach_flyable_m2),
            ratio(dock.reach_ratio),
            km2(dock.covered_m2),
        ]);
    }
    lines(&table)
}

fn entry(lang: Language, finding: &DroneFinding, text: &mut String) {
    let DroneFinding { code, severity, subject, .. } = finding;
    let notice = if *severity == Severity::Notice { tr(lang, "（提示）", " (notice)") } else { "" };
    // Writing to a String cannot fail.
    let _ = match lang {
        Language::Zh => writeln!(
            text,
            "  {}{notice}  {subject}：{}\n      → {}",
            code.zh(),
            finding.observed_zh,
            finding.next_zh
        ),
        Language::En => {
            writeln!(text, "  {code}{notice}  {subject}: {}\n      → {}", finding.observed, finding.next)
        }
    };
}

fn sorties(lang: Language, coverage: &Coverage) -> String {
    let heading = match lang {
        Language::Zh => ["架次", "机场", "设备", "起飞", "状态", "录制占比", "适航拍摄(平方公里)"],
        Language::En => ["Sortie", "Dock", "Drone", "Took off", "Status", "Recorded", "Filmed km²"],
    };
    let mut table = table(&heading, &[5, 6]);
    for sortie in &coverage.sorties {
        let took_off = sortie.took_off_at.local();
        table.add_row([
            sortie.sortie.clone(),
            sortie.dock.clone().unwrap_or_else(|| "–".to_owned()),
            sortie.device.clone(),
            took_off.map(|at| at.format("%m-%d %H:%M").to_string()).unwrap_or_default(),
            match lang {
                Language::Zh => sortie.status.zh(),
                Language::En => sortie.status.as_str(),
            }
            .to_owned(),
            share_of_time(
                sortie.filmed_us,
                if sortie.flight_us > Micros::ZERO { sortie.flight_us } else { Micros::ZERO },
            ),
            km2(sortie.covered_m2),
        ]);
    }
    lines(&table)
}

fn cells(lang: Language, coverage: &Coverage) -> String {
    let heading = match lang {
        Language::Zh => {
            ["未巡查方格", "区域", "最近机场", "中心经纬度", "适航(平方公里)", "上次巡查", "未巡查天数"]
        }
        Language::En => ["Unseen cell", "Area", "Nearest dock", "Middle", "Flyable km²", "Last seen", "Days"],
    };
    let mut table = table(&heading, &[4, 6]);
    for cell in &coverage.cells.unseen {
        let since = match lang {
            Language::Zh => format!("{}起无", coverage.cells.since),
            Language::En => format!("not since {}", coverage.cells.since),
        };
        table.add_row([
            cell.cell.clone(),
            cell.area.clone().unwrap_or_default(),
            cell.dock.clone().unwrap_or_else(|| "–".to_owned()),
            format!("{:.5}, {:.5}", cell.centre[0], cell.centre[1]),
            km2(cell.flyable_m2),
            cell.last_seen.clone().unwrap_or(since),
            cell.unseen_days.to_string(),
        ]);
    }
    lines(&table)
}

fn km2(area_m2: f64) -> String {
    format!("{:.3}", area_m2 / 1e6)
}

/// Per cent with one digit, never rounded up: 74.96 % has not reached 75 %.
fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{:.1} %", (ratio * 1000.0 + 1e-9).floor() / 10.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_that_was_barely_missed_is_not_shown_as_reached() {
        assert_eq!(ratio(Some(0.7499)), "74.9 %");
        assert_eq!(ratio(Some(0.75)), "75.0 %");
        assert_eq!(ratio(None), "–");
    }
}
