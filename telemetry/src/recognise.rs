//! Which format a sidecar or a data stream is: by what is in it, and by its name only where the
//! content cannot speak.

use crate::track::{Kind, Track};
use crate::{dji_srt, gpmf, gpx, klv, nmea, text};

/// How much of a file is looked at.
const LOOK_BYTES: usize = 16 << 10;

/// What telemetry a file holds, by its content; `None` if none that is known here.
///
/// `file_name` may be a whole key or empty. It decides only where the content is empty or not
/// recognised and the extension belongs to one format alone (`.gpx`, `.nmea`; an empty `.srt`): the
/// parser then says what is wrong. Only the first 16 KB of `bytes` are looked at, so a caller may
/// hand over the head of a file.
pub fn recognise(file_name: &str, bytes: &[u8]) -> Option<Kind> {
    let head = bytes.get(..LOOK_BYTES).unwrap_or(bytes);
    if klv::looks_like(head) {
        let is_st0601 = klv::begins_with_st0601(head);
        return Some(if is_st0601 { Kind::MisbSt0601 } else { Kind::Klv });
    }
    if gpmf::looks_like(head) {
        return Some(Kind::Gpmf);
    }
    // A cut in the middle of a character would look like another encoding.
    let whole_lines = head.iter().rposition(|&byte| byte == b'\n').map_or(head, |end| &head[..=end]);
    let text = text::decode_bounded(if head.len() < bytes.len() { whole_lines } else { head });
    if gpx::looks_like(&text) {
        return Some(Kind::Gpx);
    }
    if dji_srt::looks_like(&text) {
        return Some(Kind::DjiSrt);
    }
    if nmea::looks_like(&text) {
        return Some(Kind::Nmea);
    }
    let extension = file_name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("gpx") => Some(Kind::Gpx),
        Some("nmea") => Some(Kind::Nmea),
        Some("srt") if text.trim().is_empty() => Some(Kind::DjiSrt),
        _ => None,
    }
}

/// Reads a whole file of a kind.
pub fn parse(kind: Kind, bytes: &[u8]) -> Track {
    match kind {
        Kind::DjiSrt => dji_srt::parse(bytes),
        Kind::Gpmf => gpmf::parse(bytes),
        Kind::MisbSt0601 | Kind::Klv => klv::parse(bytes),
        Kind::Nmea => nmea::parse(bytes),
        Kind::Gpx => gpx::parse(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn content_decides_before_the_name() {
        for (name, bytes, kind) in [
            ("DJI_0001.SRT", fixtures::BRACKETED.as_bytes(), Some(Kind::DjiSrt)),
            ("flight.txt", fixtures::MAVIC_PRO.as_bytes(), Some(Kind::DjiSrt)),
            ("film.srt", b"1\n00:00:01,000 --> 00:00:02,000\nGood morning.\n", None),
            ("empty.SRT", b"", Some(Kind::DjiSrt)),
            ("x.log", fixtures::NMEA.as_bytes(), Some(Kind::Nmea)),
            ("x.log", b"INFO started\n", None),
            ("x.nmea", b"rubbish", Some(Kind::Nmea)),
            ("x.xml", fixtures::GPX.as_bytes(), Some(Kind::Gpx)),
            ("a.gpx", b"", Some(Kind::Gpx)),
            ("", b"DEVC\0\x01\0\0", Some(Kind::Gpmf)),
            ("data.bin", &[0xff; 64], None),
            ("", b"", None),
        ] {
            assert_eq!(recognise(name, bytes), kind, "{name}");
        }
        let packet = fixtures::st0601(&fixtures::st0601_items());
        assert_eq!(recognise("", &packet), Some(Kind::MisbSt0601));
        assert_eq!(recognise("", &fixtures::klv(&[7; 12], b"value")), Some(Kind::Klv));
    }
}
