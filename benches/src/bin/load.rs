//! Asks a service at a constant rate: `load HOST:PORT RATE SECONDS < QUESTIONS`.
//!
//! Each line of the input is a question, its fields separated by tabs: a name, the path, and what else stands in the head
//! (`Cookie: …`), as many fields as there are lines. Names repeat, and all lines are asked in turn. The rate
//! is kept whatever the service does (an open loop): a request that is late because the one before it was not
//! answered counts as late, because its time runs from the moment at which it should have been sent
//! ("coordinated omission" is what leaving that out is called). Connections are kept open and opened as needed.
//!
//! Prints one JSON document: by name, how many there were, statuses, bytes of the last body, and quantiles in
//! microseconds.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, BufRead as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

type Idle = Arc<Mutex<Vec<BufReader<TcpStream>>>>;

/// What came back: status, bytes of the body.
struct Answer {
    status: u16,
    body_bytes: u64,
}

#[derive(Default)]
struct Notes {
    took_us: Vec<u64>,
    statuses: BTreeMap<u16, u64>,
    body_bytes: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [host, rate, seconds] = &args[..] else {
        return Err("usage: load HOST:PORT RATE SECONDS < QUESTIONS".into());
    };
    let (rate, seconds): (u32, u32) = (rate.parse()?, seconds.parse()?);
    let mut questions: Vec<(String, String)> = Vec::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, path, head @ ..] = &fields[..] else { return Err(format!("no path in `{line}`").into()) };
        let head: String = head.iter().flat_map(|line| [line, "\r\n"]).collect();
        questions.push(((*name).to_owned(), format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{head}\r\n")));
    }
    // One thread: the service has the others.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let notes = runtime.block_on(load(host, &questions, rate, seconds));
    println!("{}", Value::Object(notes?));
    Ok(())
}

async fn load(
    host: &str,
    questions: &[(String, String)],
    rate: u32,
    seconds: u32,
) -> Result<Map<String, Value>, Box<dyn Error>> {
    let idle = Idle::default();
    let mut under_way = Vec::new();
    let began = Instant::now();
    for (number, (name, request)) in (0..rate * seconds).zip(questions.iter().cycle()) {
        let intended = began + Duration::from_secs(1) * number / rate;
        tokio::time::sleep_until(intended.into()).await;
        let (idle, host, name, request) = (Arc::clone(&idle), host.to_owned(), name.clone(), request.clone());
        under_way.push(tokio::spawn(async move {
            let answer = ask(&idle, &host, request.as_bytes()).await;
            (name, intended.elapsed(), answer)
        }));
    }
    let mut notes: BTreeMap<String, Notes> = BTreeMap::new();
    for asked in under_way {
        let (name, took, answer) = asked.await?;
        let answer = answer.map_err(|error| format!("{name}: {error}"))?;
        let of_name = notes.entry(name).or_default();
        of_name.took_us.push(u64::try_from(took.as_micros())?);
        *of_name.statuses.entry(answer.status).or_default() += 1;
        of_name.body_bytes = answer.body_bytes;
    }
    Ok(notes.into_iter().map(|(name, notes)| (name, notes.summed_up())).collect())
}

impl Notes {
    fn summed_up(mut self) -> Value {
        self.took_us.sort_unstable();
        // The least that so many of a thousand do not exceed.
        let quantile = |per_mille: usize| {
            let rank = (self.took_us.len() * per_mille).div_ceil(1000);
            self.took_us.get(rank.saturating_sub(1)).copied()
        };
        let statuses: Map<String, Value> =
            self.statuses.iter().map(|(status, count)| (status.to_string(), json!(count))).collect();
        json!({
            "requests": self.took_us.len(),
            "statuses": statuses,
            "body_bytes": self.body_bytes,
            "p50_us": quantile(500),
            "p90_us": quantile(900),
            "p99_us": quantile(990),
            "max_us": self.took_us.last(),
        })
    }
}

async fn ask(idle: &Idle, host: &str, request: &[u8]) -> io::Result<Answer> {
    let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let mut connection = if let Some(connection) = kept {
        connection
    } else {
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        BufReader::with_capacity(64 * 1024, stream)
    };
    connection.get_mut().write_all(request).await?;
    let answer = read(&mut connection).await?;
    idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    Ok(answer)
}

/// Reads one answer whose length stands in its head.
async fn read(connection: &mut BufReader<TcpStream>) -> io::Result<Answer> {
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut line = String::new();
    connection.read_line(&mut line).await?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| bad("no status"))?;
    let mut body_bytes = 0;
    loop {
        line.clear();
        connection.read_line(&mut line).await?;
        if line.trim_end().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            body_bytes = value.trim().parse().map_err(|_| bad("a length that is no number"))?;
        }
    }
    let read = tokio::io::copy(&mut connection.take(body_bytes), &mut tokio::io::sink()).await?;
    if read < body_bytes { Err(bad("cut off")) } else { Ok(Answer { status, body_bytes }) }
}
