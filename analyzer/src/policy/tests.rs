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
        (
            "base = \"last_month\"\n",
            "base = \"last_month\"\nunit_kinds = []\n",
            &["[\"squad\"]", "leave it out"],
        ),
        (
            "base = \"last_month\"\n",
            "base = \"last_month\"\nunit_kinds = [\"team\"]\n",
            &["team", "detachment", "squad"],
        ),
        (
            "base = \"last_month\"\n",
            "base = \"last_month\"\nfreeze_day = 30\n",
            &["freeze_day = 30", "1 to 28"],
        ),
        ("base = \"last_month\"\n", "base = \"last_month\"\nseed_source = \" \"\n", &["one line"]),
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
fn a_figure_out_of_range_is_named_in_every_block() {
    for (from, to, parts) in [
        ("[crew]\nofficers = 2", "[crew]\nofficers = 0", &["officers = 0", "1 to 20"][..]),
        ("[session.seam]\nmilliseconds = 40", "[session.seam]\nmilliseconds = 40_000_000", &["0 to 3600000"]),
        (
            "[upload.deadline]\nmilliseconds = 86_400_000",
            "[upload.deadline]\nmilliseconds = 0",
            &["write 1 to"],
        ),
        ("[reconcile.held.dock]\ndays = 30", "[reconcile.held.dock]\ndays = 0", &["days = 0", "1 to 3660"]),
        ("per_item = 2", "per_item = 1", &["2 or more", "不得少于两人"]),
        ("unit_kinds = [\"office\"]", "unit_kinds = []", &["[\"office\"]"]),
        ("[review.blind]\npercent = 20", "[review.blind]\npercent = 120", &["0 to 100"]),
        ("appeal_days = 5", "appeal_days = 0", &["appeal_days = 0", "1 to 365"]),
        ("{word}〔{year}〕{serial}号", "{word}〔{year}〕号", &["{serial}"]),
        ("reply_days = 5", "reply_days = 500", &["1 to 365"]),
        (
            "escalates_to = \"inform\"",
            "escalates_to = \"reminder\"",
            &["inform, supervise, proposal, decision"],
        ),
        ("word = \"静城管督告\"", "word = \"静城管督提\"", &["reminder", "alike"]),
        ("yellow = 4", "yellow = 2", &["more than blue, which is 2"]),
        ("freeze_day = 2", "freeze_day = 21", &["day 21", "a day before that"]),
        ("freeze_day = 2", "freeze_day = 0", &["from 1"]),
        ("draft_days_before = 3", "draft_days_before = 0", &["1 or more"]),
    ] {
        let (message, line) = error_after(from, to);
        for part in parts {
            assert!(message.contains(part), "{to}: {message}");
        }
        // The line of the key itself, which is the last of what was replaced.
        let line = line + to.matches('\n').count();
        assert!(message.contains(&format!("line {line}, column 1")), "{to}: {message}");
    }
}

#[test]
fn a_wrong_type_or_word_is_named_in_every_block() {
    for (from, to, parts) in [
        ("[crew]\nofficers = 2", "[crew]\nofficers = \"two\"", &["invalid type", "u32"][..]),
        ("severity = \"notice\"", "severity = \"grave\"", &["grave", "notice"]),
        ("per_visit = 2", "per_visit = -2", &["u32"]),
        ("hide_findings = true", "hide_findings = 1", &["a boolean"]),
        ("escalates_to = \"inform\"", "escalates_to = \"warning\"", &["warning", "inform"]),
        ("span = \"half_year\"", "span = \"week\"", &["week", "half_year"]),
        ("remind_days_before = 3", "remind_days_before = \"3\"", &["invalid type", "u32"]),
    ] {
        let (message, _) = error_after(from, to);
        assert!(message.starts_with("policy x.toml: line "), "{message}");
        for part in parts {
            assert!(message.contains(part), "{to}: {message}");
        }
    }
}

/// Every figure of a policy file, by its path; not what says where it comes from.
fn figures(path: &str, value: &toml::Value, found: &mut Vec<(String, toml::Value)>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                if !["clause", "words", "status"].contains(&key.as_str()) {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    figures(&path, value, found);
                }
            }
        }
        toml::Value::Array(list) if list.iter().any(toml::Value::is_table) => {
            for (number, value) in (1..).zip(list) {
                figures(&format!("{path}.{number}"), value, found);
            }
        }
        other => found.push((path.to_owned(), other.clone())),
    }
}

#[test]
fn every_key_of_every_policy_is_shown_in_words_once() {
    for (name, text) in BUILT_IN {
        let summary = Policy::built_in(name).unwrap().summary();
        let mut names: Vec<&str> = summary.rules.iter().map(|line| line.name.as_str()).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "{name}: no line twice");
        let mut all = Vec::new();
        figures("", &toml::from_str(text).unwrap(), &mut all);
        let besides = ["name", "district", "title", "document"];
        for (path, value) in all {
            let of = |name: &str| summary.rules.iter().find(|line| line.name == name);
            if besides.contains(&path.as_str()) {
                continue;
            }
            if let Some(rest) = path.strip_prefix("check.") {
                // A check is told by its rules; what stands beside them has a line of its own.
                let own = ["unit_kinds", "freeze_day", "seed_source"];
                if let Some(key) = own.into_iter().find(|key| rest.ends_with(key)) {
                    assert!(summary.rules.iter().any(|line| line.name.ends_with(key)), "{name}: {path}");
                }
                continue;
            }
            // A table within a line, such as points by kind, stands in the line of the table.
            let line = of(&path).or_else(|| of(path.rsplit_once('.').map_or("", |(above, _)| above)));
            let line = line.unwrap_or_else(|| panic!("{name}: {path} is not shown"));
            for says in [&line.says, &line.says_zh] {
                assert!(!says.contains("{}") && !says.contains(" = "), "{name}: {path} has no words: {says}");
                if let (Some(number), false) =
                    (value.as_integer(), path.ends_with("milliseconds") || path.ends_with("ppm"))
                {
                    assert!(says.contains(&number.to_string()), "{name}: {path}: {says}");
                }
            }
            assert!(!line.says_zh.is_ascii(), "{name}: {path}: {}", line.says_zh);
            assert!(!line.source.clause.is_empty() && !line.source.words.is_empty(), "{name}: {path}");
        }
        for (check, rule) in
            Policy::built_in(name).unwrap().checks.iter().flat_map(|c| c.rules.iter().map(move |r| (c, r)))
        {
            assert!(names.contains(&format!("check.{}.{}", check.kind, rule.id).as_str()));
        }
    }
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
        ("[crew]\n", "[crew]\nofficer = 3\n", "officer"),
        ("[review.teams]\n", "[review.teams]\nper_case = 3\n", "per_case"),
        ("[notices.kinds.inform]\n", "[notices.kinds.inform]\nreply = 3\n", "reply"),
        ("[scores.levels]\n", "[scores.levels]\ngreen = 3\n", "green"),
        ("[schedule]\n", "[schedule]\ndraw_day = 3\n", "draw_day"),
        ("[reconcile.held.dock]\n", "[reconcile.held.dock]\nhours = 3\n", "hours"),
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
            .any(|line| line.says_zh == "每季度抽查上季度全过程视音频记录：全年覆盖全部一线执法队员")
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
    assert_eq!(Base::LastQuarter.months(month("2024-04")), (month("2024-01"), month("2024-03")));
    assert_eq!(Base::LastQuarter.months(month("2024-02")), (month("2023-10"), month("2023-12")));
    let mut check = Policy::built_in("qingpu-2023").unwrap().checks[0].clone();
    for (base, months) in [(Base::LastQuarter, [1, 4, 7, 10]), (Base::ThisQuarter, [3, 6, 9, 12])] {
        check.base = base;
        let all = Within::Year.months(month("2024-01"));
        let with_round: Vec<u32> =
            all.into_iter().filter(|month| check.has_round(*month)).map(Month::number).collect();
        assert_eq!(with_round, months, "{base}");
    }
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
        for figure in ["crew.officers", "session.seam", "session.overlap", "upload.deadline", "upload.duty"]
            .into_iter()
            .chain(["reconcile.differs", "reconcile.held.bodycam", "reconcile.held.dock"])
        {
            let line = lines.iter().find(|line| line.name == figure);
            let line = line.unwrap_or_else(|| panic!("{name}: no {figure} in {names:?}"));
            assert_eq!(line.source.status, Status::ToBeConfirmed, "{name}: {figure}");
        }
    }
}
