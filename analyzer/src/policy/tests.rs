//! Policies are read, and mistakes are named with their place.

use catalog::Month;

use super::*;

const JINGAN: &str = BUILT_IN[0].1;

fn error(text: &str) -> String {
    Policy::parse("x.toml", text).unwrap_err().to_string()
}

/// The message about the text with one thing replaced, and the line on which that thing stands.
fn error_after(from: &str, to: &str) -> (String, usize) {
    let at = JINGAN.find(from).unwrap_or_else(|| panic!("{from} is not in the policy"));
    let line = JINGAN[..at].matches('\n').count() + 1;
    (error(&JINGAN.replacen(from, to, 1)), line)
}

#[test]
fn every_built_in_policy_is_valid_and_named_as_it_says() {
    for name in Policy::built_in_names() {
        assert_eq!(Policy::built_in(name).unwrap().name, name);
    }
    assert_eq!(Policy::built_in_names().count(), 3);
}

#[test]
fn a_policy_written_out_is_the_policy_read() {
    for name in Policy::built_in_names() {
        let policy = Policy::built_in(name).unwrap();
        let text = toml::to_string(&policy).unwrap();
        assert_eq!(Policy::parse(name, &text).unwrap(), policy);
    }
}

#[test]
fn a_mistake_is_named_with_line_and_column_and_what_to_write() {
    for (from, to, parts) in [
        ("due_day = 24", "due_day = 31", &["column 1", "from 1 to 28"][..]),
        ("\"seizure\"", "\"seizures\"", &["column 3", "seizures", "evidence_registration"]),
        ("[tolerances.gap]", "[tolerances.gaps]", &["gaps", "early_stop"]),
        ("percent = 10\n", "percent = 0\n", &["column 1", "percent = 0", "1 to 100"]),
        ("percent = 10\n", "percent = 10\ncount = 3\n", &["both percent and count"]),
        ("percent = 10\n", "", &["neither percent nor count"]),
        ("of = \"cases\"", "of = \"case\"", &["column 6", "case", "population"]),
        ("within = \"round\"", "within = \"year\"", &["of = \"cases\"", "leave it out"]),
        ("every = \"month\"", "every = \"week\"", &["week", "quarter"]),
        ("base = \"last_month\"", "base = \"this_quarter\"", &["write base = \"last_month\""]),
        ("kind = \"case_files\"", "kind = \"recordings\"", &["already"]),
        ("id = \"squads\"", "id = \"recordings\"", &["two rules"]),
        ("id = \"squads\"", "id = \"core\"", &["is taken"]),
        (
            "each = \"squad\"\nwithin = \"year\"",
            "each = \"officer\"\nwithin = \"year\"",
            &["officer", "squad"],
        ),
        ("repeats_at_least = 5", "repeats_at_least = 1", &["2 or more"]),
        ("{missing}条", "条", &["{missing}"]),
    ] {
        let (message, _) = error_after(from, to);
        for part in parts {
            assert!(message.contains(part), "{from} -> {to}: {message}");
        }
        assert!(message.starts_with("policy x.toml: line "), "{message}");
    }
    let (message, line) = error_after("due_day = 24", "due_day = 31");
    assert!(message.contains(&format!("line {line}, ")), "{message}");
}

#[test]
fn an_unknown_key_is_an_error_wherever_it_stands() {
    for (from, to, key) in [
        ("[clock.drift_per_day]\n", "[clock.drift_per_day]\nseconds = 3\n", "seconds"),
        ("[inspect.black]\n", "[inspect.black]\nlevel = 3\n", "level"),
        ("id = \"recordings\"\n", "id = \"recordings\"\npercents = 3\n", "percents"),
        ("[excuses]\n", "[excuses]\nreason = 3\n", "reason"),
        ("[return]\n", "[return]\nday = 3\n", "day"),
        ("name = ", "colour = 3\nname = ", "colour"),
        ("kind = \"recordings\"\n", "kind = \"recordings\"\nhow = 3\n", "how"),
    ] {
        let (message, line) = error_after(from, to);
        assert!(message.contains(&format!("`{key}`")), "{message}");
        let expected = line + usize::from(to.starts_with(from));
        assert!(message.contains(&format!("line {expected}, column 1")), "{key}: {message}");
    }
}

#[test]
fn a_policy_that_is_not_there_is_answered_with_those_that_are() {
    let message = Policy::built_in("nowhere-1999").unwrap_err().to_string();
    for name in Policy::built_in_names() {
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn a_summary_has_every_quota_with_its_words() {
    let lines = |name: &str| Policy::built_in(name).unwrap().summary().rules;
    let jingan = lines("jingan-2024");
    let of = |name: &str| jingan.iter().find(|line| line.name == name).unwrap();
    assert_eq!(
        of("check.recordings.recordings").says,
        "recordings of the month before, a round every month: in each round at least 10 % of the number of all cases"
    );
    assert_eq!(
        of("check.case_files.files_of_each_squad").says_zh,
        "每月抽查上月办结案卷：全年每个中队不少于10件"
    );
    assert_eq!(of("check.inspections.inspections").source.status, Status::ToBeConfirmed);
    assert!(of("check.complaints.repeated").says_zh.contains("其中重复5次及以上的"));
    let qingpu = lines("qingpu-2023");
    assert!(
        qingpu
            .iter()
            .any(|line| line.says_zh == "每季度抽查本季度全过程视音频记录：全年覆盖全部一线执法队员")
    );
}

#[test]
fn periods_are_those_of_the_calendar() {
    let month = |text: &str| text.parse::<Month>().unwrap();
    let text = |within: Within, of: &str| {
        let months = within.months(month(of));
        (months.first().unwrap().to_string(), months.len())
    };
    assert_eq!(text(Within::Round, "2024-05"), ("2024-05".into(), 1));
    assert_eq!(text(Within::Quarter, "2024-05"), ("2024-04".into(), 3));
    assert_eq!(text(Within::HalfYear, "2024-12"), ("2024-07".into(), 6));
    assert_eq!(text(Within::Year, "2024-12"), ("2024-01".into(), 12));
    assert_eq!(Base::ThisQuarter.months(month("2024-06")), (month("2024-04"), month("2024-06")));
    assert_eq!(Base::LastMonth.months(month("2024-01")), (month("2023-12"), month("2023-12")));
    assert!(Every::Quarter.has_round(month("2024-09")) && !Every::Quarter.has_round(month("2024-10")));
}

#[test]
fn every_built_in_policy_can_make_every_finding_and_says_what_no_public_text_confirms() {
    for name in Policy::built_in_names() {
        let policy = Policy::built_in(name).unwrap();
        assert!(policy.crew.is_some() && policy.session.is_some(), "{name}");
        assert!(policy.upload.is_some() && policy.reconcile.is_some(), "{name}");
        let lines = policy.summary().rules;
        let names: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len(), "{name}: a figure twice in {names:?}");
        for figure in ["crew", "session.seam", "session.overlap", "upload.deadline", "upload.duty"]
            .into_iter()
            .chain(["reconcile.differs", "reconcile.held.bodycam", "reconcile.held.dock"])
        {
            let line = lines.iter().find(|line| line.name == figure);
            let line = line.unwrap_or_else(|| panic!("{name}: no {figure} in {names:?}"));
            assert_eq!(line.source.status, Status::ToBeConfirmed, "{name}: {figure}");
        }
    }
}
