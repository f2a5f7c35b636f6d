//! The exporter `digest`: for each dataset its number of rows, and for each column its type, its nulls and a checksum, as
//! JSON. Two datasets with the same values in the same order have the same digests, whatever their batches.
//!
//! Written without any crate. Nothing here allocates in a way that cannot fail, so that a machine without memory ends in
//! E_MEMORY and not in the end of the process.

mod abi;
mod call;
mod column;
mod dataset;
mod declaration;
mod text;

use core::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};

use call::{Call, Failure};
use column::Column;
use dataset::Stream;
use text::Text;

pub static EXPORTER_DIGEST: abi::Exporter =
    abi::Exporter { struct_size: size_of::<abi::Exporter>() as u32, reserved0: 0, run };
pub const INIT: Option<abi::Init> = None;
pub const SHUTDOWN: Option<abi::Shutdown> = None;

/// Status of the plugin's own: there is a bug in it.
const PANICKED: i32 = 1;

unsafe extern "C" fn run(
    _state: *mut c_void, call: *const abi::Call, inputs: *const *const abi::Dataset, count: usize,
) -> i32 {
    // SAFETY: the host passes a call and `count` datasets, all valid until this function returns.
    let (call, inputs) = unsafe { (Call(&*call), std::slice::from_raw_parts(inputs, count)) };
    // A panic stops here: unwinding into the host's frames would end the process.
    let result = catch_unwind(AssertUnwindSafe(|| {
        inputs.iter().try_for_each(|input| digest(&call, unsafe { &**input }))
    }));
    match result {
        Ok(Ok(())) => abi::OK,
        Ok(Err(failure)) => failure.status(),
        Err(_) => call.fail(PANICKED, format_args!("a bug in this plugin: it panicked, and the log says where")).status(),
    }
}

/// Reads one dataset and writes its digest.
fn digest(call: &Call, dataset: &abi::Dataset) -> Result<(), Failure> {
    let mut stream = Stream::new(call, dataset);
    let schema = stream.schema()?;
    let mut columns = schema.columns(&stream)?;
    let mut rows: u64 = 0;
    loop {
        call.check_cancelled()?;
        let Some(batch) = stream.next()? else { break };
        rows += batch.read(&stream, &mut columns)?;
        call.progress(rows);
    }
    let mut path = Text::new();
    let mut json = Text::new();
    let written = path
        .add("exports/")
        .and_then(|()| path.add_bytes(stream.name()))
        .and_then(|()| path.add(".digest.json"))
        .and_then(|()| report(&mut json, stream.name(), rows, &columns));
    written.map_err(|_| call.no_memory())?;
    call.put(path.bytes(), json.bytes(), "application/json", "The digest of a dataset")
}

fn report(json: &mut Text, name: &[u8], rows: u64, columns: &[Column]) -> Result<(), text::NoMemory> {
    json.add("{\n  \"algorithm\": \"fnv1a-64\",\n  \"columns\": [")?;
    for (index, column) in columns.iter().enumerate() {
        json.add(if index == 0 { "\n" } else { ",\n" })?;
        json.add_format(format_args!("    {{\"checksum\": \"{:016x}\", \"name\": ", column.checksum()))?;
        json.add_quoted(column.name())?;
        json.add_format(format_args!(", \"nulls\": {}, \"type\": ", column.nulls()))?;
        json.add_quoted(column.format())?;
        json.add("}")?;
    }
    json.add(if columns.is_empty() { "],\n  \"dataset\": " } else { "\n  ],\n  \"dataset\": " })?;
    json.add_quoted(name)?;
    json.add_format(format_args!(",\n  \"rows\": {rows}\n}}\n"))
}
