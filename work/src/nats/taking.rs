//! Taking: workers go round the lanes that have something, and take one message of each. Where several were fetched at
//! once, the others stay in hand until it is the lane's turn again.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use async_nats::jetstream::{AckKind, Message};
use async_nats::{StatusCode, Subscriber};
use futures::TryStreamExt as _;
use futures::stream::StreamExt as _;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::delivery::NatsDelivery;
use super::lanes::{self, Class, Lane, Ring};
use super::{AWAY, DELIVERIES, FAILURES, NatsQueue, PATIENCE, refused};
use crate::queue::{Handed, QueueError};

/// How long a worker with nothing to do waits before it asks again.
const IDLE: Duration = Duration::from_millis(500);

/// How long the next of several messages is waited for, once the first is there. They come together; none comes, and no word either,
/// where no more of the lane may be held from then on.
const TOGETHER: Duration = Duration::from_millis(250);

/// How long the server waits for one to be settled, where no more of a lane may be held.
const AT_ITS_LIMIT: Duration = Duration::from_millis(100);

/// What the slot that looks for work has to itself.
#[derive(Debug, Default)]
pub(super) struct Taker {
    ring: Ring,
    in_hand: InHand,
    replies: Option<Replies>,
}

/// Messages that were fetched and not handed out, by the name of their lane, and since when.
///
/// Nobody tells the server that they are held, so that they go to others where this worker is busy with something else. Before that
/// happens they are let go here.
#[derive(Debug, Default)]
struct InHand(BTreeMap<String, (Instant, VecDeque<Fetched>)>);

/// A message that was fetched, and what it says.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) message: Message,
    pub(super) handed: Handed,
}

impl InHand {
    /// The next of a lane, and the keys of those after it that are in the same store.
    fn next_of(&mut self, lane: &str) -> Option<(Fetched, Vec<String>)> {
        let (_, fetched) = self.0.get_mut(lane)?;
        let next = fetched.pop_front()?;
        let after = fetched.iter().map(|fetched| &fetched.handed.task);
        let in_same_store = after.filter(|task| task.store == next.handed.task.store);
        let following = in_same_store.map(|task| task.object_key.clone()).collect();
        Some((next, following))
    }

    fn keep(&mut self, lane: &str, fetched: VecDeque<Fetched>) {
        self.0.insert(lane.to_owned(), (Instant::now(), fetched));
    }

    fn forget_older_than(&mut self, time: Duration) {
        self.0.retain(|_, (since, _)| since.elapsed() < time);
    }

    /// Tells the server that others may have them.
    async fn let_go(&mut self) {
        let all = std::mem::take(&mut self.0).into_values().flat_map(|(_, fetched)| fetched);
        for Fetched { message, .. } in all {
            if let Err(error) = message.ack_with(AckKind::Nak(None)).await {
                tracing::debug!(%error, "the queue did not hear that a task is let go");
            }
        }
    }
}

/// Where messages are sent to. One subscription serves all that are asked for, one after another: one for each would be two
/// more things to tell the server of every message.
#[derive(Debug)]
struct Replies {
    inbox: String,
    messages: Subscriber,
}

impl NatsQueue {
    pub(super) async fn take_one(
        &self,
        until: &CancellationToken,
    ) -> Result<Option<NatsDelivery>, QueueError> {
        let mut taker = tokio::select! {
            biased;
            taker = self.0.taker.lock() => taker,
            () = until.cancelled() => return Ok(None),
        };
        let Taker { ring, in_hand, replies } = &mut *taker;
        loop {
            if until.is_cancelled() {
                in_hand.let_go().await;
                return Ok(None);
            }
            in_hand.forget_older_than(self.0.options.ack_wait / 3);
            if ring.is_stale() {
                match self.lanes().await {
                    Ok(lanes) => ring.update(lanes),
                    Err(error) => {
                        ring.away(&error);
                        // It may have been started anew without its streams.
                        if let Err(error) = self.set_up().await {
                            tracing::debug!(%error, "the queue is still away");
                        }
                        self.known().clear();
                        wait(AWAY, until).await;
                        continue;
                    }
                }
            }
            while let Some(lane) = ring.turn(&self.0.resting) {
                if let Some((fetched, following)) = in_hand.next_of(&lane.name) {
                    ring.served();
                    return Ok(Some(NatsDelivery::new(self.clone(), fetched, following)));
                }
                match self.fetch(replies, lane).await {
                    Ok(messages) if !messages.is_empty() => {
                        let fetched = self.understand(lane.class, messages).await;
                        in_hand.keep(&lane.name, self.without_set_apart(lane.class, fetched).await);
                    }
                    Ok(_) => ring.quiet(),
                    Err(error) => {
                        tracing::debug!(%error, lane = lane.name, "a lane gave nothing");
                        ring.quiet();
                    }
                }
                if until.is_cancelled() {
                    break;
                }
            }
            wait(IDLE, until).await;
            ring.forget();
        }
    }

    /// The lanes that workers of this queue serve, as the server knows them now.
    pub(super) async fn lanes(&self) -> Result<Vec<Lane>, QueueError> {
        let what = refused("list its lanes");
        let stream = self.stream(self.work_stream()).await?;
        let infos = timeout(PATIENCE, stream.consumers().try_collect::<Vec<_>>()).await;
        let infos = infos.map_err(|_| what("no answer".to_owned()))?.map_err(|e| what(e.to_string()))?;
        let only = &self.0.options.only;
        let mut lanes = Vec::new();
        for info in infos {
            let Some((class, share)) = lanes::of_consumer(&info) else { continue };
            if !only.is_empty() && !only.iter().any(|only| lanes::is_below(&share, only)) {
                continue;
            }
            lanes.push(Lane::new(class, share, info));
        }
        lanes.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(lanes)
    }

    /// The next messages of a lane, if there are any.
    async fn fetch(&self, replies: &mut Option<Replies>, lane: &Lane) -> Result<Vec<Message>, QueueError> {
        let what = refused("hand out work");
        let silence = || what("no answer".to_owned());
        let client = self.0.context.client();
        let at_once = lane.class.at_once();
        let asked = async {
            let from = match replies.take() {
                Some(replies) => replies,
                None => self.replies().await?,
            };
            let subject = self.api(&format!("CONSUMER.MSG.NEXT.{}.{}", self.work_stream(), lane.name));
            // Where it has none it says so at once, but where no more may be held it waits until some are settled.
            let wait_ns = if lane.is_at_its_limit() { AT_ITS_LIMIT.as_nanos() } else { 0 };
            let question = format!(r#"{{"batch":{at_once},"no_wait":true,"expires":{wait_ns}}}"#);
            let sent = client.publish_with_reply(subject, from.inbox.clone(), question.into()).await;
            sent.map_err(|error| what(error.to_string()))?;
            Ok(from)
        };
        let mut from = timeout(PATIENCE, asked).await.map_err(|_| silence())??;
        let mut messages = Vec::new();
        while messages.len() < at_once {
            let patience = if messages.is_empty() { PATIENCE } else { TOGETHER };
            // What comes later must not be taken for an answer to the next question: these replies are not used again.
            let message = match timeout(patience, from.messages.next()).await {
                Ok(Some(message)) => message,
                Ok(None) if messages.is_empty() => return Err(what("the connection was closed".to_owned())),
                Err(_) if messages.is_empty() => return Err(silence()),
                Ok(None) | Err(_) => return Ok(messages),
            };
            match message.status {
                None => messages.push(Message { message, context: self.0.context.clone() }),
                // 404: there are none; 408: none became free in time; 409: too many wait for some.
                Some(StatusCode::NOT_FOUND | StatusCode::TIMEOUT | StatusCode::REQUEST_TERMINATED) => break,
                Some(_) if !messages.is_empty() => break,
                Some(status) => {
                    return Err(what(format!("{status} {}", message.description.unwrap_or_default())));
                }
            }
        }
        *replies = Some(from);
        Ok(messages)
    }

    async fn replies(&self) -> Result<Replies, QueueError> {
        let client = self.0.context.client();
        let inbox = client.new_inbox();
        let messages = client.subscribe(inbox.clone()).await;
        let messages = messages.map_err(|error| refused("answer")(error.to_string()))?;
        Ok(Replies { inbox, messages })
    }

    /// What messages of a class say; one that is no task of ours is told of and thrown away.
    async fn understand(&self, class: Class, messages: Vec<Message>) -> VecDeque<Fetched> {
        let mut understood = VecDeque::with_capacity(messages.len());
        for message in messages {
            match handed(class, &message) {
                Ok(handed) => understood.push_back(Fetched { message, handed }),
                Err(error) => {
                    tracing::warn!(subject = %message.subject, %error, "a message that is no task is thrown away");
                    if let Err(error) = message.ack_with(AckKind::Term).await {
                        tracing::debug!(%error, "the queue did not hear it");
                    }
                }
            }
        }
        understood
    }
}

/// What a message of a class says.
fn handed(class: Class, message: &Message) -> Result<Handed, serde_json::Error> {
    let said = |name| {
        let value = message.headers.as_ref().and_then(|headers| headers.get(name));
        value.and_then(|value| value.as_str().parse::<u32>().ok()).unwrap_or(0)
    };
    let (earlier, failures) = (said(DELIVERIES), said(FAILURES));
    let delivered = message.info().map_or(1, |info| u32::try_from(info.delivered).unwrap_or(1));
    let deliveries = earlier.saturating_add(delivered.min(class.most_deliveries()));
    Ok(Handed { task: serde_json::from_slice(&message.payload)?, deliveries, failures })
}

/// Waits, but no longer than until `until` is cancelled.
async fn wait(time: Duration, until: &CancellationToken) {
    tokio::select! {
        () = until.cancelled() => {}
        () = tokio::time::sleep(time) => {}
    }
}
