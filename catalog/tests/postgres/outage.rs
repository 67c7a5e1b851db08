//! Outages: a server that crashes in the middle of writes and comes back, and a commit whose answer is lost. Every write is
//! there afterwards, once.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use catalog::observation::Observation;
use catalog::store::{Listing, Reading, Recorded, StoreId};
use catalog::time::WallTime;

use super::server::Server;
use super::{Catalog, Database, OpenMode, contract, open};

/// Objects that are recorded, by so many at once.
const OBJECTS: u64 = 200;
const AT_ONCE: u64 = 8;
/// After so many, the server crashes; twice.
const CRASHES: [u64; 2] = [40, 120];

pub(super) fn reading<'a>(store: StoreId, object_key: &'a str, observation: &'a Observation) -> Reading<'a> {
    Reading {
        store,
        object_key,
        signature: "s",
        observed_at: WallTime(1_717_200_000_000_000),
        written_at: None,
        observation,
        tracks: &[],
        chunks: None,
        altered: &[],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_in_the_middle_of_writes_loses_nothing_and_doubles_nothing() {
    let Some(mut server) = Server::start() else { return };
    let database = server.database();
    let catalog = open(&database.url(), OpenMode::Create).await.unwrap();
    let store = catalog.add_store("file:///evidence", WallTime(1)).await.unwrap();
    let done = Arc::new(AtomicU64::new(0));
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let mut writers = Vec::new();
    for first in 0..AT_ONCE {
        let (catalog, done, tell) = (Arc::clone(&catalog), Arc::clone(&done), tell.clone());
        writers.push(tokio::spawn(async move {
            for number in (first..OBJECTS).step_by(usize::try_from(AT_ONCE).unwrap()) {
                let (key, observation) = contract::numbered_observation(number);
                let reading = reading(store.id, &key, &observation);
                // Asked again, a write that was done is the same bytes; it must not come to that.
                assert_eq!(catalog.record(&reading).await.unwrap(), Recorded::New, "{key}");
                // No key of its own keeps this one from being there twice.
                catalog.add_trail(&contract::trail_line(&format!("act_{number}"))).await.unwrap();
                tell.send(done.fetch_add(1, Ordering::SeqCst) + 1).unwrap();
            }
        }));
    }
    drop(tell);
    let mut crashes = CRASHES.iter().peekable();
    while let Some(count) = told.recv().await {
        if crashes.next_if(|after| count >= **after).is_some() {
            server.crash();
            server.start_again();
        }
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(catalog.totals().await.unwrap().recordings, OBJECTS);
    let acts = "SELECT count(*), count(DISTINCT act), (SELECT count(*) FROM event) FROM access_trail";
    assert_eq!(database.ask(acts).unwrap().trim(), format!("{OBJECTS}|{OBJECTS}|{OBJECTS}"));
    contract::the_log_explains_everything(catalog.as_ref()).await;
}

/// A proxy before the server that, when it is told to, lets a COMMIT through and keeps the answer to itself.
struct LosesAnswers {
    port: u16,
    lose: Arc<AtomicBool>,
    lost: Arc<AtomicU64>,
}

impl LosesAnswers {
    fn before(server_port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (lose, lost) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let ours = (Arc::clone(&lose), Arc::clone(&lost));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server_port)) else { continue };
                let (lose, lost) = (Arc::clone(&ours.0), Arc::clone(&ours.1));
                let cut = Arc::new(AtomicBool::new(false));
                let (mut up, mut down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let (mut to_server, mut to_client) = (server, client);
                let cut_up = Arc::clone(&cut);
                std::thread::spawn(move || {
                    let mut bytes = vec![0; 65_536];
                    while let Ok(count @ 1..) = up.read(&mut bytes) {
                        let commits = bytes[..count].windows(6).any(|six| six == b"COMMIT");
                        if commits && lose.swap(false, Ordering::SeqCst) {
                            cut_up.store(true, Ordering::SeqCst);
                        }
                        if to_server.write_all(&bytes[..count]).is_err() {
                            break;
                        }
                    }
                    let _ = to_server.shutdown(Shutdown::Both);
                });
                std::thread::spawn(move || {
                    let mut bytes = vec![0; 65_536];
                    while let Ok(count @ 1..) = down.read(&mut bytes) {
                        if cut.load(Ordering::SeqCst) {
                            lost.fetch_add(1, Ordering::SeqCst);
                            break;
                        }
                        if to_client.write_all(&bytes[..count]).is_err() {
                            break;
                        }
                    }
                    let _ = to_client.shutdown(Shutdown::Both);
                });
            }
        });
        Self { port, lose, lost }
    }

    fn lose_the_next(&self) {
        self.lose.store(true, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_done_once() {
    let Some(database) = Database::new() else { return };
    let proxy = LosesAnswers::before(database.port());
    let url = format!("{}?sslmode=disable", database.url_at(proxy.port));
    let catalog: Arc<dyn Catalog> = open(&url, OpenMode::Create).await.unwrap();
    let store = catalog.add_store("file:///evidence", WallTime(1)).await.unwrap();

    proxy.lose_the_next();
    catalog.add_trail(&contract::trail_line("sign_in")).await.unwrap();
    assert_eq!(database.ask("SELECT count(*) FROM access_trail").unwrap().trim(), "1");

    proxy.lose_the_next();
    let (listed_at, recorded_at) = (WallTime(5), WallTime(6));
    catalog
        .record_listing(&Listing { store: store.id, prefix: "", listed_at, recorded_at, objects: 0 })
        .await
        .unwrap();
    assert_eq!(database.ask("SELECT count(*) FROM listing").unwrap().trim(), "1");

    proxy.lose_the_next();
    let (key, observation) = contract::numbered_observation(1);
    assert_eq!(catalog.record(&reading(store.id, &key, &observation)).await.unwrap(), Recorded::New);
    assert_eq!(database.ask("SELECT count(*) FROM observation").unwrap().trim(), "1");

    proxy.lose_the_next();
    contract::record_a_step(catalog.as_ref()).await;
    assert_eq!(database.ask("SELECT count(*) FROM schedule_step").unwrap().trim(), "1");

    assert_eq!(proxy.lost.load(Ordering::SeqCst), 4, "each answer was lost once");
    contract::the_log_explains_everything(catalog.as_ref()).await;
}
