//! ISO media whose bytes are needed at places: its layout and its index, read once, for whoever decodes.

use std::io;

use catalog::observation::ProblemCode;
use ffmpeg_next::format::context::Input;

use crate::demux::{self, OpenError};
use crate::mp4;
use crate::mp4::movie::Movie;
use crate::source::{ByteSource, Skim, Sparse};
use crate::sparse::{self, Planned};

/// Why a file's tables cannot be had.
pub(crate) enum Untabled {
    /// The source failed.
    Source(io::Error),
    /// The file is not as it should be.
    Evidence(ProblemCode, String),
}

impl From<io::Error> for Untabled {
    fn from(error: io::Error) -> Self {
        Self::Source(error)
    }
}

impl From<OpenError> for Untabled {
    fn from(error: OpenError) -> Self {
        Self::Evidence(ProblemCode::Unreadable, format!("its index contradicts itself: {error}"))
    }
}

/// A file with its movie box at hand.
pub(crate) struct Tables<S> {
    /// The file, its payload hidden.
    pub(crate) skim: Skim<S>,
    movie: Movie,
    body: Vec<u8>,
    fragments: bool,
}

impl<S: ByteSource> Tables<S> {
    /// Reads layout and index of the file that begins with `head`.
    pub(crate) fn read(source: S, size_bytes: u64, head: Vec<u8>) -> Result<Self, Untabled> {
        let mut sparse = Sparse::new(source, size_bytes, head);
        let layout = mp4::layout::walk(size_bytes, |offset, buffer| sparse.read_at(offset, buffer))?;
        let moov = layout.find(*b"moov").copied().filter(|moov| moov.end <= size_bytes).ok_or_else(|| {
            let detail = "there is no `moov` box that would index the packets";
            Untabled::Evidence(ProblemCode::NoIndex, detail.to_owned())
        })?;
        let body = sparse::read_movie(&mut sparse, &moov)?.ok_or_else(|| {
            Untabled::Evidence(ProblemCode::Unreadable, "its index is beyond all measure".to_owned())
        })?;
        let movie = Movie::parse(&body);
        if movie.tracks.iter().any(|track| track.encrypted) {
            return Err(Untabled::Evidence(ProblemCode::Encrypted, "it is encrypted".to_owned()));
        }
        for undersized in &layout.undersized {
            let header = [&8u32.to_be_bytes()[..], &undersized.kind].concat();
            sparse.overlay(undersized.offset, header);
        }
        sparse.overlay(moov.body(), body.clone());
        let skim = Skim::new(sparse, sparse::payload(&layout));
        let fragments = movie.fragmented && layout.find(*b"moof").is_some();
        Ok(Self { skim, movie, body, fragments })
    }

    /// The file opened without its payload, and the places and times of all its samples; `None` where FFmpeg has to walk
    /// the packets itself ([`Self::open_whole`]).
    pub(crate) fn planned(&self) -> Result<(Input, Option<Vec<Planned>>), Untabled> {
        let mut input = demux::open_skimming(self.skim.clone())?;
        if self.fragments {
            return Ok((input, None));
        }
        let planned = sparse::plan(&mut input, &self.movie, &self.body);
        let planned = planned.filter(|planned| sparse::agrees(&mut input, planned));
        Ok((input, planned))
    }

    /// The file opened with nothing hidden.
    pub(crate) fn open_whole(&self) -> Result<Input, Untabled> {
        Ok(demux::open_skimming(self.skim.whole())?)
    }
}
