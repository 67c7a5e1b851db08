//! Waiting an outage out.
//!
//! A server is restarted, fails over, is cut off for a minute; two transactions get in each other's way. None of it is
//! the caller's business: [`Patient`] asks again, in steps that grow to five seconds, until the patience that the URL gives is
//! at its end. An error that does not pass by itself is handed on at once.
//!
//! Asking again is sound for every call. One that only reads changes nothing. One that writes is a transaction: while its
//! answer is an error, nothing of it was kept. There is one moment of doubt, when the answer to a commit is lost, and
//! [`engine::commit`](super::engine::commit) settles it before it answers: it looks for the last leaf that the
//! transaction added to the log, and if that is there the write was done, and is not done again. What writes
//! without adding a leaf changes nothing when it is done twice: `answer` and `meet_identity` set what is set, a reading of
//! the same bytes only brings the signature up to date, `begin_sign_in` counts one attempt more than was made and
//! refuses nobody on the first, and `claim` answers that the request is under way, so it is not begun twice.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;

use super::sql::SqlCatalog;
use crate::account::{
    ApiToken, Credentials, Identity, NewSession, NewUser, TokenScope, TrailEntry, TrailLine, User, UserId,
};
use crate::case::{Case, Stage};
use crate::chunks::ChunkList;
use crate::drone_month::DroneMonth;
use crate::excuse::{Excuse, ExcuseEntry, Withdrawal};
use crate::filing::{AnnouncedSeed, ReturnEntry, ReturnFile, ReturnRecord, ReturnState, ScheduleStep};
use crate::fixity::FixityEnd;
use crate::import::{Import, ImportOutcome, KnownNames};
use crate::inspection::InspectOptions;
use crate::interval::Interval;
use crate::log::tree::{Hash, Node};
use crate::notice::{Notice, NoticeBody, NoticeEvent};
use crate::review::{Assignment, ReviewEvent, ReviewFile, Visit};
use crate::round::{Round, RoundAct, RoundBrief, RoundDraw};
use crate::snapshot::{ShouldExist, Snapshot};
use crate::store::{
    AccountOutcome, Accounts, Alteration, Catalog, Checked, CheckpointEntry, Claim, Custody, Fixity,
    FixityBegin, FixityFinding, FixityRun, FixityRunId, Ground, HeldObject, IdempotencyKey, Identities,
    ImportOrigin, InspectionEntry, InspectionRecord, Issue, KeyEntry, KeyTimes, LeafEntry, Listing, Log,
    LogState, LogSubject, Misplaced, NewToken, ObjectEntry, ObjectId, Reading, ReadingEntry, Recorded,
    RecordingEntry, RecordingQuery, Records, Revision, Setting, SignedIn, SourceEntry, StoreEntry,
    StoreError, StoreId, Totals, TrailQuery, Unchecked, Uninspected, Unlogged, UserChange,
};
use crate::time::{Micros, Month, WallTime};
use crate::trace::SoundEnvelope;
use crate::track::{SidecarClock, TrackEntry};
use crate::unit::{Officer, Unit};

/// The first step of waiting.
const FIRST_STEP: Duration = Duration::from_millis(50);
/// The longest.
const LONGEST_STEP: Duration = Duration::from_secs(5);

/// How much longer an outage is waited for.
pub(super) struct Patience {
    left: Duration,
    step: Duration,
}

impl Patience {
    pub(super) fn of(left: Duration) -> Self {
        Self { left, step: FIRST_STEP }
    }

    /// Waits a while after an error that passes.
    ///
    /// # Errors
    /// The error itself if it does not pass, or was waited for long enough.
    pub(super) async fn rest(&mut self, error: StoreError) -> Result<(), StoreError> {
        if !error.passes() || self.left.is_zero() {
            return Err(error);
        }
        let step = self.step.min(self.left);
        tokio::time::sleep(step).await;
        self.left -= step;
        self.step = (self.step * 2).min(LONGEST_STEP);
        Ok(())
    }
}

/// A catalog that waits outages out.
pub(in crate::store) struct Patient {
    pub(in crate::store) catalog: SqlCatalog,
    pub(super) patience: Duration,
}

/// Each call of each part of the interface, until its answer is no error that passes. A call that is not named here
/// does not compile, so that whoever adds one asks themselves whether it may be made again.
macro_rules! again {
    ($($part:ident {$($call:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)*})*) => {$(
        #[async_trait]
        impl $part for Patient {$(
            async fn $call(&self, $($argument: $kind),*) -> Result<$answer, StoreError> {
                let mut patience = Patience::of(self.patience);
                loop {
                    match self.catalog.$call($($argument),*).await {
                        Err(error) => patience.rest(error).await?,
                        answer => return answer,
                    }
                }
            }
        )*}
    )*};
}

again! {
    Catalog {
        stores() -> Vec<StoreEntry>;
        add_store(url: &str, at: WallTime) -> StoreEntry;
        objects(store: StoreId) -> Vec<ObjectEntry>;
        objects_named(store: StoreId, object_keys: &[String]) -> Vec<ObjectEntry>;
        record(reading: &Reading<'_>) -> Recorded;
        record_all(readings: &[Reading<'_>]) -> Vec<Recorded>;
        record_inspection(record: &InspectionRecord<'_>) -> bool;
        uninspected(store: StoreId, options: &InspectOptions) -> Vec<Uninspected>;
        inspections(object_key: &str) -> Vec<InspectionEntry>;
        sound(sha256: &str) -> Option<SoundEnvelope>;
        chunk_list(store: StoreId, object_key: &str) -> Option<ChunkList>;
        alterations(object_key: &str) -> Vec<Alteration>;
        mark_gone(store: StoreId, keys: &[String], at: WallTime) -> u64;
        record_listing(listing: &Listing<'_>) -> ();
        add_excuse(excuse: &Excuse) -> bool;
        withdraw_excuse(excuse: &Excuse, withdrawal: &Withdrawal) -> bool;
        excuses(interval: Interval<WallTime>) -> Vec<ExcuseEntry>;
        known_names() -> KnownNames;
        import(import: &Import, origin: &ImportOrigin<'_>, at: WallTime) -> ImportOutcome;
        preview(import: &Import, origin: &ImportOrigin<'_>, at: WallTime) -> ImportOutcome;
        snapshot(month: Month, as_of: WallTime) -> Snapshot;
        should_exist(from: Month, to: Month) -> ShouldExist;
        drone_month(month: Month, since: WallTime, as_of: WallTime) -> DroneMonth;
        flown_months() -> Vec<Month>;
        months() -> Vec<Month>;
        units() -> Vec<Unit>;
        units_of_cases(cases: &[String]) -> BTreeMap<String, String>;
        case(case_no: &str) -> Option<(Case, Vec<Stage>)>;
        recordings(query: &RecordingQuery) -> Vec<RecordingEntry>;
        recording(object_key: &str) -> Vec<RecordingEntry>;
        tracks(object_key: &str) -> Vec<TrackEntry>;
        sidecar_clocks(store: StoreId) -> Vec<SidecarClock>;
        totals() -> Totals;
        totals_within(unit: &str) -> Totals;
        recording_of_id(id: &str) -> Option<RecordingEntry>;
        revision() -> Revision;
        freeze_round(round: &Round) -> bool;
        round(id: &str) -> Option<Round>;
        rounds() -> Vec<Round>;
        rounds_in_brief() -> Vec<RoundBrief>;
        draw_round(id: &str, draw: &RoundDraw) -> bool;
        add_round_act(id: &str, act: &RoundAct) -> ();
        round_acts(id: &str) -> Vec<RoundAct>;
    }
    Records {
        officers() -> Vec<Officer>;
        assign(assignments: &[Assignment]) -> bool;
        review_file(round: &str) -> ReviewFile;
        add_review_event(event: &ReviewEvent) -> bool;
        add_visit(visit: &Visit) -> u64;
        visits() -> Vec<Visit>;
        draft_notice(body: &NoticeBody, by: &str, at: WallTime) -> (u64, bool);
        issue_notice(issue: &Issue<'_>) -> Option<NoticeEvent>;
        add_notice_event(notice: u64, event: &NoticeEvent) -> bool;
        notices() -> Vec<Notice>;
        keep_return(record: &ReturnRecord) -> (u32, bool);
        returns() -> Vec<ReturnEntry>;
        return_files(month: Month, policy: &str, state: ReturnState, version: u32) -> Vec<ReturnFile>;
        announce_seed(seed: &AnnouncedSeed) -> bool;
        announced_seed(round: &str) -> Option<AnnouncedSeed>;
        add_step(step: &ScheduleStep) -> ();
        steps(month: Option<Month>) -> Vec<ScheduleStep>;
    }
    Accounts {
        add_user(user: &NewUser, first: bool, entry: &TrailEntry) -> AccountOutcome;
        change_user(change: &UserChange, entry: &TrailEntry) -> AccountOutcome;
        set_password(id: UserId, password_hash: &str, entry: &TrailEntry) -> AccountOutcome;
        users() -> Vec<User>;
        begin_sign_in(login: &str, at: WallTime) -> Option<Credentials>;
        add_session(session: &NewSession, entry: &TrailEntry) -> ();
        session(token_sha256: &str, at: WallTime, idle: Micros) -> Option<SignedIn>;
        end_session(token_sha256: &str, entry: &TrailEntry) -> bool;
        add_token(token: &NewToken, entry: &TrailEntry) -> ApiToken;
        tokens(user: UserId) -> Vec<ApiToken>;
        revoke_token(id: i64, user: UserId, entry: &TrailEntry) -> bool;
        token(token_sha256: &str, at: WallTime) -> Option<(SignedIn, TokenScope)>;
        add_trail(entry: &TrailEntry) -> ();
        trail(query: &TrailQuery) -> Vec<TrailLine>;
        claim(key: IdempotencyKey<'_>, times: KeyTimes) -> Claim;
        answer(key: IdempotencyKey<'_>, answer: Option<(u16, &str)>) -> ();
    }
    Custody {
        sources() -> Vec<SourceEntry>;
        readings(id: &str) -> Vec<ReadingEntry>;
        ask_again(id: &str, by: &str, at: WallTime) -> bool;
        asked_again() -> Vec<String>;
    }
    Fixity {
        held(after: ObjectId, limit: u32) -> Vec<HeldObject>;
        ground() -> Ground;
        begin_fixity(begin: &FixityBegin) -> FixityRunId;
        end_fixity(run: FixityRunId, end: FixityEnd, at: WallTime) -> bool;
        record_check(checked: &Checked<'_>) -> Recorded;
        record_unchecked(unchecked: Unchecked<'_>) -> ();
        fixity_runs(limit: u32) -> Vec<FixityRun>;
        fixity_findings(run: Option<FixityRunId>, limit: u32) -> Vec<FixityFinding>;
    }
    Identities {
        meet_identity(issuer: &str, subject: &str, name: &str, at: WallTime) -> Option<User>;
        link_identity(issuer: &str, subject: &str, user: Option<UserId>, entry: &TrailEntry) -> ();
        identities() -> Vec<Identity>;
    }
    Log {
        log_state() -> LogState;
        log_leaves(from: u64, limit: u32) -> Vec<LeafEntry>;
        log_leaves_of(kind: &str, row_key: &str) -> Vec<LeafEntry>;
        log_nodes(nodes: &[Node]) -> Vec<Hash>;
        log_kept_nodes() -> Vec<(Node, Hash)>;
        log_rows(kind: &str, row_keys: &[String]) -> BTreeMap<String, String>;
        log_unlogged(limit: u32) -> Vec<Unlogged>;
        log_misplaced(limit: u32) -> Vec<Misplaced>;
        log_keys_of(subject: LogSubject<'_>) -> Vec<(String, String)>;
        checkpoints() -> Vec<CheckpointEntry>;
        last_checkpoint() -> Option<CheckpointEntry>;
        add_checkpoint(checkpoint: &CheckpointEntry) -> ();
        log_keys() -> Vec<KeyEntry>;
        add_log_key(key: &KeyEntry) -> bool;
        note_setting(setting: &Setting<'_>) -> bool;
    }
}
