//! What a file is, told from its first bytes alone.
//!
//! FFmpeg guesses too, but it guesses generously: it opens a text of JPEG names as a video and raw
//! telemetry as `rawvideo`. Evidence needs a stricter answer, and the reader must know before the
//! first seek whether the file can be indexed from its tables or has to be read through. Magic
//! numbers are those of ISO/IEC 14496-12 (boxes), ISO/IEC 13818-1 (transport and program streams),
//! RFC 8794 (EBML), Microsoft's RIFF and ASF, SMPTE 377 (MXF), RFC 3533 (Ogg), ITU-T H.264/H.265
//! Annex B, ISO/IEC 11172-3 and 13818-7 (MPEG audio), RFC 4867 (AMR).

use serde::{Deserialize, Serialize};

use super::mp4::boxes::{be_u32, be_u64};

/// How many bytes from the start of a file [`sniff`] and [`access`] want to see; fewer where the
/// file is shorter.
pub const HEAD_BYTES: usize = 16 * 1024;

/// The family of a container, by the demultiplexer it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Container {
    /// ISO base media with one of MPEG's or the industry's brands.
    Mp4,
    /// QuickTime.
    Mov,
    /// ISO base media of mobile phones (3GPP, 3GPP2).
    #[serde(rename = "3gp")]
    ThreeGp,
    /// MPEG-2 transport stream, with packets of 188, 192 (M2TS) or 204 bytes.
    MpegTs,
    /// Matroska.
    Matroska,
    /// WebM.
    WebM,
    /// RIFF AVI.
    Avi,
    /// MPEG program stream.
    MpegPs,
    /// Flash video.
    Flv,
    /// Windows Media.
    Asf,
    /// RIFF WAVE.
    Wav,
    /// Ogg.
    Ogg,
    /// Material exchange format.
    Mxf,
    /// Bare H.264.
    H264,
    /// Bare H.265.
    Hevc,
    /// MPEG audio, layers I to III.
    Mp3,
    /// AAC in ADTS frames.
    Aac,
    /// AMR speech.
    Amr,
    /// FLAC.
    Flac,
}

impl Container {
    /// The short name, as in [`catalog::observation::Observation::container`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::ThreeGp => "3gp",
            Self::MpegTs => "mpegts",
            Self::Matroska => "matroska",
            Self::WebM => "webm",
            Self::Avi => "avi",
            Self::MpegPs => "mpegps",
            Self::Flv => "flv",
            Self::Asf => "asf",
            Self::Wav => "wav",
            Self::Ogg => "ogg",
            Self::Mxf => "mxf",
            Self::H264 => "h264",
            Self::Hevc => "hevc",
            Self::Mp3 => "mp3",
            Self::Aac => "aac",
            Self::Amr => "amr",
            Self::Flac => "flac",
        }
    }

    /// The one FFmpeg demultiplexer that may open it.
    pub(super) const fn demuxer(self) -> &'static str {
        match self {
            Self::Mp4 | Self::Mov | Self::ThreeGp => "mov",
            Self::MpegTs => "mpegts",
            Self::Matroska | Self::WebM => "matroska",
            Self::MpegPs => "mpeg",
            _ => self.as_str(),
        }
    }

    /// Whether it is built of ISO base media boxes.
    pub const fn is_iso(self) -> bool {
        matches!(self, Self::Mp4 | Self::Mov | Self::ThreeGp)
    }
}

/// How the bytes of a file are visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Only box headers and the index are read, by seeking: well under 1 % of the file.
    Sparse,
    /// Every byte is read once, in order, without a seek.
    Sequential,
}

/// How [`super::examine`] will visit a file that begins with `head` ([`HEAD_BYTES`] of it, or all).
///
/// Sparse where sample tables can be expected: ISO media, unless the head shows fragments.
pub fn access(head: &[u8]) -> Access {
    match sniff(head) {
        Some(container) if container.is_iso() && !shows_fragments(head) => Access::Sparse,
        // A file that is not recognised is not read beyond its head.
        None => Access::Sparse,
        Some(_) => Access::Sequential,
    }
}

/// Which container begins with `head`; `None` if it is none that can hold footage.
pub fn sniff(head: &[u8]) -> Option<Container> {
    let starts = |magic: &[u8]| head.starts_with(magic);
    if let Some(iso) = sniff_iso(head) {
        return Some(iso);
    }
    if starts(b"\x1a\x45\xdf\xa3") {
        let webm = head.get(..64.min(head.len())).is_some_and(|h| h.windows(4).any(|w| w == b"webm"));
        return Some(if webm { Container::WebM } else { Container::Matroska });
    }
    if (starts(b"RIFF") || starts(b"ON2 ")) && matches!(head.get(8..11), Some(b"AVI" | b"ON2")) {
        return Some(Container::Avi);
    }
    if (starts(b"RIFF") || starts(b"RF64")) && head.get(8..12) == Some(b"WAVE") {
        return Some(Container::Wav);
    }
    let magics: &[(&[u8], Container)] = &[
        (b"FLV\x01", Container::Flv),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", Container::Asf),
        (b"OggS", Container::Ogg),
        (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", Container::Mxf),
        (b"fLaC", Container::Flac),
        (b"#!AMR", Container::Amr),
        (b"ID3", Container::Mp3),
    ];
    if let Some(&(_, container)) = magics.iter().find(|(magic, _)| starts(magic)) {
        return Some(container);
    }
    if ts_packet_bytes(head).is_some() {
        return Some(Container::MpegTs);
    }
    if starts(b"\x00\x00\x01\xba") && head.get(4).is_some_and(|b| b >> 6 == 0b01 || b >> 4 == 0b0010) {
        return Some(Container::MpegPs);
    }
    sniff_annex_b(head).or_else(|| sniff_frames(head))
}

/// ISO media: the first box has a known type and a size that makes sense.
fn sniff_iso(head: &[u8]) -> Option<Container> {
    let (size, kind) = (be_u32(head, 0)?, head.get(4..8)?);
    let known: &[&[u8; 4]] = &[
        b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip", b"pnot", b"styp", b"moof", b"sidx", b"uuid",
        b"prfl", b"emsg", b"junk",
    ];
    if !known.iter().any(|k| k[..] == *kind) || (2..8).contains(&size) && kind != b"free" && kind != b"skip" {
        return None;
    }
    if kind != b"ftyp" {
        let fragment = matches!(kind, b"styp" | b"moof" | b"sidx" | b"emsg");
        return Some(if fragment { Container::Mp4 } else { Container::Mov });
    }
    // Some writers leave the major brand empty and name QuickTime among the compatible ones.
    let brands_end = usize::try_from(size).unwrap_or(usize::MAX).min(head.len());
    let mut brands = head.get(8..brands_end)?.chunks_exact(4);
    let major = brands.next()?;
    Some(if major == b"qt  " || (major == [0; 4] && brands.any(|brand| brand == b"qt  ")) {
        Container::Mov
    } else if major.starts_with(b"3g") {
        Container::ThreeGp
    } else {
        Container::Mp4
    })
}

/// Whether the head of an ISO file shows that its packets stand in fragments (14496-12, 8.8).
fn shows_fragments(head: &[u8]) -> bool {
    let mut offset = 0usize;
    while let (Some(size), Some(kind)) = (be_u32(head, offset), head.get(offset + 4..offset + 8)) {
        match kind {
            b"moof" | b"sidx" | b"styp" => return true,
            b"moov" => {
                let end = offset.saturating_add(usize::try_from(size).unwrap_or(usize::MAX)).min(head.len());
                return head
                    .get(offset.saturating_add(8)..end)
                    .is_some_and(|body| top_level_kinds(body).any(|kind| kind == *b"mvex"));
            }
            _ => {}
        }
        let size = match size {
            1 => be_u64(head, offset + 8).and_then(|size| usize::try_from(size).ok()),
            0 => None,
            // A header alone, whatever it says.
            2..8 => Some(8),
            size => usize::try_from(size).ok(),
        };
        let Some(next) = size.and_then(|size| offset.checked_add(size)) else { return false };
        if next <= offset || next >= head.len() {
            return false;
        }
        offset = next;
    }
    false
}

fn top_level_kinds(body: &[u8]) -> impl Iterator<Item = [u8; 4]> + '_ {
    let mut offset = 0usize;
    std::iter::from_fn(move || {
        let size = usize::try_from(be_u32(body, offset)?).ok()?;
        let kind = body.get(offset + 4..offset + 8)?.try_into().ok()?;
        offset = offset.checked_add(size.max(8))?;
        Some(kind)
    })
}

/// The length of a transport packet, where `head` is a transport stream: the sync byte 0x47 comes
/// back at one distance at least five times (or as often as the head is long, from two packets on),
/// after at most one packet of something else.
pub(super) fn ts_packet_bytes(head: &[u8]) -> Option<(usize, usize)> {
    for packet_bytes in [188usize, 192, 204] {
        for first in 0..packet_bytes.min(head.len()) {
            if head[first] != 0x47 {
                continue;
            }
            let syncs = head[first..].iter().step_by(packet_bytes);
            let looked_at = syncs.len().min(40);
            let hits = syncs.take(looked_at).take_while(|&&b| b == 0x47).count();
            // At the very start two packets are enough; elsewhere a chance hit is likelier.
            let needed = if first == 0 || (packet_bytes == 192 && first == 4) { 2 } else { 5 };
            if hits >= needed && hits >= looked_at.min(5) {
                return Some((packet_bytes, first));
            }
        }
    }
    None
}

/// H.264 or H.265 with start codes: the first units must be ones that a stream begins with.
fn sniff_annex_b(head: &[u8]) -> Option<Container> {
    let ([0, 0, 0, 1, unit @ ..] | [0, 0, 1, unit @ ..]) = head else { return None };
    let (&first, &second) = (unit.first()?, unit.get(1)?);
    let units = || head.windows(5).filter(|w| w[..3] == [0, 0, 1]);
    // Parameter sets must follow, or the stream could not be decoded from here.
    let avc_sets = units().any(|w| w[3] & 0x9f == 7) && units().any(|w| w[3] & 0x9f == 8);
    if first & 0x80 == 0 && matches!(first & 0x1f, 6..=9) && avc_sets {
        return Some(Container::H264);
    }
    let hevc = |a: u8, b: u8, kinds: std::ops::RangeInclusive<u8>| {
        a & 0x81 == 0 && b & 0xf8 == 0 && b & 7 != 0 && kinds.contains(&(a >> 1))
    };
    let hevc_sets = units().any(|w| hevc(w[3], w[4], 33..=33));
    (hevc(first, second, 32..=40) && hevc_sets).then_some(Container::Hevc)
}

/// Audio frames that follow one another at the distances their headers state.
fn sniff_frames(head: &[u8]) -> Option<Container> {
    let chain = |length: fn(&[u8]) -> Option<usize>| {
        let mut offset = 0usize;
        let mut frames = 0;
        while frames < 4 {
            let Some(bytes) = head.get(offset..).and_then(length) else { break };
            frames += 1;
            offset += bytes;
        }
        frames == 4 || (frames >= 2 && offset == head.len())
    };
    if chain(adts_frame_bytes) {
        return Some(Container::Aac);
    }
    chain(mpeg_audio_frame_bytes).then_some(Container::Mp3)
}

fn adts_frame_bytes(bytes: &[u8]) -> Option<usize> {
    let h = bytes.first_chunk::<7>()?;
    if h[0] != 0xff || h[1] & 0xf6 != 0xf0 || (h[2] >> 2) & 0xf > 12 {
        return None;
    }
    let length = usize::from(h[3] & 3) << 11 | usize::from(h[4]) << 3 | usize::from(h[5] >> 5);
    (length > 7).then_some(length)
}

fn mpeg_audio_frame_bytes(bytes: &[u8]) -> Option<usize> {
    const V1L3: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const V1L2: [usize; 15] = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
    const V2: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let h = bytes.first_chunk::<4>()?;
    if h[0] != 0xff || h[1] & 0xe0 != 0xe0 {
        return None;
    }
    let (version, layer) = ((h[1] >> 3) & 3, (h[1] >> 1) & 3);
    let kbps = match (version, layer) {
        (3, 1) => V1L3.get(usize::from(h[2] >> 4))?,
        (3, 2) => V1L2.get(usize::from(h[2] >> 4))?,
        (0 | 2, 1 | 2) => V2.get(usize::from(h[2] >> 4))?,
        _ => return None,
    };
    let rate = [44_100usize, 48_000, 32_000].get(usize::from((h[2] >> 2) & 3))?
        / match version {
            3 => 1,
            2 => 2,
            _ => 4,
        };
    let samples_by_8 = if version != 3 && layer == 1 { 72 } else { 144 };
    (*kbps > 0).then(|| samples_by_8 * kbps * 1000 / rate + usize::from((h[2] >> 1) & 1))
}

/// What a file that is no container looks like, for a person: a noun phrase.
pub fn resembles(head: &[u8]) -> &'static str {
    let magics: &[(&[u8], &str)] = &[
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"\x89PNG", "a PNG picture"),
        (b"PK\x03\x04", "a ZIP archive or an Office document"),
        (b"%PDF", "a PDF document"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"Rar!", "a RAR archive"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"SQLite format 3", "an SQLite database"),
        (b"\x7fELF", "a program"),
        (b"DEVC", "GPMF telemetry without a container"),
    ];
    if let Some((_, what)) = magics.iter().find(|(magic, _)| head.starts_with(magic)) {
        return what;
    }
    if head.iter().all(|&b| b == 0) {
        return "nothing but zero bytes";
    }
    text_kind(head).unwrap_or("no kind of media this reader knows")
}

fn text_kind(head: &[u8]) -> Option<&'static str> {
    // The head may end inside a character.
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(e) if e.error_len().is_none() => std::str::from_utf8(head.get(..e.valid_up_to())?).ok()?,
        Err(_) => return None,
    };
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return None;
    }
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let lower = text.get(..text.len().min(2048)).unwrap_or(text).to_ascii_lowercase();
    Some(if text.starts_with(['{', '[']) {
        "JSON"
    } else if lower.contains("<gpx") {
        "a GPX track"
    } else if lower.contains("<kml") {
        "a KML document"
    } else if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        "a web page"
    } else if lower.starts_with("<?xml") {
        "XML"
    } else if lower.starts_with("webvtt") {
        "WebVTT subtitles"
    } else if is_subrip(text) {
        "SubRip subtitles (SRT)"
    } else if lower.starts_with("$gp") || lower.starts_with("$gn") {
        "an NMEA log"
    } else {
        "a text"
    })
}

fn is_subrip(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.next().is_some_and(|line| line.bytes().all(|b| b.is_ascii_digit()))
        && lines.next().is_some_and(|line| line.contains("-->"))
}

#[cfg(test)]
#[path = "container_tests.rs"]
mod tests;
