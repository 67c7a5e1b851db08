//! Time stamps of checkpoints (RFC 3161): somebody else's word for when a root was there.
//!
//! A checkpoint says itself when it was signed, in our words. A time-stamping authority signs the digest of the note
//! together with its own time, and sees nothing but the digest. That the answer is about this note, to this question and
//! positive is checked here; whether the authority's signature and certificates hold is for whoever trusts it, with
//! any tool for time stamps: `openssl ts -verify -data NOTE -in NOTE.tsr -CAfile AUTHORITY.pem`.

use std::time::Duration;

use catalog::{Micros, WallTime};
use cms::content_info::CmsVersion;
use cms::signed_data::EncapsulatedContentInfo;
use der::asn1::{Any, AnyRef, Int, Null, ObjectIdentifier, OctetString};
use der::{Decode as _, Encode as _, Reader as _, SliceReader};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use x509_tsp::{MessageImprint, TimeStampReq, TimeStampResp, TspVersion, TstInfo};

/// SHA-256, as an object identifier (RFC 5754, section 2.2).
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// What a token holds, as an object identifier (RFC 3161, section 2.4.2).
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// Bytes of an answer at most: tokens with all certificates have a few thousand.
const MOST_BYTES: usize = 256 * 1024;

/// How long an authority may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is no time stamp.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    /// The authority did not answer.
    #[error("the time-stamping authority {url} does not answer: {reason}")]
    Unreachable {
        /// Its address.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// It answered something else.
    #[error("{url} answered {what}: is that the address of a time-stamping authority (RFC 3161)?")]
    NoAuthority {
        /// Its address.
        url: String,
        /// What came.
        what: String,
    },
    /// It refused.
    #[error("the authority refused: status {status}{said}")]
    Refused {
        /// The status (RFC 3161, section 2.4.2).
        status: u32,
        /// Its words, after a colon; empty if it had none.
        said: String,
    },
    /// What it answered is no time stamp.
    #[error("the answer is no time stamp: {0}")]
    Unreadable(#[from] der::Error),
    /// It is one, and of something else.
    #[error("the time stamp is not of this note: {0}")]
    Other(&'static str),
    /// No random number could be had.
    #[error("the operating system has no random bytes: {0}")]
    NoChance(String),
}

/// What an authority says of a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stamp {
    /// When it had the note's digest before it, by its clock.
    pub at: WallTime,
    /// SHA-256 of the note, lower-case hexadecimal.
    pub sha256: String,
    /// The authority's number of the time stamp, hexadecimal.
    pub serial: String,
    /// Under which of its policies, as an object identifier.
    pub policy: String,
}

/// A question about a note.
#[derive(Debug)]
pub struct Question {
    digest: Vec<u8>,
    nonce: Int,
    /// The question as it is sent, in DER.
    pub der: Vec<u8>,
}

impl Question {
    /// Asks for a time stamp of these bytes.
    ///
    /// # Errors
    /// Where no random number can be had.
    pub fn about(note: &[u8]) -> Result<Self, StampError> {
        let mut nonce = [0; 8];
        getrandom::fill(&mut nonce).map_err(|error| StampError::NoChance(error.to_string()))?;
        // A positive number in its shortest form: the first bit is clear, the second is set.
        nonce[0] = nonce[0] & 0x3f | 0x40;
        let digest = Sha256::digest(note).to_vec();
        let nonce = Int::new(&nonce)?;
        let question = TimeStampReq {
            version: TspVersion::V1,
            message_imprint: imprint(&digest)?,
            req_policy: None,
            nonce: Some(nonce.clone()),
            // Whoever verifies needs the authority's certificate, and may not be able to get it by then.
            cert_req: true,
            extensions: None,
        };
        Ok(Self { digest, nonce, der: question.to_der()? })
    }

    /// Reads the answer to this question.
    ///
    /// # Errors
    /// Where it is negative, unreadable, or the answer to another question.
    pub fn answered(&self, answer: &[u8]) -> Result<Stamp, StampError> {
        let info = token_of(answer)?;
        if info.nonce.as_ref() != Some(&self.nonce) {
            return Err(StampError::Other("it answers another question"));
        }
        stamp(&info, &self.digest)
    }
}

/// What an answer that was kept says of a note.
///
/// # Errors
/// Where it is negative, unreadable, or about something else.
pub fn read(note: &[u8], answer: &[u8]) -> Result<Stamp, StampError> {
    stamp(&token_of(answer)?, &Sha256::digest(note))
}

/// Asks an authority for a time stamp of a note; gives what it says and its answer, byte for byte.
///
/// # Errors
/// [`StampError`] says what went wrong.
pub async fn request(url: &str, note: &[u8]) -> Result<(Stamp, Vec<u8>), StampError> {
    let unreachable =
        |error: reqwest::Error| StampError::Unreachable { url: url.to_owned(), reason: reason(&error) };
    let question = Question::about(note)?;
    let client = reqwest::Client::builder().timeout(PATIENCE).build().map_err(unreachable)?;
    let asked = client
        .post(url)
        .header(CONTENT_TYPE, "application/timestamp-query")
        .header(ACCEPT, "application/timestamp-reply")
        .body(question.der.clone());
    let mut answer = asked.send().await.map_err(unreachable)?;
    let none = |what: String| StampError::NoAuthority { url: url.to_owned(), what };
    if !answer.status().is_success() {
        return Err(none(format!("with status {}", answer.status().as_u16())));
    }
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("nothing");
    if !kind.starts_with("application/timestamp-reply") {
        return Err(none(format!("with {kind}")));
    }
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(unreachable)? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > MOST_BYTES {
            return Err(none(format!("with more than {MOST_BYTES} bytes")));
        }
    }
    Ok((question.answered(&bytes)?, bytes))
}

/// An error with what it came from, which alone says what happened.
fn reason(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}

fn imprint(digest: &[u8]) -> Result<MessageImprint, der::Error> {
    let hash_algorithm = cms::cert::x509::spki::AlgorithmIdentifier {
        oid: SHA_256,
        parameters: Some(Any::encode_from(&Null)?),
    };
    Ok(MessageImprint { hash_algorithm, hashed_message: OctetString::new(digest)? })
}

/// What an answer holds, if it is positive.
fn token_of(answer: &[u8]) -> Result<TstInfo, StampError> {
    let answer = TimeStampResp::from_der(answer)?;
    // `granted` and `grantedWithMods` come with a token, and nothing else does.
    let status = answer.status.status as u32;
    let token = answer.time_stamp_token.filter(|_| status <= 1).ok_or_else(|| {
        let said = answer.status.status_string.iter().flatten().map(|text| text.as_str());
        let said = said.fold(String::new(), |all, text| format!("{all}: {text}"));
        StampError::Refused { status, said }
    })?;
    // Of what is signed only the content is read: certificates and signatures are for those who verify them, and
    // authorities send them in encodings that are not always in order.
    let signed = token.content.to_der()?;
    let content = SliceReader::new(&signed)?.sequence(|inner| {
        CmsVersion::decode(inner)?;
        AnyRef::decode(inner)?;
        let content = EncapsulatedContentInfo::decode(inner)?;
        inner.read_slice(inner.remaining_len())?;
        Ok(content)
    })?;
    if content.econtent_type != TST_INFO {
        return Err(StampError::Other("it holds something else than a time stamp"));
    }
    let content = content.econtent.ok_or(StampError::Other("it is empty"))?;
    Ok(TstInfo::from_der(content.value())?)
}

fn stamp(info: &TstInfo, digest: &[u8]) -> Result<Stamp, StampError> {
    let imprint = &info.message_imprint;
    if imprint.hash_algorithm.oid != SHA_256 || imprint.hashed_message.as_bytes() != digest {
        return Err(StampError::Other("it has another digest"));
    }
    let since_1970 = i64::try_from(info.gen_time.to_unix_duration().as_micros());
    let since_1970 = since_1970.map_err(|_| StampError::Other("it is of no time that we can tell"))?;
    Ok(Stamp {
        at: WallTime(0) + Micros(since_1970),
        sha256: hex::encode(digest),
        serial: hex::encode(info.serial_number.as_bytes()),
        policy: info.policy.to_string(),
    })
}
