//! The host's call, with failures as values.

use core::ffi::c_void;
use core::fmt::{self, Write};

use crate::abi;

/// The host's answer to a call that lasts until the exporter returns.
pub struct Call<'a>(pub &'a abi::Call);

/// A status that is not OK, whose sentence the host has been told.
pub struct Failure(i32);

impl Failure {
    pub fn status(&self) -> i32 {
        self.0
    }
}

impl Call<'_> {
    /// Tells the host why the call is about to fail.
    pub fn fail(&self, status: i32, sentence: fmt::Arguments) -> Failure {
        let mut message = Message { bytes: [0; 1024], length: 0 };
        let _ = message.write_fmt(sentence); // what is too long is cut
        // SAFETY: the bytes live until the function returns, and are UTF-8.
        unsafe { (self.0.set_error)(self.0.handle, status, message.bytes.as_ptr().cast(), message.length) };
        Failure(status)
    }

    pub fn no_memory(&self) -> Failure {
        self.fail(abi::E_MEMORY, format_args!("there is no memory for the digest"))
    }

    pub fn check_cancelled(&self) -> Result<(), Failure> {
        // SAFETY: the call lasts.
        match unsafe { (self.0.is_cancelled)(self.0.handle) } {
            0 => Ok(()),
            1 => Err(self.fail(abi::E_CANCELLED, format_args!("the run is being cancelled"))),
            status => Err(Failure(status)),
        }
    }

    pub fn progress(&self, rows: u64) {
        // SAFETY: the call lasts.
        unsafe { (self.0.progress)(self.0.handle, rows, 0) };
    }

    /// Writes an artifact whole.
    pub fn put(&self, path: &[u8], bytes: &[u8], media_type: &str, description: &str) -> Result<(), Failure> {
        let options = abi::ArtifactOptions {
            struct_size: size_of::<abi::ArtifactOptions>() as u32,
            reserved0: 0,
            media_type: media_type.as_ptr().cast(),
            media_type_len: media_type.len(),
            role: "other".as_ptr().cast(),
            role_len: "other".len(),
            description: description.as_ptr().cast(),
            description_len: description.len(),
        };
        // SAFETY: all that is passed lives until the function returns; the store is the host's for the whole process.
        let status = unsafe {
            let (bytes, length) = (bytes.as_ptr().cast::<c_void>(), bytes.len());
            ((*self.0.store).put)(self.0.handle, path.as_ptr().cast(), path.len(), &options, bytes, length)
        };
        if status == abi::OK {
            return Ok(());
        }
        Err(self.fail(status, format_args!("cannot write {}: {}", Shown(path), abi::sentence(status))))
    }
}

/// A sentence of a length that is set, so that telling of a failure needs no memory.
struct Message {
    bytes: [u8; 1024],
    length: usize,
}

impl Write for Message {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut end = text.len().min(self.bytes.len() - self.length);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.bytes[self.length..self.length + end].copy_from_slice(&text.as_bytes()[..end]);
        self.length += end;
        Ok(())
    }
}

/// Bytes that should be UTF-8, for a sentence.
pub struct Shown<'a>(pub &'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            out.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                out.write_char('?')?;
            }
        }
        Ok(())
    }
}
