//! Where a child puts what it makes: pieces that go to the parent, each with its place.
//!
//! Muxers go back to write a length that they did not know before, so the sink can be sought in; nothing is kept here
//! but the present place and the end. What the parent does with the pieces, and how many it takes, is its own affair.

use std::io::{self, Seek, SeekFrom, Write};

use crate::protocol::{HEADER_BYTES, Header, Kind, MAX_PIECE_BYTES, PLACE_BYTES, invalid};
use crate::serve::Link;

/// Sends what is written to the parent.
pub struct Sink {
    link: Link,
    place: u64,
    end: u64,
}

impl Sink {
    pub(crate) fn new(link: Link) -> Self {
        Self { link, place: 0, end: 0 }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = &bytes[..bytes.len().min(MAX_PIECE_BYTES as usize)];
        if bytes.is_empty() {
            return Ok(0);
        }
        // Cut to MAX_PIECE_BYTES above.
        let length = u32::try_from(bytes.len()).map_err(|_| invalid("a piece above 4 GiB"))?;
        let mut frame = Vec::with_capacity(HEADER_BYTES + PLACE_BYTES as usize + bytes.len());
        frame.extend_from_slice(&Header::new(Kind::Piece, PLACE_BYTES + length).encode());
        frame.extend_from_slice(&self.place.to_le_bytes());
        frame.extend_from_slice(bytes);
        self.link.send(&frame)?;
        self.place = self.place.saturating_add(u64::from(length));
        self.end = self.end.max(self.place);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Sink {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => self.place.checked_add_signed(by),
            SeekFrom::End(by) => self.end.checked_add_signed(by),
        };
        self.place = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.place)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;

    use super::*;
    use crate::protocol::decode_piece;

    #[test]
    fn pieces_carry_their_place_also_after_going_back() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let reader = std::thread::spawn(move || {
            let mut made = Vec::new();
            let mut header = [0; HEADER_BYTES];
            while theirs.read_exact(&mut header).is_ok() {
                let header = Header::decode(header, 0).unwrap();
                assert_eq!(header.kind, Kind::Piece);
                let mut payload = vec![0; header.len as usize];
                theirs.read_exact(&mut payload).unwrap();
                let (place, bytes) = decode_piece(&payload).unwrap();
                let place = usize::try_from(place).unwrap();
                made.resize(made.len().max(place + bytes.len()), 0);
                made[place..place + bytes.len()].copy_from_slice(bytes);
            }
            made
        });
        let mut sink = Sink::new(Link::new(ours.into()));
        sink.write_all(&vec![7; 600_000]).unwrap();
        sink.seek(SeekFrom::Start(3)).unwrap();
        sink.write_all(&[1, 2]).unwrap();
        assert_eq!(sink.seek(SeekFrom::End(0)).unwrap(), 600_000);
        sink.write_all(&[9]).unwrap();
        assert!(sink.seek(SeekFrom::Current(-600_002)).is_err());
        drop(sink);
        let made = reader.join().unwrap();
        assert_eq!((made.len(), &made[..6], made[600_000]), (600_001, &[7, 7, 7, 1, 2, 7][..], 9));
    }
}
