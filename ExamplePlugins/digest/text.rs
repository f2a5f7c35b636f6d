//! Text that grows as long as there is memory.

use core::fmt;

pub struct NoMemory;

pub struct Text {
    bytes: Vec<u8>,
}

impl Text {
    pub fn new() -> Text {
        Text { bytes: Vec::new() }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn add(&mut self, text: &str) -> Result<(), NoMemory> {
        self.add_bytes(text.as_bytes())
    }

    pub fn add_bytes(&mut self, bytes: &[u8]) -> Result<(), NoMemory> {
        self.bytes.try_reserve(bytes.len()).map_err(|_| NoMemory)?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    pub fn add_format(&mut self, format: fmt::Arguments) -> Result<(), NoMemory> {
        fmt::write(self, format).map_err(|_| NoMemory)
    }

    /// As a string of JSON; the bytes are UTF-8.
    pub fn add_quoted(&mut self, bytes: &[u8]) -> Result<(), NoMemory> {
        self.add("\"")?;
        for &byte in bytes {
            match byte {
                b'"' => self.add("\\\"")?,
                b'\\' => self.add("\\\\")?,
                0..0x20 | 0x7f => self.add_format(format_args!("\\u{byte:04x}"))?,
                _ => self.add_bytes(&[byte])?,
            }
        }
        self.add("\"")
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.add(text).map_err(|_| fmt::Error)
    }
}
