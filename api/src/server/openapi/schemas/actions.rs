//! The forms of what people record over HTTP beside verdicts and excuses, and of what comes of it.

use analyzer::policy::Population;
use catalog::filing::ReturnState;
use catalog::finding::FindingCode;
use catalog::import::ImportKind;
use catalog::notice::NoticeKind;
use catalog::review::Outcome;
use catalog::round::RoundActKind;
use catalog::unit::UnitKind;
use serde_json::{Value, json};

use super::super::month;
use super::{
    answer, codes, filled_text, form, list, number, object_of_any, or_null, text, time, to, yes_or_no,
};

/// What stands for itself on one line: what the store's own patterns ask of a seed.
fn seed() -> Value {
    json!({ "type": "string", "minLength": 1, "description": "One line of visible text, exactly as announced" })
}

pub(super) fn all() -> Vec<(&'static str, Value)> {
    let mut all = forms();
    all.extend(answers());
    all
}

fn forms() -> Vec<(&'static str, Value)> {
    let outcome = codes(Outcome::ALL.iter().map(|outcome| outcome.as_str()));
    let finding_codes = list(&codes(FindingCode::ALL.iter().map(|code| code.as_str())));
    let kind = codes(Population::ALL.iter().map(|kind| kind.as_str()));
    vec![
        (
            "Freeze",
            form(
                &[("month", month())],
                &[("policy", or_null(text())), ("kind", or_null(kind)), ("seed_source", or_null(text()))],
            ),
        ),
        ("Announced", form(&[("seed", seed())], &[])),
        ("Seed", form(&[("seed", seed())], &[("seed_at", or_null(time()))])),
        ("Redraw", form(&[("seed", seed()), ("reason", filled_text())], &[])),
        ("ItemReason", form(&[("id", filled_text()), ("reason", filled_text())], &[])),
        (
            "Extra",
            form(
                &[("unit", filled_text()), ("reason", filled_text())],
                &[("count", or_null(json!({ "type": "integer", "minimum": 1, "maximum": 1000 })))],
            ),
        ),
        ("Assign", form(&[], &[("reviewers", list(&filled_text()))])),
        (
            "Reassign",
            form(
                &[
                    ("id", filled_text()),
                    ("seat", json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX })),
                    ("to", filled_text()),
                    ("reason", filled_text()),
                ],
                &[],
            ),
        ),
        (
            "Decision",
            form(
                &[("id", filled_text()), ("decision", outcome), ("note", text())],
                &[
                    ("codes", finding_codes),
                    ("moments", list(&to("Moment"))),
                    ("granted", or_null(yes_or_no())),
                ],
            ),
        ),
        (
            "NewVisit",
            form(
                &[
                    ("unit", filled_text()),
                    ("with", list(&filled_text())),
                    ("from", time()),
                    ("to", time()),
                    ("note", text()),
                ],
                &[("online", yes_or_no()), ("found", list(&text()))],
            ),
        ),
        ("Moment", form(&[("object_key", text()), ("at_us", number())], &[])),
        (
            "DraftWish",
            form(
                &[],
                &[("round", or_null(text())), ("month", or_null(month())), ("policy", or_null(text()))],
            ),
        ),
        ("PolicyChoice", form(&[], &[("policy", or_null(text()))])),
        ("Issue", form(&[], &[("approved", or_null(text()))])),
        ("Reply", form(&[("text", filled_text())], &[])),
        ("Note", form(&[("note", filled_text())], &[])),
        ("Reason", form(&[("reason", filled_text())], &[])),
        ("Keep", form(&[("month", month())], &[("policy", or_null(text()))])),
        ("Nothing", form(&[], &[])),
    ]
}

fn answers() -> Vec<(&'static str, Value)> {
    let act = codes(RoundActKind::ALL.iter().map(|kind| kind.as_str()));
    let state = codes(ReturnState::ALL.iter().map(|state| state.as_str()));
    let notice = codes(NoticeKind::ALL.iter().map(|kind| kind.as_str()));
    let unit = codes(UnitKind::ALL.iter().map(|kind| kind.as_str()));
    let import = codes(ImportKind::ALL.iter().map(|kind| kind.as_str()));
    let assignment = [
        ("round", text()),
        ("item", text()),
        ("unit", text()),
        ("seat", number()),
        ("revision", number()),
        ("badge", text()),
        ("blind", yes_or_no()),
        ("assigned_at", time()),
        ("due_at", time()),
        ("assigned_by", text()),
        ("reason", or_null(text())),
    ];
    vec![
        ("AnnouncedSeed", answer(&[("round", text()), ("seed", text()), ("at", time()), ("by", text())])),
        (
            "RoundAct",
            answer(&[
                ("kind", act),
                ("at", time()),
                ("who", text()),
                ("why", text()),
                ("item", text()),
                ("taken", list(&text())),
            ]),
        ),
        ("Changes", object_of_any()),
        ("Assignment", answer(&assignment)),
        (
            "AssignPlan",
            answer(&[
                ("assignments", list(&to("Assignment"))),
                ("lacking", list(&object_of_any())),
                ("load", object_of_any()),
            ]),
        ),
        (
            "Visit",
            answer(&[
                ("number", number()),
                ("unit", text()),
                ("starts_at", time()),
                ("ends_at", time()),
                ("supervisors", list(&text())),
                ("on_site", yes_or_no()),
                ("note", text()),
                ("found", list(&text())),
                ("recorded_at", time()),
                ("recorded_by", text()),
            ]),
        ),
        ("Drafted", answer(&[("drafted", list(&number())), ("waiting", list(&text()))])),
        ("Escalations", answer(&[("escalated", list(&object_of_any()))])),
        (
            "Notice",
            answer(&[
                ("id", number()),
                ("kind", notice),
                ("month", text()),
                ("policy", text()),
                ("unit", text()),
                ("events", list(&object_of_any())),
                ("standing", object_of_any()),
            ]),
        ),
        (
            "KeptReturn",
            answer(&[
                ("id", text()),
                ("month", text()),
                ("policy", text()),
                ("state", state),
                ("version", number()),
                ("at", time()),
                ("by", text()),
                ("figures_sha256", text()),
                ("sentence", text()),
                ("files", list(&list(&text()))),
            ]),
        ),
        ("WithPassword", answer(&[("user", to("User")), ("password", text())])),
        (
            "Versions",
            answer(&[
                ("id", text()),
                ("store", text()),
                ("object_key", text()),
                ("gone_at", or_null(time())),
                ("readings", list(&to("Reading"))),
                ("alterations", list(&object_of_any())),
            ]),
        ),
        (
            "Reading",
            answer(&[
                ("version", number()),
                ("reading", number()),
                ("present", yes_or_no()),
                ("observed_at", time()),
                ("written_at", or_null(time())),
                ("size_bytes", number()),
                ("sha256", text()),
                ("sm3", or_null(text())),
                ("container", or_null(text())),
                ("started_at", or_null(time())),
                ("duration_us", or_null(number())),
                ("quarantined", yes_or_no()),
            ]),
        ),
        (
            "Shown",
            answer(&[
                ("id", text()),
                ("version", number()),
                ("sha256", text()),
                ("looked", or_null(object_of_any())),
                ("black", list(&to("Span"))),
                ("frozen", list(&to("Span"))),
                ("silent", list(&to("Span"))),
                ("undecodable", list(&to("Span"))),
                (
                    "sound",
                    or_null(answer(&[("start_us", number()), ("step_us", number()), ("levels", text())])),
                ),
                ("keyframe_step_us", or_null(number())),
            ]),
        ),
        ("Span", answer(&[("start_us", number()), ("end_us", number())])),
        (
            "ImportOutcome",
            answer(&[
                ("kind", import.clone()),
                ("rows", number()),
                ("new", number()),
                ("changed", number()),
                ("unchanged", number()),
            ]),
        ),
        (
            "ImportPreview",
            answer(&[
                ("kind", import),
                ("rows", or_null(number())),
                ("new", or_null(number())),
                ("changed", or_null(number())),
                ("unchanged", or_null(number())),
                ("problems", list(&to("ImportProblem"))),
                ("problems_total", number()),
                ("sample", list(&object_of_any())),
            ]),
        ),
        (
            "ImportProblem",
            answer(&[
                ("sheet", or_null(text())),
                ("row", or_null(number())),
                ("column", or_null(text())),
                ("found", text()),
                ("expected", text()),
                ("detail", text()),
                ("detail_zh", text()),
            ]),
        ),
        (
            "Source",
            answer(&[
                ("url", text()),
                ("added_at", time()),
                ("last_pass", or_null(object_of_any())),
                ("objects", number()),
                ("quarantined", number()),
                ("gone", number()),
                ("size_bytes", number()),
            ]),
        ),
        ("Sources", answer(&[("sources", list(&to("Source")))])),
        ("Quarantine", answer(&[("quarantined", list(&to("Recording"))), ("next", or_null(text()))])),
        ("AskedAgain", answer(&[("id", text()), ("asked_at", time())])),
        ("Unit", answer(&[("code", text()), ("name", text()), ("kind", unit), ("parent", or_null(text()))])),
        ("Units", answer(&[("units", list(&to("Unit")))])),
        (
            "PolicyLine",
            answer(&[
                ("name", text()),
                ("district", text()),
                ("title", text()),
                ("document", text()),
                ("in_force", yes_or_no()),
                ("to_be_confirmed", number()),
            ]),
        ),
        ("Policies", answer(&[("policies", list(&to("PolicyLine")))])),
        (
            "Policy",
            answer(&[
                ("name", text()),
                ("district", text()),
                ("title", text()),
                ("document", text()),
                ("rules", list(&to("RuleLine"))),
                ("to_be_confirmed", number()),
            ]),
        ),
        (
            "RuleLine",
            answer(&[
                ("name", text()),
                ("says", text()),
                ("says_zh", text()),
                ("clause", text()),
                ("words", text()),
                ("status", text()),
            ]),
        ),
    ]
}
