//! Memory for pieces of files, used again: a fresh piece of 1 MiB costs the kernel more than reading the file into it.

use std::sync::{Mutex, PoisonError};

/// Buffers that wait to be used again, at most.
const MOST_IDLE: usize = 32;

static IDLE: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// So many bytes. What was in them before is overwritten by whoever takes them, before anybody else sees them.
#[derive(Debug)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    length: usize,
}

impl Buffer {
    /// One of `length` bytes.
    pub(super) fn take(length: usize) -> Self {
        let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut bytes = idle.unwrap_or_default();
        if bytes.len() < length {
            bytes.resize(length, 0);
        }
        Self { bytes, length }
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl AsMut<[u8]> for Buffer {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.length]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_that_is_used_again_has_the_length_that_was_asked_for() {
        for length in [10, 1000, 3, 0] {
            let mut buffer = Buffer::take(length);
            buffer.as_mut().fill(7);
            assert_eq!(buffer.as_ref(), vec![7; length]);
        }
    }
}
