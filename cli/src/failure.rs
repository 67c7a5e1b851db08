//! How a command ends badly, and which exit status says so.
//!
//! The contract keeps three kinds apart: we failed (1), the input was wrong (2), the evidence did not
//! hold (3). The last is no error at all: its report went to stdout, and scripts ask the status.

use std::fmt::Write as _;
use std::process::ExitCode;

use api::casework::CaseworkError;
use api::operations::OperationError;
use catalog::store::StoreError;
use ingest::location::LocationError;
use ingest::probe::ProbeError;
use ingest::reading::ReadError;
use ingest::run::RunError;

use crate::args::Language;
use crate::chinese;
use crate::stderr::tell;

/// Why a command did not end with 0.
#[derive(Debug)]
pub(crate) enum Failure {
    /// We failed: exit status 1.
    Ours(anyhow::Error),
    /// The usage or the input is wrong: exit status 2.
    Input(anyhow::Error),
    /// The evidence did not hold: exit status 3. What did not hold was printed already.
    Evidence,
}

impl Failure {
    /// Wrong input, in words.
    pub(crate) fn input(message: impl std::fmt::Display) -> Self {
        Self::Input(anyhow::anyhow!("{message}"))
    }

    /// Whether a message has to be shown even to those who asked for quiet.
    pub(crate) fn is_ours(&self) -> bool {
        !matches!(self, Self::Evidence)
    }

    /// The exit status.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Ours(_) => 1,
            Self::Input(_) => 2,
            Self::Evidence => 3,
        })
    }

    /// Writes the message to stderr, causes and all, in the person's language where it has words in it.
    pub(crate) fn print(&self, lang: Language) {
        if let Self::Ours(error) | Self::Input(error) = self {
            match (lang, chinese::message(error)) {
                (Language::Zh, Some(message)) => tell(format!("错误：{message}")),
                (Language::Zh, None) => tell(format!("错误：{}", chain(error))),
                (Language::En, _) => tell(format!("error: {}", chain(error))),
            }
        }
    }
}

/// The message with its causes, leaving out a cause that the message before it repeats.
fn chain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            // Writing to a String cannot fail.
            let _ = write!(text, ": {cause}");
        }
    }
    text
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Ours(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Ours(error.into())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Ours(error.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::BadUrl { .. }
            | StoreError::NotFound { .. }
            | StoreError::NotACatalog { .. }
            | StoreError::NotEmpty { .. }
            | StoreError::ExcuseOnRecord { .. } => Self::Input(error.into()),
            _ => Self::Ours(error.into()),
        }
    }
}

impl From<OperationError> for Failure {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::Store(error) => error.into(),
            OperationError::Report(_)
            | OperationError::StoredRound { .. }
            | OperationError::CutOff(_)
            | OperationError::Draw(analyzer::sample::DrawError::FrameAltered { .. }) => {
                Self::Ours(error.into())
            }
            _ => Self::Input(error.into()),
        }
    }
}

impl From<CaseworkError> for Failure {
    fn from(error: CaseworkError) -> Self {
        match error {
            CaseworkError::Operation(error) => error.into(),
            CaseworkError::Raced(_) | CaseworkError::Paper(_) | CaseworkError::File(_) => {
                Self::Ours(error.into())
            }
            // What was kept is what does not hold: it is said in both languages, for nobody asked for one here.
            CaseworkError::KeptChanged { .. } => {
                tell(format!("error: {error}\n错误：{}", error.zh()));
                Self::Evidence
            }
            _ => Self::Input(error.into()),
        }
    }
}

impl From<LocationError> for Failure {
    fn from(error: LocationError) -> Self {
        Self::Input(error.into())
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Location(error) => error.into(),
            RunError::Store(error) => error.into(),
            RunError::ContainsStore { .. } => Self::Input(error.into()),
            _ => Self::Ours(error.into()),
        }
    }
}

impl From<ProbeError> for Failure {
    fn from(error: ProbeError) -> Self {
        match error {
            ProbeError::Read(ReadError::Vanished { .. }) => Self::Input(error.into()),
            _ => Self::Ours(error.into()),
        }
    }
}
