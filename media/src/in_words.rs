//! What FFmpeg says of a file, in words.

use std::sync::Once;

use ffmpeg_next::Error;
use ffmpeg_next::util::error::{ENOMEM, register_all};

/// What `error` says of the file that it was met in.
pub(crate) fn in_words(error: Error) -> String {
    // Until they were asked for, the library's own texts are empty.
    static ASKED: Once = Once::new();
    ASKED.call_once(register_all);
    match error {
        // As the system says it, it would be ours.
        Error::Other { errno: ENOMEM } => "what it announces is too large to be held".to_owned(),
        Error::InvalidData => "what it announces is not what is there".to_owned(),
        Error::PatchWelcome => "it is of a kind that FFmpeg does not read".to_owned(),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_is_without_words() {
        let errors =
            [Error::InvalidData, Error::PatchWelcome, Error::StreamNotFound, Error::Eof, Error::Unknown];
        assert!(errors.into_iter().all(|error| !in_words(error).is_empty()));
        assert_eq!(in_words(Error::Other { errno: ENOMEM }), "what it announces is too large to be held");
        assert_eq!(in_words(Error::DecoderNotFound), "Decoder not found");
    }
}
