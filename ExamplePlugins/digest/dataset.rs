//! A dataset of the pipeline: an Arrow stream, its schema and its batches, released whatever happens.

use core::ffi::{c_int, CStr};
use core::mem::zeroed;
use core::slice;

use crate::abi::{self, ArrowArray, ArrowSchema};
use crate::call::{Call, Failure, Shown};
use crate::column::Column;

// errno of Linux.
const EIO: c_int = 5;
const ENOMEM: c_int = 12;
const ECANCELED: c_int = 125;

pub struct Stream<'a> {
    pub call: &'a Call<'a>,
    dataset: &'a abi::Dataset,
}

impl<'a> Stream<'a> {
    pub fn new(call: &'a Call<'a>, dataset: &'a abi::Dataset) -> Stream<'a> {
        Stream { call, dataset }
    }

    pub fn name(&self) -> &'a [u8] {
        // SAFETY: the host's, UTF-8, until the exporter returns.
        unsafe { slice::from_raw_parts(self.dataset.name.cast(), self.dataset.name_len) }
    }

    pub fn schema(&mut self) -> Result<Schema, Failure> {
        // SAFETY: a struct of integers, pointers and optional functions may be zero; the host's stream fills it.
        unsafe {
            let mut schema = Schema(zeroed());
            let stream = self.dataset.stream;
            self.check(((*stream).get_schema)(stream, &mut schema.0))?;
            Ok(schema)
        }
    }

    /// The next batch; none at the end.
    pub fn next(&mut self) -> Result<Option<Batch>, Failure> {
        // SAFETY: as for the schema.
        unsafe {
            let mut batch = Batch(zeroed());
            let stream = self.dataset.stream;
            self.check(((*stream).get_next)(stream, &mut batch.0))?;
            Ok(batch.0.release.is_some().then_some(batch))
        }
    }

    fn check(&self, error: c_int) -> Result<(), Failure> {
        let status = match error {
            0 => return Ok(()),
            ENOMEM => abi::E_MEMORY,
            ECANCELED => abi::E_CANCELLED,
            EIO => abi::E_IO,
            _ => abi::E_DATA,
        };
        // SAFETY: the text is the stream's until its next call.
        let why = unsafe {
            let stream = self.dataset.stream;
            let text = ((*stream).get_last_error)(stream);
            if text.is_null() { c"its stream gave no reason" } else { CStr::from_ptr(text) }
        };
        let (name, why) = (Shown(self.name()), Shown(why.to_bytes()));
        Err(self.call.fail(status, format_args!("cannot read the dataset {name}: {why} (errno {error})")))
    }

    /// What is wrong with the data, in a sentence that names the dataset.
    pub fn refuse(&self, why: core::fmt::Arguments) -> Failure {
        self.call.fail(abi::E_DATA, format_args!("cannot digest the dataset {}: {why}", Shown(self.name())))
    }
}

pub struct Schema(ArrowSchema);

impl Drop for Schema {
    fn drop(&mut self) {
        if let Some(release) = self.0.release {
            // SAFETY: once, by who owns it.
            unsafe { release(&mut self.0) }
        }
    }
}

impl Schema {
    pub fn columns(&self, stream: &Stream) -> Result<Vec<Column>, Failure> {
        let count = usize::try_from(self.0.n_children).unwrap_or(0);
        let mut columns = Vec::new();
        columns.try_reserve_exact(count).map_err(|_| stream.call.no_memory())?;
        for index in 0..count {
            // SAFETY: the schema has `count` children, alive until it is released.
            columns.push(Column::new(stream, index, unsafe { &**self.0.children.add(index) })?);
        }
        Ok(columns)
    }
}

pub struct Batch(ArrowArray);

impl Drop for Batch {
    fn drop(&mut self) {
        if let Some(release) = self.0.release {
            // SAFETY: once, by who owns it.
            unsafe { release(&mut self.0) }
        }
    }
}

impl Batch {
    /// Takes the values of all columns into account, and says how many rows there were.
    pub fn read(&self, stream: &Stream, columns: &mut [Column]) -> Result<u64, Failure> {
        let (Ok(rows), Ok(offset)) = (usize::try_from(self.0.length), usize::try_from(self.0.offset)) else {
            return Err(stream.refuse(format_args!("a batch has a negative length or offset")));
        };
        if usize::try_from(self.0.n_children) != Ok(columns.len()) {
            return Err(stream.refuse(format_args!("a batch has {} columns", self.0.n_children)));
        }
        for (index, column) in columns.iter_mut().enumerate() {
            // SAFETY: the batch has that many children, alive until it is released.
            column.read(stream, unsafe { &**self.0.children.add(index) }, offset, rows)?;
        }
        Ok(rows as u64)
    }
}
