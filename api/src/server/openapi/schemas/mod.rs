//! The forms of documents, as JSON schemas. What the server defines itself is described to the last field; of the large
//! documents that other rooms define (an audit, a return, a round) the fields on top, which is what a reader needs
//! to find their way.

mod actions;
mod custody;

use catalog::account::{Role, TokenScope, TrailOutcome};
use catalog::excuse::ExcuseReason;
use catalog::finding::FindingCode;
use catalog::review::{Outcome, StatementKind};
use serde_json::{Map, Value, json};

/// One of some codes.
pub(super) fn codes<'a>(codes: impl Iterator<Item = &'a str>) -> Value {
    json!({ "type": "string", "enum": codes.collect::<Vec<_>>() })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn filled_text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

fn login() -> Value {
    json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9._-]{1,63}$" })
}

fn number() -> Value {
    json!({ "type": "integer" })
}

fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn yes_or_no() -> Value {
    json!({ "type": "boolean" })
}

fn any() -> Value {
    json!({})
}

fn object_of_any() -> Value {
    json!({ "type": "object" })
}

fn list(of: &Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn to(schema: &str) -> Value {
    json!({ "$ref": super::reference(schema) })
}

/// Or `null`.
fn or_null(schema: Value) -> Value {
    let null = json!({ "type": "null" });
    Value::Object(Map::from_iter([("anyOf".to_owned(), Value::Array(vec![schema, null]))]))
}

/// What an answer holds: all of these fields, and perhaps further ones.
fn answer(fields: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> =
        fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

/// What a request holds: the first fields always, the others if there is something to say, and nothing else.
fn form(required: &[(&str, Value)], optional: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = required.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> =
        required.iter().chain(optional).map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "required": names, "properties": properties, "additionalProperties": false })
}

/// All schemas, by name.
pub(super) fn all() -> Map<String, Value> {
    let mut all = Map::new();
    for (name, schema) in accounts()
        .into_iter()
        .chain(forms())
        .chain(evidence())
        .chain(casework())
        .chain(actions::all())
        .chain(derivatives())
        .chain(log())
        .chain(custody::all())
    {
        all.insert(name.to_owned(), schema);
    }
    all
}

fn log() -> Vec<(&'static str, Value)> {
    vec![
        (
            "Log",
            answer(&[
                ("log", text()),
                ("size", number()),
                ("root", text()),
                ("begun_at", time()),
                ("keys", list(&answer(&[("vkey", text())]))),
                (
                    "checkpoint",
                    or_null(answer(&[
                        ("size", number()),
                        ("root", text()),
                        ("at", time()),
                        ("note", text()),
                    ])),
                ),
            ]),
        ),
        (
            "LogEntries",
            answer(&[
                (
                    "entries",
                    list(&answer(&[("index", number()), ("record", object_of_any()), ("leaf_hash", text())])),
                ),
                ("next", or_null(number())),
            ]),
        ),
        (
            "LogProof",
            answer(&[
                ("format", text()),
                ("checkpoint", text()),
                ("keys", list(&answer(&[("vkey", text())]))),
                (
                    "entries",
                    list(&answer(&[("index", number()), ("record", text()), ("proof", list(&text()))])),
                ),
            ]),
        ),
        (
            "ProofReport",
            answer(&[
                ("origin", or_null(text())),
                ("size", or_null(number())),
                ("at", or_null(time())),
                ("key", or_null(text())),
                ("entries", number()),
                ("faults", list(&answer(&[("code", text()), ("subject", text())]))),
            ]),
        ),
        (
            "LogConsistency",
            answer(&[
                ("from", number()),
                ("to", number()),
                ("from_root", text()),
                ("to_root", text()),
                ("proof", list(&text())),
            ]),
        ),
    ]
}

fn accounts() -> Vec<(&'static str, Value)> {
    let role = codes(Role::ALL.iter().map(|role| role.as_str()));
    let scope = codes(TokenScope::ALL.iter().map(|scope| scope.as_str()));
    let outcome = codes(TrailOutcome::ALL.iter().map(|outcome| outcome.as_str()));
    vec![
        (
            "Problem",
            answer(&[
                ("type", text()),
                ("title", text()),
                ("title_zh", text()),
                ("status", number()),
                ("detail", text()),
                ("detail_zh", text()),
                ("code", text()),
                ("request_id", text()),
            ]),
        ),
        ("Description", answer(&[("openapi", text()), ("paths", object_of_any())])),
        ("Health", answer(&[("status", text())])),
        (
            "User",
            answer(&[
                ("id", number()),
                ("login", text()),
                ("name", text()),
                ("role", role),
                ("unit", or_null(text())),
                ("badge", or_null(text())),
                ("created_at", time()),
                ("disabled_at", or_null(time())),
            ]),
        ),
        ("Users", answer(&[("users", list(&to("User")))])),
        (
            "Session",
            answer(&[
                ("user", to("User")),
                ("scope", or_null(scope.clone())),
                ("setup_required", yes_or_no()),
            ]),
        ),
        (
            "Token",
            answer(&[
                ("id", number()),
                ("user", number()),
                ("name", text()),
                ("scope", scope),
                ("created_at", time()),
                ("ends_at", time()),
                ("revoked_at", or_null(time())),
            ]),
        ),
        ("Tokens", answer(&[("tokens", list(&to("Token")))])),
        ("NewToken", answer(&[("token", to("Token")), ("secret", text())])),
        (
            "TrailLine",
            answer(&[
                ("id", number()),
                ("at", time()),
                ("user", or_null(number())),
                ("login", text()),
                ("act", text()),
                ("subject", text()),
                ("outcome", outcome),
                ("detail", json!({ "type": "object", "additionalProperties": { "type": "string" } })),
            ]),
        ),
        ("OidcOffer", answer(&[("begin", or_null(text())), ("label", or_null(text()))])),
        ("SignedOut", answer(&[("go_to", text())])),
        (
            "Identity",
            answer(&[
                ("issuer", text()),
                ("subject", text()),
                ("user", or_null(number())),
                ("name", text()),
                ("first_seen_at", time()),
                ("last_seen_at", time()),
            ]),
        ),
        ("Identities", answer(&[("identities", list(&to("Identity")))])),
        ("Trail", answer(&[("lines", list(&to("TrailLine"))), ("next", or_null(text()))])),
    ]
}

fn forms() -> Vec<(&'static str, Value)> {
    let role = codes(Role::ALL.iter().map(|role| role.as_str()));
    let scope = codes(TokenScope::ALL.iter().map(|scope| scope.as_str()));
    let password = json!({ "type": "string", "format": "password", "minLength": 12, "maxLength": 1024 });
    let days = json!({ "type": "integer", "minimum": 1, "maximum": crate::accounts::MOST_TOKEN_DAYS });
    let stage_no = json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX });
    vec![
        ("SignIn", form(&[("login", text()), ("password", text())], &[])),
        (
            "FirstAccount",
            form(
                &[
                    ("token", text()),
                    ("login", login()),
                    ("name", filled_text()),
                    ("password", password.clone()),
                ],
                &[],
            ),
        ),
        ("NewPassword", form(&[("old", text()), ("new", password.clone())], &[])),
        (
            "IdentityLink",
            form(&[("issuer", filled_text()), ("subject", filled_text())], &[("user", or_null(number()))]),
        ),
        ("TokenWish", form(&[("name", filled_text()), ("scope", scope), ("days", days)], &[])),
        (
            "NewAccount",
            form(
                &[
                    ("login", login()),
                    ("name", filled_text()),
                    ("role", role.clone()),
                    ("password", password.clone()),
                ],
                &[("unit", or_null(text())), ("badge", or_null(text()))],
            ),
        ),
        (
            "AccountChange",
            form(
                &[],
                &[
                    ("name", or_null(filled_text())),
                    ("role", or_null(role)),
                    ("unit", or_null(text())),
                    ("badge", or_null(text())),
                    ("disabled", or_null(yes_or_no())),
                    ("password", or_null(password)),
                ],
            ),
        ),
        (
            "Verdict",
            form(
                &[
                    ("item", filled_text()),
                    ("outcome", codes(Outcome::ALL.iter().map(|outcome| outcome.as_str()))),
                ],
                &[
                    ("codes", list(&codes(FindingCode::ALL.iter().map(|code| code.as_str())))),
                    ("note", text()),
                    ("moments", list(&object_of_any())),
                ],
            ),
        ),
        (
            "Statement",
            form(
                &[
                    ("item", filled_text()),
                    ("kind", codes(StatementKind::ALL.iter().map(|kind| kind.as_str()))),
                    ("text", filled_text()),
                ],
                &[],
            ),
        ),
        (
            "Excuse",
            form(
                &[
                    ("case_no", filled_text()),
                    ("stage_no", stage_no),
                    ("reason", codes(ExcuseReason::ALL.iter().map(|reason| reason.as_str()))),
                ],
                &[("note", text()), ("starts_at", or_null(time())), ("ends_at", or_null(time()))],
            ),
        ),
    ]
}

fn evidence() -> Vec<(&'static str, Value)> {
    vec![
        (
            "Overview",
            answer(&[
                ("now", time()),
                ("policy", object_of_any()),
                ("catalog", object_of_any()),
                ("months", list(&text())),
                ("month", or_null(text())),
                ("audit", or_null(object_of_any())),
                ("due", or_null(object_of_any())),
                ("round", or_null(object_of_any())),
                ("return", or_null(object_of_any())),
            ]),
        ),
        (
            "Recording",
            answer(&[
                ("id", text()),
                ("device_unit", or_null(text())),
                ("officer_unit", or_null(text())),
                ("store", text()),
                ("object_key", text()),
                ("version", number()),
                ("observed_at", time()),
                ("gone_at", or_null(time())),
                ("quarantined", yes_or_no()),
                ("size_bytes", number()),
                ("sha256", text()),
                ("container", or_null(text())),
                ("started_at", or_null(time())),
                ("duration_us", or_null(number())),
                ("streams", list(&object_of_any())),
                ("problems", list(&object_of_any())),
            ]),
        ),
        ("Recordings", answer(&[("recordings", list(&to("Recording"))), ("next", or_null(text()))])),
        ("RecordingsOfKey", answer(&[("object_key", text()), ("recordings", list(&to("Recording")))])),
        (
            "Cases",
            answer(&[
                ("month", text()),
                ("as_of", time()),
                ("cases", list(&to("CaseLine"))),
                ("matching", number()),
                ("all", number()),
                ("next", or_null(text())),
            ]),
        ),
        (
            "CaseLine",
            answer(&[
                ("case_no", text()),
                ("unit", text()),
                ("obligations", number()),
                ("status", or_null(text())),
                ("required_us", number()),
                ("covered_us", number()),
                ("findings", number()),
                ("codes", list(&answer(&[("code", text()), ("severity", text())]))),
            ]),
        ),
        (
            "Case",
            answer(&[
                ("case_no", text()),
                ("unit", text()),
                ("unit_name", or_null(text())),
                ("as_of", time()),
                ("policy", text()),
                ("stages", list(&object_of_any())),
            ]),
        ),
        (
            "Audit",
            answer(&[
                ("month", text()),
                ("policy", text()),
                ("as_of", time()),
                ("obligations", list(&object_of_any())),
                ("outside", list(&object_of_any())),
                ("totals", object_of_any()),
                ("units", list(&object_of_any())),
                ("to_be_confirmed", list(&object_of_any())),
            ]),
        ),
        (
            "Report",
            answer(&[("round", text()), ("month", text()), ("sentence", text()), ("items", list(&any()))]),
        ),
        ("Coverage", answer(&[("month", text()), ("ratio", any())])),
        ("GeoJson", answer(&[("type", text()), ("features", list(&object_of_any()))])),
        ("Reconciliation", answer(&[("totals", object_of_any()), ("calls", list(&object_of_any()))])),
        (
            "Excuses",
            answer(&[
                ("excuses", list(&to("ExcuseEntry"))),
                ("standing", number()),
                ("withdrawn", number()),
                ("next", or_null(text())),
            ]),
        ),
        (
            "ExcuseEntry",
            answer(&[
                ("id", text()),
                ("case_no", text()),
                ("stage_no", number()),
                ("reason", text()),
                ("note", text()),
                ("recorded_by", text()),
                ("recorded_at", time()),
            ]),
        ),
    ]
}

fn derivatives() -> Vec<(&'static str, Value)> {
    let tile =
        [("at_us", number()), ("x", number()), ("y", number()), ("width", number()), ("height", number())];
    let purpose = codes(["media", "preview"].into_iter());
    vec![
        ("Making", answer(&[("state", text()), ("retry_after_s", number())])),
        ("FilmstripTimes", answer(&[("derivative_of", text()), ("tiles", list(&answer(&tile)))])),
        ("LinkWish", form(&[], &[("purpose", or_null(purpose))])),
        ("Link", answer(&[("url", text()), ("expires_at", time())])),
    ]
}

fn casework() -> Vec<(&'static str, Value)> {
    let round = [
        ("id", text()),
        ("month", text()),
        ("policy", text()),
        ("frozen_at", time()),
        ("frame_sha256", text()),
        ("seed", or_null(text())),
        ("drawn_at", or_null(time())),
    ];
    let mut whole = round.to_vec();
    whole.extend([
        ("frozen", or_null(object_of_any())),
        ("draw", or_null(object_of_any())),
        ("acts", list(&to("RoundAct"))),
    ]);
    vec![
        ("RoundLine", answer(&round)),
        ("Rounds", answer(&[("rounds", list(&to("RoundLine"))), ("next", or_null(text()))])),
        ("Round", answer(&whole)),
        ("RoundExport", object_of_any()),
        (
            "Review",
            answer(&[
                ("round", text()),
                ("viewer", or_null(text())),
                ("progress", object_of_any()),
                ("unassigned", list(&text())),
                ("items", list(&to("Standing"))),
            ]),
        ),
        (
            "Standing",
            answer(&[
                ("item", text()),
                ("unit", text()),
                ("state", text()),
                ("seats", list(&object_of_any())),
                ("verdicts", object_of_any()),
            ]),
        ),
        ("Agreement", object_of_any()),
        ("Visits", answer(&[("visits", list(&to("Visit"))), ("next", or_null(text()))])),
        ("Notices", answer(&[("notices", list(&to("Notice"))), ("next", or_null(text()))])),
        ("Scores", answer(&[("month", text()), ("units", list(&object_of_any()))])),
        ("Returns", answer(&[("returns", list(&to("KeptReturn")))])),
        ("Schedule", answer(&[("steps", list(&object_of_any()))])),
    ]
}
