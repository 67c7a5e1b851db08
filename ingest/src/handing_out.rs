//! A run over machines: list, compare, and hand out what has to be read, for workers to do.
//!
//! The listing is the reconciliation. What the queue lost is found to be lacking, and handed in again; what waits there
//! already is refused by it; what a worker did in the meantime is unchanged. So the same command again is always right, and
//! nothing has to be repaired by hand. What ended every worker that took it is told, with the run's failures, until
//! `--retry-quarantined` has it tried again.
//!
//! A complete listing is only recorded once all it had is in the catalog: at once where there was nothing to do, or by a run
//! that waits for the workers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use catalog::inspection::InspectOptions;
use catalog::observation::StartSource;
use catalog::store::{ObjectEntry, StoreEntry};
use catalog::track::{SidecarClock, stem};
use object_store::ObjectMeta;
use object_store::path::Path as ObjectPath;
use work::{Kind, ListedObject, Queue, Task};

use crate::listing::list;
use crate::plan::{Plan, Planned, Reason, plan, signature};
use crate::run::{Ingest, Progress, Resolved, RunError, Show};
use crate::sidecar::{self, Sidecars};
use crate::summary::{Failed, Summary};
use crate::tasks::{beside, share, to_look_at, to_read};

/// How many tasks are handed in at a time.
const AT_A_TIME: usize = 1000;

/// How often a run that waits asks how far the workers are.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// How work is handed out.
#[derive(Debug, Clone, Copy, Default)]
pub struct HandingOut {
    /// How many folders of a key name whose work it is ([`share`]).
    pub share_folders: usize,
    /// Whether to wait until all that was listed is in the catalog.
    pub wait: bool,
}

impl Ingest {
    /// Lists what `given` (a URL) holds, and hands what is new or changed to `queue`.
    ///
    /// # Errors
    /// [`RunError`] where nothing, or nothing more, can be done.
    pub async fn hand_out(
        &self,
        given: &str,
        queue: &dyn Queue,
        how: HandingOut,
        progress: &Show<'_>,
    ) -> Result<Summary, RunError> {
        let began = Instant::now();
        let Resolved { location, known, prefix } = self.resolve(given).await?;
        let mut summary = Summary { handed_out: Some(0), waiting: Some(0), ..Summary::default() };
        let listed_at = self.clock.now();
        let listed = list(&location, prefix.as_ref(), &mut summary, progress).await?;
        let store = match known {
            Some(store) => store,
            None => self.catalog.add_store(&location.url, self.clock.now()).await?,
        };
        summary.objects = listed.len() as u64;
        let complete = summary.failures.is_empty();
        let retry = self.options.retry_quarantined;
        let buried = self.set_aside(&store, queue, retry, &mut summary).await?;

        let known = self.known(&store, prefix.as_ref()).await?;
        let plan = plan(listed.clone(), &known, complete, retry);
        progress(Progress::Planned { store: &store.url, plan: &plan });
        summary.unchanged = plan.unchanged;
        summary.quarantined = plan.still_quarantined;
        if !plan.gone.is_empty() {
            summary.gone += self.catalog.mark_gone(store.id, &plan.gone, self.clock.now()).await?;
        }
        let mut tasks = self.reading_tasks(&store, how.share_folders, plan, &known).await?;
        if let Some(options) = self.options.inspect {
            tasks.extend(self.looking_tasks(&store, how.share_folders, &listed, options).await?);
        }
        tasks.retain(|task| !buried.contains(&task.id()));
        let mut nothing_to_do = tasks.is_empty();
        self.hand_in(queue, tasks, &mut summary).await?;

        if how.wait && !nothing_to_do {
            nothing_to_do =
                self.wait_for(&store, prefix.as_ref(), &listed, &buried, queue, how, &mut summary).await?;
        }
        let prefix = prefix.map_or_else(String::new, |prefix| format!("{prefix}/"));
        if nothing_to_do && buried.is_empty() {
            self.record_listing(&store, &prefix, listed_at, &summary).await?;
        }
        summary.failed = summary.failures.len() as u64;
        summary.stopped = self.stop.drain.is_cancelled();
        summary.failures.sort_by(|a, b| a.object_key.cmp(&b.object_key));
        summary.seconds = began.elapsed().as_secs_f64();
        Ok(summary)
    }

    async fn hand_in(
        &self,
        queue: &dyn Queue,
        tasks: Vec<Task>,
        summary: &mut Summary,
    ) -> Result<(), RunError> {
        let mut tasks = tasks.into_iter().peekable();
        while tasks.peek().is_some() && !self.stop.drain.is_cancelled() {
            let submitted = queue.submit(tasks.by_ref().take(AT_A_TIME).collect()).await?;
            summary.handed_out = summary.handed_out.map(|count| count + submitted.taken);
            summary.waiting = summary.waiting.map(|count| count + submitted.waiting);
        }
        Ok(())
    }

    /// What the catalog knows of the part of a store.
    async fn known(
        &self,
        store: &StoreEntry,
        prefix: Option<&ObjectPath>,
    ) -> Result<Vec<ObjectEntry>, RunError> {
        let mut known = self.catalog.objects(store.id).await?;
        if let Some(prefix) = prefix {
            let below = format!("{prefix}/");
            known.retain(|entry| entry.object_key.starts_with(&below));
        }
        Ok(known)
    }

    /// The names of this store's tasks that were set aside. They are told as failures, or, if `retry`, taken back.
    async fn set_aside(
        &self,
        store: &StoreEntry,
        queue: &dyn Queue,
        retry: bool,
        summary: &mut Summary,
    ) -> Result<BTreeSet<String>, RunError> {
        let mut names = BTreeSet::new();
        for buried in queue.buried().await? {
            if buried.task.store != store.url {
                continue;
            }
            let id = buried.task.id();
            if retry {
                queue.dig_up(&id).await?;
                continue;
            }
            let error = format!(
                "`{}` was set aside: {}; try it again with --retry-quarantined",
                buried.task.object_key, buried.reason
            );
            summary.failures.push(Failed { object_key: buried.task.object_key, error });
            names.insert(id);
        }
        Ok(names)
    }

    /// What is to be read, and with it what lies beside.
    async fn reading_tasks(
        &self,
        store: &StoreEntry,
        share_folders: usize,
        plan: Plan,
        known: &[ObjectEntry],
    ) -> Result<Vec<Task>, RunError> {
        let clocks = if self.options.start_order.contains(&StartSource::Sidecar) {
            self.catalog.sidecar_clocks(store.id).await?
        } else {
            Vec::new()
        };
        Ok(reading_tasks(&store.url, share_folders, plan, known, clocks))
    }

    /// What is to be looked at of what was listed and is in the catalog as listed.
    async fn looking_tasks(
        &self,
        store: &StoreEntry,
        share_folders: usize,
        listed: &[ObjectMeta],
        options: InspectOptions,
    ) -> Result<Vec<Task>, RunError> {
        let listed: BTreeMap<&str, &ObjectMeta> =
            listed.iter().map(|meta| (meta.location.as_ref(), meta)).collect();
        let due = self.catalog.uninspected(store.id, &options).await?;
        let tasks = due.into_iter().filter_map(|due| {
            let meta = listed.get(due.object_key.as_str()).filter(|meta| signature(meta) == due.signature)?;
            Some(to_look_at(&store.url, share(&store.url, &due.object_key, share_folders), meta))
        });
        Ok(tasks.collect())
    }

    /// Waits until the workers have done what was listed; hands in again what got lost on the way. `false` if it was told to
    /// stop before, or something cannot be done.
    #[expect(clippy::too_many_arguments, reason = "the parts of one run, which live on its stack")]
    async fn wait_for(
        &self,
        store: &StoreEntry,
        prefix: Option<&ObjectPath>,
        listed: &[ObjectMeta],
        buried: &BTreeSet<String>,
        queue: &dyn Queue,
        how: HandingOut,
        summary: &mut Summary,
    ) -> Result<bool, RunError> {
        let mut passes = 0_u32;
        loop {
            tokio::select! {
                () = self.stop.drain.cancelled() => return Ok(false),
                () = tokio::time::sleep(ASK_EVERY) => {}
            }
            let is_ours = |share: &str| {
                share.strip_prefix(&store.url).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let depth = queue.depth().await?;
            if depth.iter().any(|lane| is_ours(&lane.share) && lane.waiting + lane.held > 0) {
                continue;
            }
            let known = self.known(store, prefix).await?;
            let left = plan(listed.to_vec(), &known, false, false);
            let mut tasks = self.reading_tasks(store, how.share_folders, left, &known).await?;
            if let Some(options) = self.options.inspect {
                tasks.extend(self.looking_tasks(store, how.share_folders, listed, options).await?);
            }
            tasks.retain(|task| !buried.contains(&task.id()));
            if tasks.is_empty() {
                return Ok(true);
            }
            // What changed or went since it was listed will never be as listed, and what cannot be read stays to be done.
            passes += 1;
            if passes > 3 {
                for task in tasks {
                    let error = format!(
                        "`{}` was handed out {passes} times and is not in the catalog as it was listed: see the workers' logs, then run the same command again",
                        task.object_key
                    );
                    summary.failures.push(Failed { object_key: task.object_key, error });
                }
                return Ok(false);
            }
            for task in &mut tasks {
                task.mark = Some(format!("again-{passes}-{}", self.clock.now().0));
            }
            self.hand_in(queue, tasks, summary).await?;
        }
    }
}

/// The tasks of a plan, where the catalog has these clocks of files beside recordings. A file beside recordings goes with each of
/// them, so that whoever reads one has recorded it before, or finds that it was; one that is to be read and lies beside nothing is a
/// task of its own. A recording that need not be read is, where a file beside it has something to say of it that nobody joined
/// with it.
fn reading_tasks(
    store: &str,
    share_folders: usize,
    mut plan: Plan,
    known: &[ObjectEntry],
    mut clocks: Vec<SidecarClock>,
) -> Vec<Task> {
    let share = |key: &str| share(store, key, share_folders);
    let named = |meta: &ObjectMeta| sidecar::is_named_like_one(meta.location.as_ref());
    let unchanged: BTreeMap<&str, &ObjectMeta> =
        plan.kept.iter().map(|meta| (meta.location.as_ref(), meta)).collect();
    clocks.retain(|clock| unchanged.contains_key(clock.object_key.as_str()));
    let with_clock: BTreeSet<&str> = clocks.iter().map(|clock| clock.object_key.as_str()).collect();
    let mut beside_by_stem: BTreeMap<String, Vec<ListedObject>> = BTreeMap::new();
    for key in with_clock {
        beside_by_stem.entry(stem(key)).or_default().push(beside(unchanged[key]));
    }
    plan.add_late(&Sidecars::new(clocks), known);
    let mut by_stem: BTreeMap<String, Vec<Planned>> = BTreeMap::new();
    for planned in plan.take_sidecars() {
        let stem = stem(planned.meta.location.as_ref());
        beside_by_stem.entry(stem.clone()).or_default().push(beside(&planned.meta));
        by_stem.entry(stem).or_default().push(planned);
    }
    let Plan { read, kept, .. } = plan;
    let mut joined = BTreeSet::new();
    let mut tasks = Vec::with_capacity(read.len());
    for planned in &read {
        let mut task = to_read(store, share(planned.meta.location.as_ref()), planned);
        let stem = stem(planned.meta.location.as_ref());
        if let Some(beside) = beside_by_stem.get(&stem) {
            task.beside.clone_from(beside);
            joined.insert(stem);
        }
        tasks.push(task);
    }
    let planned: BTreeSet<&str> = read.iter().map(|planned| planned.meta.location.as_ref()).collect();
    // News of what was read before: the worker reads the file first, and the recording only if that has something to say.
    let unjoined: BTreeSet<&str> = known
        .iter()
        .filter(|entry| !entry.gone && !entry.quarantined && !entry.sidecar_claim)
        .map(|entry| entry.object_key.as_str())
        .collect();
    let kept = kept.into_iter().filter(|meta| {
        let key = meta.location.as_ref();
        !named(meta) && unjoined.contains(key) && !planned.contains(key)
    });
    for meta in kept {
        let stem = stem(meta.location.as_ref());
        if !by_stem.contains_key(&stem) {
            continue;
        }
        let planned = Planned { meta, reason: Reason::Sidecar };
        let mut task = to_read(store, share(planned.meta.location.as_ref()), &planned);
        task.beside.clone_from(&beside_by_stem[&stem]);
        joined.insert(stem);
        tasks.push(task);
    }
    for (stem, sidecars) in by_stem {
        if !joined.contains(&stem) {
            let alone =
                sidecars.iter().map(|planned| to_read(store, share(planned.meta.location.as_ref()), planned));
            tasks.extend(alone);
        }
    }
    debug_assert!(tasks.iter().all(|task| task.kind == Kind::Read));
    tasks
}

#[cfg(test)]
mod tests {
    use catalog::track::{ClockKind, TrackClock};
    use catalog::{Micros, WallTime};
    use chrono::DateTime;

    use super::*;

    fn meta(key: &str) -> ObjectMeta {
        ObjectMeta {
            location: key.into(),
            last_modified: DateTime::from_timestamp(1, 0).unwrap(),
            size: 10,
            e_tag: None,
            version: None,
        }
    }

    fn known(key: &str, sidecar_claim: bool) -> ObjectEntry {
        ObjectEntry {
            object_key: key.into(),
            signature: signature(&meta(key)),
            gone: false,
            quarantined: false,
            sidecar_claim,
            duration_us: None,
        }
    }

    /// Keys, reasons, and the keys of what lies beside.
    fn told(tasks: &[Task]) -> Vec<(&str, Reason, String)> {
        let beside = |task: &Task| {
            let keys: Vec<_> = task.beside.iter().map(|beside| beside.object_key.as_str()).collect();
            keys.join(",")
        };
        tasks.iter().map(|task| (task.object_key.as_str(), task.reason, beside(task))).collect()
    }

    #[test]
    fn a_file_beside_recordings_goes_with_each_of_them_and_alone_where_there_is_none() {
        let known = [known("d/old.mp4", false), known("d/joined.mp4", true)];
        let listed = [
            "d/a.MP4",
            "d/a.SRT",
            "d/alone.srt",
            "d/b.mp4",
            "d/joined.mp4",
            "d/joined.srt",
            "d/old.mp4",
            "d/old.srt",
        ];
        let plan = plan(listed.map(meta).to_vec(), &known, true, false);
        let tasks = reading_tasks("s3://b", 1, plan, &known, Vec::new());
        let told = told(&tasks);
        let expected = [
            ("d/a.MP4", Reason::New, "d/a.SRT".to_owned()),
            ("d/b.mp4", Reason::New, String::new()),
            ("d/old.mp4", Reason::Sidecar, "d/old.srt".to_owned()),
            ("d/alone.srt", Reason::New, String::new()),
            ("d/joined.srt", Reason::New, String::new()),
        ];
        assert_eq!(told, expected);
        assert!(tasks.iter().all(|task| task.share == "s3://b/d"));
    }

    #[test]
    fn a_file_that_was_read_before_goes_with_what_comes_later() {
        let film = |key, sidecar_claim| ObjectEntry {
            duration_us: Some(Micros::from_s(60)),
            ..known(key, sidecar_claim)
        };
        let clock = |key: &str| SidecarClock {
            object_key: key.into(),
            clock: Some(TrackClock {
                kind: ClockKind::Local,
                zero_at: WallTime::parse("2024-05-03 09:30").unwrap(),
                error_us: Micros::from_ms(2),
                samples: 9,
            }),
            first_at: None,
            last_at: None,
        };
        // Hints told of one pair file by file; of another, the recording is there anew; a third is complete.
        let told_of = ["d/hinted.mp4", "d/new.mp4", "d/whole.mp4"];
        let sidecars = ["d/hinted.srt", "d/new.srt", "d/whole.srt"];
        let catalog = [film(told_of[0], false), film(told_of[2], true)];
        let catalog: Vec<_> = catalog.into_iter().chain(sidecars.map(|key| known(key, false))).collect();
        let listed: Vec<_> = told_of.into_iter().chain(sidecars).map(meta).collect();
        let tasks_of = |clocks: Vec<SidecarClock>| {
            reading_tasks("s3://b", 0, plan(listed.clone(), &catalog, true, false), &catalog, clocks)
        };
        // One that the store does not have any more takes nothing along.
        let clocks = sidecars.into_iter().chain(["d/whole.gpx"]).map(clock).collect();
        let expected = [
            ("d/new.mp4", Reason::New, "d/new.srt".to_owned()),
            ("d/hinted.mp4", Reason::Sidecar, "d/hinted.srt".to_owned()),
        ];
        assert_eq!(told(&tasks_of(clocks)), expected);
        assert_eq!(told(&tasks_of(Vec::new())), [("d/new.mp4", Reason::New, String::new())]);
    }
}
