//! The command line of `reelproof worker`.

use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct WorkerArgs {
    /// Queue to take work from: nats://HOST:PORT or tls://HOST:PORT, several with commas between [default: queue.url of
    /// the settings]
    #[arg(long, value_name = "QUEUE")]
    pub queue: Option<String>,

    /// Objects worked on at the same time [default: ingest.parallel of the settings, else one a processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub jobs: Option<u32>,

    /// Also look at what recordings show (black, frozen, silent), once they were read and whenever that is handed out
    #[arg(long)]
    pub inspect: bool,

    /// Policy whose figures say what black, frozen and silent are: a built-in name or a file
    #[arg(long, value_name = "NAME")]
    pub policy: Option<String>,

    /// Only work of this store, or of this folder of it as shares are named; may be given several times
    #[arg(long, value_name = "URL")]
    pub only: Vec<String>,

    /// Address and port for /healthz, /metrics and events of buckets [default: none]
    #[arg(long, value_name = "ADDR:PORT", env = "REELPROOF_WORKER_LISTEN")]
    pub listen: Option<SocketAddr>,

    /// File with the token with which stores tell of their objects at POST /events/bucket; without, nobody is heard there
    #[arg(long, value_name = "FILE", requires = "listen", env = "REELPROOF_WORKER_EVENTS_TOKEN_FILE")]
    pub events_token_file: Option<PathBuf>,

    /// How long to go on with what was begun once told to stop; the rest is handed back
    #[arg(long, value_name = "SECONDS", default_value_t = 25, value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub drain_s: u64,
}
