//! What every queue promises, asked of each of them: the one within the process, and a real NATS server.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tests::nats::Nats;
use tokio_util::sync::CancellationToken;
use work::local::LocalQueue;
use work::nats::{NatsOptions, NatsQueue};
use work::{Delivery, Kind, Listed, Queue, Reason, Submitted, Task};

/// After so long a silence a task is handed to another.
const ACK_WAIT: Duration = Duration::from_secs(1);

fn task(share: &str, number: u32) -> Task {
    let listed = Listed { size_bytes: 10, changed_us: 1, e_tag: None, version: None };
    Task {
        kind: Kind::Read,
        share: share.to_owned(),
        store: "s3://evidence".to_owned(),
        object_key: format!("{share}/{number:05}.mp4"),
        listed: Some(listed),
        reason: Reason::New,
        beside: Vec::new(),
        mark: None,
    }
}

/// One that takes more than a moment.
fn large(share: &str, number: u32) -> Task {
    let listed = Listed { size_bytes: 1 << 30, changed_us: 1, e_tag: None, version: None };
    Task { listed: Some(listed), ..task(share, number) }
}

fn tasks(share: &str, count: u32) -> Vec<Task> {
    (0..count).map(|number| task(share, number)).collect()
}

async fn taken(queue: &dyn Queue) -> Box<dyn Delivery> {
    queue.take(&CancellationToken::new()).await.unwrap().unwrap()
}

/// Whether there is nothing to take for now.
async fn has_nothing(queue: &dyn Queue) -> bool {
    taken_soon(queue).await.is_none()
}

/// What there is to take for now.
async fn taken_soon(queue: &dyn Queue) -> Option<Box<dyn Delivery>> {
    let until = CancellationToken::new();
    let mut taken = std::pin::pin!(queue.take(&until));
    tokio::select! {
        taken = &mut taken => return taken.unwrap(),
        // Long enough for a lane that has something to be asked; what comes by then is found.
        () = tokio::time::sleep(Duration::from_millis(1500)) => until.cancel(),
    }
    taken.await.unwrap()
}

/// Asks a queue of each kind for the same; the second is left out where there is no server.
async fn of_each<F: Future<Output = ()>>(check: impl Fn(Arc<dyn Queue>) -> F) {
    check(Arc::new(LocalQueue::bounded(10_000))).await;
    let Some(server) = Nats::start() else { return };
    check(Arc::new(open(&server).await)).await;
}

fn options(server: &Nats) -> NatsOptions {
    NatsOptions { ack_wait: ACK_WAIT, ..NatsOptions::new(server.url().parse().unwrap()) }
}

async fn open(server: &Nats) -> NatsQueue {
    NatsQueue::open(options(server)).await.unwrap()
}

#[tokio::test]
async fn what_is_handed_in_is_handed_out_once_in_order() {
    of_each(async |queue| {
        let queue = &*queue;
        assert_eq!(queue.submit(tasks("a", 5)).await.unwrap(), Submitted { taken: 5, waiting: 0 });
        for number in 0..5 {
            let delivery = taken(queue).await;
            assert_eq!((delivery.task(), delivery.deliveries()), (&task("a", number), 1));
            delivery.done().await.unwrap();
        }
        assert!(has_nothing(queue).await);
    })
    .await;
}

#[tokio::test]
async fn what_waits_or_is_held_is_not_taken_in_again() {
    of_each(async |queue| {
        let queue = &*queue;
        queue.submit(tasks("a", 2)).await.unwrap();
        assert_eq!(queue.submit(tasks("a", 3)).await.unwrap(), Submitted { taken: 1, waiting: 2 });
        let held = taken(queue).await;
        assert_eq!(queue.submit(vec![held.task().clone()]).await.unwrap().waiting, 1);
        held.done().await.unwrap();
        for _ in 0..2 {
            taken(queue).await.done().await.unwrap();
        }
        assert!(has_nothing(queue).await);
    })
    .await;
}

#[tokio::test]
async fn another_version_of_an_object_is_another_task() {
    of_each(async |queue| {
        let queue = &*queue;
        let mut changed = task("a", 0);
        changed.listed.as_mut().unwrap().changed_us = 2;
        assert_eq!(queue.submit(vec![task("a", 0), changed.clone()]).await.unwrap().taken, 2);
        taken(queue).await.done().await.unwrap();
        let second = taken(queue).await;
        assert_eq!(second.task(), &changed);
        second.done().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_ends_without_a_word_has_the_task_handed_to_another_and_counted() {
    of_each(async |queue| {
        let queue = &*queue;
        queue.submit(tasks("a", 1)).await.unwrap();
        for deliveries in 1..=3 {
            let delivery = taken(queue).await;
            assert_eq!((delivery.deliveries(), delivery.failures()), (deliveries, 0));
            // Dropped: nobody says anything of it.
        }
        taken(queue).await.done().await.unwrap();
        assert!(has_nothing(queue).await);
    })
    .await;
}

#[tokio::test]
async fn what_is_held_for_long_stays_held() {
    of_each(async |queue| {
        let queue = &*queue;
        queue.submit(tasks("a", 1)).await.unwrap();
        let held = taken(queue).await;
        // Longer than anybody may be silent.
        tokio::time::sleep(ACK_WAIT * 2).await;
        assert!(has_nothing(queue).await);
        held.done().await.unwrap();
        assert!(has_nothing(queue).await);
    })
    .await;
}

#[tokio::test]
async fn what_is_given_back_comes_again_and_failures_are_counted_apart() {
    of_each(async |queue| {
        let queue = &*queue;
        queue.submit(tasks("a", 1)).await.unwrap();
        taken(queue).await.give_back(true).await.unwrap();
        let again = taken(queue).await;
        assert_eq!((again.task(), again.deliveries(), again.failures()), (&task("a", 0), 1, 1));
        again.give_back(false).await.unwrap();
        let again = taken(queue).await;
        assert_eq!((again.deliveries(), again.failures()), (1, 1));
        again.done().await.unwrap();
        assert!(has_nothing(queue).await);
    })
    .await;
}

#[tokio::test]
async fn a_share_with_little_is_not_kept_waiting_by_one_with_much() {
    of_each(async |queue| {
        let queue = &*queue;
        queue.submit(tasks("s3://evidence/jingan", 600)).await.unwrap();
        // It has been at work for a while when others come.
        for _ in 0..20 {
            taken(queue).await.done().await.unwrap();
        }
        let mut looks = tasks("s3://evidence/pudong", 20);
        for task in &mut looks {
            task.kind = Kind::Look;
        }
        queue.submit(tasks("s3://evidence/qingpu", 20)).await.unwrap();
        queue.submit(looks).await.unwrap();
        // A list of lanes holds for a second; what comes by then is of the lane that was known.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let mut served: BTreeMap<String, u32> = BTreeMap::new();
        for _ in 0..60 {
            let delivery = taken(queue).await;
            *served.entry(delivery.task().share.clone()).or_default() += 1;
            delivery.done().await.unwrap();
        }
        let expected = ["jingan", "pudong", "qingpu"].map(|share| (format!("s3://evidence/{share}"), 20));
        assert_eq!(served, expected.into());
    })
    .await;
}

#[tokio::test]
async fn depth_tells_what_waits_and_what_is_held() {
    of_each(async |queue| {
        let queue = &*queue;
        queue.submit((0..3).map(|number| large("a", number)).collect()).await.unwrap();
        let held = taken(queue).await;
        let depth = queue.depth().await.unwrap();
        let depth: Vec<_> =
            depth.iter().map(|lane| (lane.kind, &*lane.share, lane.waiting, lane.held)).collect();
        assert_eq!(depth, [(Kind::Read, "a", 2, 1)]);
        held.done().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_was_set_aside_is_named_and_comes_no_more_until_it_is_dug_up() {
    of_each(async |queue| {
        let queue = &*queue;
        queue.submit(tasks("a", 2)).await.unwrap();
        taken(queue).await.bury("it ended\nfive workers").await.unwrap();
        taken(queue).await.done().await.unwrap();
        assert!(has_nothing(queue).await);
        let buried = queue.buried().await.unwrap();
        assert_eq!(buried.len(), 1);
        assert_eq!(buried[0].task, task("a", 0));
        assert!(buried[0].reason.starts_with("it ended"), "{}", buried[0].reason);
        assert!(queue.dig_up(&buried[0].task.id()).await.unwrap());
        assert!(!queue.dig_up(&buried[0].task.id()).await.unwrap());
        assert_eq!(queue.buried().await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_queue_within_the_process_is_bounded_and_ends_when_it_is_closed() {
    let queue = LocalQueue::bounded(4);
    let handed_in = async {
        assert_eq!(queue.submit(tasks("a", 100)).await.unwrap().taken, 100);
        queue.close();
    };
    let taken = async {
        let mut count = 0;
        while let Some(delivery) = queue.take(&CancellationToken::new()).await.unwrap() {
            let waiting: u64 = queue.depth().await.unwrap().iter().map(|lane| lane.waiting).sum();
            assert!(waiting <= 4, "{waiting}");
            count += 1;
            delivery.done().await.unwrap();
        }
        count
    };
    assert_eq!(tokio::join!(handed_in, taken), ((), 100));
}

#[tokio::test]
async fn a_server_that_was_killed_and_started_again_has_lost_nothing() {
    let Some(mut server) = Nats::start() else { return };
    let queue = open(&server).await;
    queue.submit(tasks("a", 50)).await.unwrap();
    for _ in 0..10 {
        taken(&queue).await.done().await.unwrap();
    }
    queue.flush().await.unwrap();
    server.kill();
    assert!(queue.depth().await.is_err());
    server.start_again();
    // What was acknowledged or fetched last may come again; of the others, each comes.
    let mut keys = BTreeSet::new();
    while let Some(delivery) = taken_soon(&queue).await {
        keys.insert(delivery.task().object_key.clone());
        delivery.done().await.unwrap();
    }
    assert!(tasks("a", 50)[10..].iter().all(|task| keys.contains(&task.object_key)), "{keys:?}");
}

/// Small tasks are fetched several at once, and a worker that ends takes all of them with it.
#[tokio::test]
async fn what_ends_its_workers_is_blamed_alone() {
    let Some(server) = Nats::start() else { return };
    open(&server).await.submit(tasks("a", 10)).await.unwrap();
    let hostile = task("a", 3);
    let mut deliveries: BTreeMap<String, u32> = BTreeMap::new();
    // Most of them come before it is there again, and find nothing to do.
    for _ in 0..12 {
        let worker = open(&server).await;
        while let Some(delivery) = taken_soon(&worker).await {
            deliveries.insert(delivery.task().object_key.clone(), delivery.deliveries());
            // The first three end with it.
            if *delivery.task() == hostile && delivery.deliveries() < 4 {
                break;
            }
            delivery.done().await.unwrap();
        }
    }
    assert_eq!(deliveries.len(), 10, "{deliveries:?}");
    assert_eq!(deliveries.remove(&hostile.object_key), Some(4));
    assert!(deliveries.values().all(|&count| count <= 2), "{deliveries:?}");
}

#[tokio::test]
async fn what_there_is_no_room_to_set_apart_is_not_blamed_for_its_neighbours() {
    let Some(server) = Nats::start() else { return };
    let options = NatsOptions { max_waiting: 4, ..options(&server) };
    NatsQueue::open(options.clone()).await.unwrap().submit(tasks("a", 4)).await.unwrap();
    for _ in 0..4 {
        // It ends with the first that it is handed, and has all of them.
        let worker = NatsQueue::open(options.clone()).await.unwrap();
        drop(taken(&worker).await);
    }
    let worker = NatsQueue::open(options).await.unwrap();
    for _ in 0..4 {
        let delivery = taken(&worker).await;
        assert!(delivery.deliveries() <= 2, "{}", delivery.deliveries());
        delivery.done().await.unwrap();
    }
}

#[tokio::test]
async fn what_a_worker_fetched_ahead_and_lets_go_is_there_for_others_at_once() {
    let Some(server) = Nats::start() else { return };
    let options = NatsOptions { ack_wait: Duration::from_mins(1), ..options(&server) };
    let [first, second] =
        [NatsQueue::open(options.clone()).await.unwrap(), NatsQueue::open(options).await.unwrap()];
    first.submit(tasks("a", 5)).await.unwrap();
    taken(&first).await.done().await.unwrap();
    let stopped = CancellationToken::new();
    stopped.cancel();
    assert!(first.take(&stopped).await.unwrap().is_none());
    for _ in 1..5 {
        taken_soon(&second).await.unwrap().done().await.unwrap();
    }
    assert!(has_nothing(&second).await);
}

#[tokio::test]
async fn a_full_queue_makes_whoever_hands_in_wait() {
    let Some(server) = Nats::start() else { return };
    let queue = NatsQueue::open(NatsOptions { max_waiting: 3, ..options(&server) }).await.unwrap();
    let handed_in = async { queue.submit(tasks("a", 6)).await.unwrap().taken };
    let worked = async {
        for _ in 0..6 {
            taken(&queue).await.done().await.unwrap();
        }
    };
    assert_eq!(tokio::join!(handed_in, worked), (6, ()));
}

#[tokio::test]
async fn a_worker_of_one_store_takes_nothing_of_another() {
    let Some(server) = Nats::start() else { return };
    let only = vec!["s3://station".to_owned()];
    let station = NatsQueue::open(NatsOptions { only, ..options(&server) }).await.unwrap();
    station.submit(tasks("s3://evidence", 1)).await.unwrap();
    station.submit(tasks("s3://station/7", 1)).await.unwrap();
    let delivery = taken(&station).await;
    assert_eq!(delivery.task().share, "s3://station/7");
    delivery.done().await.unwrap();
    assert!(has_nothing(&station).await);
    taken(&open(&server).await).await.done().await.unwrap();
}

#[tokio::test]
async fn no_more_of_a_lane_is_held_than_may_be_and_that_keeps_no_other_waiting() {
    let Some(server) = Nats::start() else { return };
    let queue = NatsQueue::open(NatsOptions { max_held: 2, ..options(&server) }).await.unwrap();
    queue.submit(tasks("a", 3)).await.unwrap();
    let first = taken(&queue).await;
    let second = taken(&queue).await;
    assert!(has_nothing(&queue).await);
    queue.submit(tasks("b", 10)).await.unwrap();
    for _ in 0..10 {
        taken_soon(&queue).await.unwrap().done().await.unwrap();
    }
    first.done().await.unwrap();
    taken(&queue).await.done().await.unwrap();
    second.done().await.unwrap();
}

#[tokio::test]
async fn who_has_no_credentials_is_told_so_and_no_secret() {
    let Some(server) = Nats::start_with(&["--auth", "of-no-use-elsewhere"]) else { return };
    let error = NatsQueue::open(options(&server)).await.unwrap_err().to_string();
    assert!(error.contains("credentials"), "{error}");
    let wrong = format!("nats://wrong-token@{}", server.address).parse().unwrap();
    let error = NatsQueue::open(NatsOptions::new(wrong)).await.unwrap_err().to_string();
    assert!(!error.contains("wrong-token"), "{error}");
    let dir = tempfile::tempdir().unwrap();
    let token = dir.path().join("token");
    std::fs::write(&token, "of-no-use-elsewhere\n").unwrap();
    let by_file = NatsOptions { token_file: Some(token), ..options(&server) };
    assert!(NatsQueue::open(by_file).await.is_ok());
    let inline = format!("nats://of-no-use-elsewhere@{}", server.address).parse().unwrap();
    assert!(NatsQueue::open(NatsOptions::new(inline)).await.is_ok());
    let Some(server) = Nats::start_with(&["--user", "ann", "--pass", "of-no-use-elsewhere"]) else { return };
    let inline = format!("nats://ann:of-no-use-elsewhere@{}", server.address).parse().unwrap();
    assert!(NatsQueue::open(NatsOptions::new(inline)).await.is_ok());
}
