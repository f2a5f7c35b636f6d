//! Made by `omphalos plugin declare plugin.json --lang rust`; change plugin.json and make it again.
//!
//! It holds the declaration notes, the descriptor and the entry omphalos_plugin_v1. Built by rustc 1.82 or later as a
//! cdylib whose root has `mod declaration;`, `mod abi;` and
//!
//!     pub static EXPORTER_DIGEST: abi::Exporter
//!     pub const INIT: Option<abi::Init> and pub const SHUTDOWN: Option<abi::Shutdown>, None where there is nothing to do

use crate::abi;
use core::ffi::c_void;
use core::mem::size_of;

/// Pointers to constants, which any thread may read.
#[repr(transparent)]
struct Constant<T>(T);
unsafe impl<T> Sync for Constant<T> {}

#[repr(C)]
struct Note<const N: usize> {
    namesz: u32,
    descsz: u32,
    kind: u32,
    name: [u8; 12],
    desc: [u8; N],
}

/// The declaration as JSON.
#[used]
#[unsafe(link_section = ".note.omphalos")]
static DECLARATION_NOTE: Note<396> = Note {
    namesz: 9,
    descsz: 395,
    kind: 1,
    name: *b"omphalOS\0\0\0\0",
    desc: *b"{\"abi\":{\"draft\":0,\"major\":1,\"minor_built\":0,\"minor_required\":0},\"capabilities\":[{\"herme\
      tic\":\"compatible\",\"interface_version\":1,\"kind\":\"exporter\",\"name\":\"digest\",\"required\":\
      false}],\"flags\":1,\"hermetic\":\"compatible\",\"id\":\"org.omphalos.digest\",\"license\":\"Apache-\
      2.0\",\"note\":1,\"summary\":\"Writes rows, nulls and a checksum for each column of a dataset\",\"ve\
      ndor\":\"omphalos project\",\"version\":\"0.1.0\"}\0\0",
};

/// The configuration schemas as JSON.
#[used]
#[unsafe(link_section = ".note.omphalos")]
static SCHEMAS_NOTE: Note<168> = Note {
    namesz: 9,
    descsz: 165,
    kind: 2,
    name: *b"omphalOS\0\0\0\0",
    desc: *b"{\"digest\":{\"additionalProperties\":false,\"description\":\"There is nothing to configure: the dig\
      est of the dataset NAME is exports/NAME.digest.json.\",\"type\":\"object\"}}\0\0\0\0",
};

static SCHEMA_0: &[u8] = b"{\"additionalProperties\":false,\"description\":\"There is nothing to configure: the digest of the d\
      ataset NAME is exports/NAME.digest.json.\",\"type\":\"object\"}\0";

static CAPABILITY_0: Constant<abi::Capability> = Constant(abi::Capability {
    struct_size: size_of::<abi::Capability>() as u32,
    kind: 2,
    interface_version: 1,
    flags: 0x0,
    name: b"digest\0".as_ptr().cast(),
    config_schema: SCHEMA_0.as_ptr().cast(),
    vtable: {
        let table: &'static abi::Exporter = &crate::EXPORTER_DIGEST;
        core::ptr::from_ref(table).cast::<c_void>()
    },
});

static CAPABILITIES: Constant<[&abi::Capability; 1]> = Constant([&CAPABILITY_0.0]);

static DESCRIPTOR: Constant<abi::Plugin> = Constant(abi::Plugin {
    struct_size: size_of::<abi::Plugin>() as u32,
    abi_major: 1,
    abi_minor_required: 0,
    abi_minor_built: 0,
    draft: 0,
    reserved0: 0,
    id: b"org.omphalos.digest\0".as_ptr().cast(),
    version: b"0.1.0\0".as_ptr().cast(),
    vendor: b"omphalos project\0".as_ptr().cast(),
    license: b"Apache-2.0\0".as_ptr().cast(),
    summary: b"Writes rows, nulls and a checksum for each column of a dataset\0".as_ptr().cast(),
    hermetic: 1,
    flags: 0x1,
    capability_count: 1,
    reserved1: 0,
    capabilities: core::ptr::from_ref(&CAPABILITIES.0).cast(),
    init: crate::INIT,
    shutdown: crate::SHUTDOWN,
});

#[unsafe(no_mangle)]
pub extern "C" fn omphalos_plugin_v1(_host_minor: u32) -> *const abi::Plugin {
    &DESCRIPTOR.0
}
