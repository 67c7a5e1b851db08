//! Logs and traces: what the program tells those who run it.
//!
//! Logs go to stderr, as text or as one JSON object a line. They name requests by number, method and the template of the
//! address, and nobody by name: no case, no recording, no login and no query stands in them.
//!
//! Traces go to a collector of OpenTelemetry by OTLP (HTTP, protobuf), where `OTEL_EXPORTER_OTLP_ENDPOINT` or
//! `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` names one: a span for each request, with the same few words. What else the
//! standard's variables say (headers, time-outs, sampling, the size of batches) is obeyed, too.

use anyhow::Context as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde::Deserialize;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::args::Args;
use crate::failure::Failure;
use crate::settings::Settings;

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// Any of these names a collector.
const COLLECTOR: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// What has to be sent before the process ends.
#[derive(Debug, Default)]
pub(crate) struct Log(Option<SdkTracerProvider>);

impl Log {
    /// Starts logs, and traces where a collector is named. Warnings and errors are logged; `REELPROOF_LOG` asks for more,
    /// such as `info` or `api=debug`.
    ///
    /// # Errors
    /// Names everything that is wrong with the variables at once.
    pub(crate) fn start(args: &Args) -> Result<Self, Failure> {
        let mut wrong = Vec::new();
        let filter = match std::env::var("REELPROOF_LOG") {
            Ok(asked) => EnvFilter::try_new(&asked).unwrap_or_else(|error| {
                wrong.push(format!("REELPROOF_LOG={asked}: {error}"));
                EnvFilter::new("warn")
            }),
            Err(_) => EnvFilter::new("warn"),
        };
        let collector = COLLECTOR.iter().any(|name| std::env::var(name).is_ok_and(|value| !value.is_empty()));
        let traces = if collector {
            provider().map_err(|error| wrong.push(format!("{}: {error:#}", COLLECTOR.join(", ")))).ok()
        } else {
            None
        };
        // A file of settings that does not do is told of by the command, which reads it, too.
        let settings = Settings::load(args.config.as_deref(), |variable| std::env::var(variable).ok());
        let format =
            args.log_format.or(settings.ok().and_then(|settings| settings.log.format)).unwrap_or_default();
        let to_stderr = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
        let to_stderr = match format {
            LogFormat::Text => to_stderr.with_filter(filter).boxed(),
            LogFormat::Json => {
                to_stderr.json().flatten_event(true).with_span_list(false).with_filter(filter).boxed()
            }
        };
        let to_collector = traces.as_ref().map(|provider| {
            // The spans of our own rooms; what libraries tell of themselves is not for the collector.
            let ours = EnvFilter::new("off,api=info,ingest=info,reelproof=info");
            tracing_opentelemetry::layer()
                .with_tracer(provider.tracer("reelproof"))
                .with_location(false)
                .with_threads(false)
                .with_filter(ours)
        });
        if !wrong.is_empty() {
            return Err(Failure::input(wrong.join("\n")));
        }
        tracing_subscriber::registry().with(to_stderr).with(to_collector).init();
        Ok(Self(traces))
    }

    /// Sends what is left to the collector, for a few seconds at most.
    pub(crate) fn end(self) {
        if let Some(Err(error)) = self.0.map(|provider| provider.shutdown()) {
            tracing::warn!(%error, "the collector of traces did not take everything");
        }
    }
}

fn provider() -> anyhow::Result<SdkTracerProvider> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .build()
        .context("traces cannot be sent there")?;
    let mut resource = Resource::builder();
    // The standard's variable wins.
    if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name("reelproof");
    }
    let resource = resource
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}
