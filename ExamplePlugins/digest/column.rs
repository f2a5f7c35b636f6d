//! A column: what its values are, how many are null, and their checksum so far.

use core::ffi::{c_char, CStr};
use core::slice;

use crate::abi::{ArrowArray, ArrowSchema};
use crate::call::{Failure, Shown};
use crate::dataset::Stream;
use crate::text::Text;

#[derive(Clone, Copy)]
enum Kind {
    Null,
    Bool,
    /// Bytes of a value.
    Fixed(usize),
    /// Text or bytes, with offsets of 4 or of 8 bytes.
    Bytes32,
    Bytes64,
}

impl Kind {
    fn of(format: &[u8]) -> Option<Kind> {
        Some(match format {
            b"n" => Kind::Null,
            b"b" => Kind::Bool,
            b"c" | b"C" => Kind::Fixed(1),
            b"s" | b"S" | b"e" => Kind::Fixed(2),
            b"i" | b"I" | b"f" | b"tdD" | b"tts" | b"ttm" => Kind::Fixed(4),
            b"l" | b"L" | b"g" | b"tdm" | b"ttu" | b"ttn" => Kind::Fixed(8),
            b"u" | b"z" => Kind::Bytes32,
            b"U" | b"Z" => Kind::Bytes64,
            // Timestamps with a unit and a zone, and durations.
            [b't', b's', b's' | b'm' | b'u' | b'n', b':', ..] => Kind::Fixed(8),
            [b't', b'D', b's' | b'm' | b'u' | b'n'] => Kind::Fixed(8),
            _ => return None,
        })
    }
}

pub struct Column {
    name: Text,
    format: Text,
    kind: Kind,
    nulls: u64,
    checksum: Checksum,
}

impl Column {
    pub fn new(stream: &Stream, index: usize, schema: &ArrowSchema) -> Result<Column, Failure> {
        let (name, format) = (bytes(schema.name), bytes(schema.format));
        if core::str::from_utf8(name).is_err() {
            return Err(stream.refuse(format_args!("the name of column {} is not UTF-8", index + 1)));
        }
        let encoded = if schema.dictionary.is_null() { "" } else { ", dictionary-encoded" };
        let kind = Kind::of(format).filter(|_| encoded.is_empty()).ok_or_else(|| {
            let (name, format) = (Shown(name), Shown(format));
            stream.refuse(format_args!("column \"{name:.200}\" has Arrow type {format}{encoded}, which is not read here"))
        })?;
        let (mut name_text, mut format_text) = (Text::new(), Text::new());
        name_text.add_bytes(name).and_then(|()| format_text.add_bytes(format)).map_err(|_| stream.call.no_memory())?;
        Ok(Column { name: name_text, format: format_text, kind, nulls: 0, checksum: Checksum::new() })
    }

    pub fn name(&self) -> &[u8] {
        self.name.bytes()
    }

    pub fn format(&self) -> &[u8] {
        self.format.bytes()
    }

    pub fn nulls(&self) -> u64 {
        self.nulls
    }

    pub fn checksum(&self) -> u64 {
        self.checksum.0
    }

    /// Takes `rows` values from `offset` of the array into account.
    pub fn read(&mut self, stream: &Stream, array: &ArrowArray, offset: usize, rows: usize) -> Result<(), Failure> {
        let values = Values::new(array, self.kind, offset, rows).ok_or_else(|| {
            stream.refuse(format_args!("column \"{}\" has too few values or buffers in a batch", Shown(self.name())))
        })?;
        for row in 0..rows {
            if values.is_null(row) {
                self.nulls += 1;
                self.checksum.add(&[0]);
                continue;
            }
            self.checksum.add(&[1]);
            match self.kind {
                Kind::Null => {}
                Kind::Bool => self.checksum.add(&[u8::from(values.bit(row))]),
                Kind::Fixed(width) => self.checksum.add(values.fixed(row, width)),
                Kind::Bytes32 | Kind::Bytes64 => {
                    let value = values.variable(row).ok_or_else(|| {
                        let name = Shown(self.name());
                        stream.refuse(format_args!("column \"{name}\" has offsets that are not in order"))
                    })?;
                    self.checksum.add(&(value.len() as u64).to_le_bytes());
                    self.checksum.add(value);
                }
            }
        }
        Ok(())
    }
}

/// FNV-1a with 64 bits: finds changes that nobody made on purpose, and protects from nobody.
struct Checksum(u64);

impl Checksum {
    fn new() -> Checksum {
        Checksum(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

/// The buffers of an array in a batch. Arrow does not say how long they are: that they are long enough for the array's length
/// is the producer's word.
struct Values {
    kind: Kind,
    /// Of the first row.
    first: usize,
    validity: *const u8,
    values: *const u8,
    data: *const u8,
}

impl Values {
    /// None where the array says itself that it has less than is asked for.
    fn new(array: &ArrowArray, kind: Kind, offset: usize, rows: usize) -> Option<Values> {
        let (length, start) = (usize::try_from(array.length).ok()?, usize::try_from(array.offset).ok()?);
        if offset.checked_add(rows)? > length {
            return None;
        }
        let wanted = match kind {
            Kind::Null => 0,
            Kind::Bool | Kind::Fixed(_) => 2,
            Kind::Bytes32 | Kind::Bytes64 => 3,
        };
        if array.n_buffers != wanted {
            return None;
        }
        // SAFETY: the array has that many buffers.
        let buffer = |index: i64| if index < wanted { unsafe { *array.buffers.add(index as usize) } } else { core::ptr::null() };
        let values = Values {
            kind,
            first: start.checked_add(offset)?,
            validity: buffer(0).cast(),
            values: buffer(1).cast(),
            data: buffer(2).cast(),
        };
        let is_whole = rows == 0 || wanted == 0 || !values.values.is_null();
        is_whole.then_some(values)
    }

    fn is_null(&self, row: usize) -> bool {
        match self.kind {
            Kind::Null => true,
            _ => !self.validity.is_null() && !is_set(self.validity, self.first + row),
        }
    }

    fn bit(&self, row: usize) -> bool {
        is_set(self.values, self.first + row)
    }

    fn fixed(&self, row: usize, width: usize) -> &[u8] {
        // SAFETY: the row is below the array's length.
        unsafe { slice::from_raw_parts(self.values.add((self.first + row) * width), width) }
    }

    /// None where the offsets are not in order.
    fn variable(&self, row: usize) -> Option<&[u8]> {
        let index = self.first + row;
        // SAFETY: there is one more offset than rows; Arrow asks producers to align buffers, and nobody checks it.
        let (begin, end) = unsafe {
            match self.kind {
                Kind::Bytes64 => {
                    let offsets = self.values.cast::<i64>();
                    (offsets.add(index).read_unaligned(), offsets.add(index + 1).read_unaligned())
                }
                _ => {
                    let offsets = self.values.cast::<i32>();
                    (offsets.add(index).read_unaligned().into(), offsets.add(index + 1).read_unaligned().into())
                }
            }
        };
        let (begin, end) = (usize::try_from(begin).ok()?, usize::try_from(end).ok()?);
        let length = end.checked_sub(begin)?;
        if length == 0 {
            return Some(&[]);
        }
        // SAFETY: the producer's word for the buffer's length; a NULL buffer holds nothing.
        (!self.data.is_null()).then(|| unsafe { slice::from_raw_parts(self.data.add(begin), length) })
    }
}

/// Bit `index` of a bitmap, the lowest of each byte first.
fn is_set(bitmap: *const u8, index: usize) -> bool {
    // SAFETY: the index is below the array's length.
    unsafe { *bitmap.add(index / 8) >> (index % 8) & 1 == 1 }
}

fn bytes<'a>(text: *const c_char) -> &'a [u8] {
    // SAFETY: NULL, or NUL-terminated and alive as long as the schema, which outlives its use here.
    if text.is_null() { &[] } else { unsafe { CStr::from_ptr(text) }.to_bytes() }
}
