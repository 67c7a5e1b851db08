//! The movie box: tracks, what they carry, and whether it is locked (14496-12, 8.2 to 8.5, 8.12).

use std::ops::Range;

use super::boxes::{FourCc, be_u32, boxes, descend, find};

/// Tracks beyond this number are not looked at.
const TRACKS_MAX: usize = 1000;

/// A movie box.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Movie {
    /// Its tracks in order.
    pub(crate) tracks: Vec<Track>,
    /// Whether it announces that packets also stand in fragments.
    pub(crate) fragmented: bool,
}

/// A track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Track {
    /// Its id, which fragments and FFmpeg's streams refer to.
    pub(crate) id: u32,
    /// Type of its first sample entry.
    pub(crate) entry: Option<FourCc>,
    /// Whether its samples are encrypted (14496-12, 8.12; 23001-7).
    pub(crate) encrypted: bool,
    /// Where its sample table box's body lies within the movie box's body.
    pub(crate) tables: Range<usize>,
}

impl Movie {
    /// Reads the body of a movie box.
    pub(crate) fn parse(moov: &[u8]) -> Self {
        let tracks = boxes(moov).filter(|&(kind, _)| kind == *b"trak").take(TRACKS_MAX);
        Self {
            tracks: tracks.map(|(_, trak)| Track::parse(moov, trak)).collect(),
            fragmented: find(moov, *b"mvex").is_some(),
        }
    }

    /// The only track with this id.
    pub(crate) fn track(&self, id: i32) -> Option<&Track> {
        let mut found = self.tracks.iter().filter(|track| i64::from(track.id) == i64::from(id));
        let track = found.next()?;
        found.next().is_none().then_some(track)
    }
}

impl Track {
    fn parse(moov: &[u8], trak: &[u8]) -> Self {
        let id = find(trak, *b"tkhd").and_then(|tkhd| match tkhd.first()? {
            1 => be_u32(tkhd, 20),
            _ => be_u32(tkhd, 12),
        });
        let stbl = descend(trak, &[b"mdia", b"minf", b"stbl"]);
        let first = stbl.and_then(|stbl| find(stbl, *b"stsd")).and_then(|stsd| boxes(stsd.get(8..)?).next());
        let encrypted = first.is_some_and(|(kind, _)| kind.starts_with(b"enc"))
            // QuickTime players of protected shop content know these.
            || first.is_some_and(|(kind, _)| matches!(&kind, b"drmi" | b"drms" | b"p608"));
        Self {
            id: id.unwrap_or(0),
            entry: first.map(|(kind, _)| kind),
            encrypted,
            tables: stbl.and_then(|stbl| subslice(moov, stbl)).unwrap_or(0..0),
        }
    }
}

/// Where `part`, which was cut from `whole`, lies in it.
fn subslice(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = (part.as_ptr().addr()).checked_sub(whole.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn boxed(kind: FourCc, body: &[u8]) -> Vec<u8> {
        let size = u32::try_from(body.len() + 8).unwrap();
        [&size.to_be_bytes()[..], &kind, body].concat()
    }

    fn track(id: u32, entry: FourCc) -> Vec<u8> {
        let tkhd = boxed(*b"tkhd", &[&[0; 12][..], &id.to_be_bytes(), &[0; 20]].concat());
        let stsd = boxed(*b"stsd", &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &boxed(entry, &[0; 16])].concat());
        let stbl = boxed(*b"mdia", &boxed(*b"minf", &boxed(*b"stbl", &stsd)));
        boxed(*b"trak", &[tkhd, stbl].concat())
    }

    #[test]
    fn tracks_tell_what_they_carry_and_whether_it_is_locked() {
        let moov =
            [track(1, *b"avc1"), track(2, *b"enca"), track(7, *b"gpmd"), boxed(*b"mvex", b"")].concat();
        let movie = Movie::parse(&moov);
        assert!(movie.fragmented);
        let seen: Vec<_> = movie.tracks.iter().map(|t| (t.id, t.entry, t.encrypted)).collect();
        assert_eq!(seen, [(1, Some(*b"avc1"), false), (2, Some(*b"enca"), true), (7, Some(*b"gpmd"), false)]);
        let tables = &moov[movie.tracks[0].tables.clone()];
        assert!(find(tables, *b"stsd").is_some());
    }

    #[test]
    fn two_tracks_of_one_id_are_not_told_apart() {
        let movie = Movie::parse(&[track(3, *b"avc1"), track(3, *b"mp4a")].concat());
        assert_eq!(movie.track(3), None);
        assert_eq!(movie.track(4), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_some_movie(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let movie = Movie::parse(&bytes);
            prop_assert!(movie.tracks.iter().all(|t| t.tables.end <= bytes.len()));
        }
    }
}
