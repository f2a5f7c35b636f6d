//! The types of `omphalos/plugin.h` and `omphalos/arrow.h`, ABI 1.0, as Rust sees them. The header is the manual: what each
//! function means, who owns what and which thread may call it stands there. Copy this file for a plugin of your own.
//!
//! A panic must not leave a plugin's function: `extern "C"` ends the process rather than let it. Better is `catch_unwind`
//! before, as in lib.rs.
#![allow(dead_code)]

use core::ffi::{c_char, c_int, c_void};
use core::mem::{offset_of, size_of};

pub const OK: i32 = 0;
pub const E_INVALID: i32 = -1;
pub const E_PATH: i32 = -2;
pub const E_EXISTS: i32 = -3;
pub const E_NOT_FOUND: i32 = -4;
pub const E_DENIED: i32 = -5;
pub const E_ENDED: i32 = -6;
pub const E_HANDLE: i32 = -7;
pub const E_STATE: i32 = -8;
pub const E_QUOTA: i32 = -9;
pub const E_NO_SPACE: i32 = -10;
pub const E_IO: i32 = -11;
pub const E_CANCELLED: i32 = -12;
pub const E_BUSY: i32 = -13;
pub const E_UNSUPPORTED: i32 = -14;
pub const E_CONFIG: i32 = -15;
pub const E_DATA: i32 = -16;
pub const E_MEMORY: i32 = -17;
pub const E_INTERNAL: i32 = -18;

/// The sentence of a status of the interface, as the header has it.
pub fn sentence(status: i32) -> &'static str {
    match status {
        OK => "The call succeeded.",
        E_INVALID => "An argument is wrong: a NULL where a value is required, or a size that cannot be.",
        E_PATH => "The path is not a well-formed artifact path.",
        E_EXISTS => "The path is taken: an artifact is written once.",
        E_NOT_FOUND => "There is no such artifact or input.",
        E_DENIED => "The path lies outside what this capability was granted.",
        E_ENDED => "The call that the handle belongs to has ended.",
        E_HANDLE => "The handle is not one that the host gave out for this call.",
        E_STATE => "The artifact is in a state that does not allow this: already committed, discarded or failed.",
        E_QUOTA => "A limit of the pipeline is reached: bytes or number of artifacts.",
        E_NO_SPACE => "The disk is full.",
        E_IO => "The disk or the kernel reported an error.",
        E_CANCELLED => "The run is being cancelled.",
        E_BUSY => "The call returned while its own store calls were still running.",
        E_UNSUPPORTED => "This host or plugin does not provide what was asked for.",
        E_CONFIG => "The configuration is not one that the capability accepts.",
        E_DATA => "The input data is malformed.",
        E_MEMORY => "There was not enough memory.",
        E_INTERNAL => "The host met a state that it holds to be impossible.",
        _ => "A status of the plugin's own.",
    }
}

#[repr(C)]
pub struct ArtifactOptions {
    pub struct_size: u32,
    pub reserved0: u32,
    pub media_type: *const c_char,
    pub media_type_len: usize,
    pub role: *const c_char,
    pub role_len: usize,
    pub description: *const c_char,
    pub description_len: usize,
}

#[repr(C)]
pub struct Store {
    pub struct_size: u32,
    pub reserved0: u32,
    pub put: unsafe extern "C" fn(u64, *const c_char, usize, *const ArtifactOptions, *const c_void, usize) -> i32,
    pub create: unsafe extern "C" fn(u64, *const c_char, usize, *const ArtifactOptions, *mut u64) -> i32,
    pub write: unsafe extern "C" fn(u64, u64, *const c_void, usize) -> i32,
    pub commit: unsafe extern "C" fn(u64, u64) -> i32,
    pub discard: unsafe extern "C" fn(u64, u64) -> i32,
    pub stage: unsafe extern "C" fn(u64, *const c_char, usize, *const ArtifactOptions, *mut u64, *mut i32) -> i32,
    pub open: unsafe extern "C" fn(u64, *const c_char, usize, *mut u64, *mut u64) -> i32,
    pub read: unsafe extern "C" fn(u64, u64, u64, *mut c_void, usize, *mut usize) -> i32,
    pub map: unsafe extern "C" fn(u64, u64, *mut *const c_void, *mut usize) -> i32,
    pub close: unsafe extern "C" fn(u64, u64) -> i32,
    pub list_open: unsafe extern "C" fn(u64, *const c_char, usize, *mut u64) -> i32,
    pub list_next: unsafe extern "C" fn(u64, u64, *mut c_char, usize, *mut usize, *mut u64) -> i32,
    pub list_close: unsafe extern "C" fn(u64, u64) -> i32,
}

#[repr(C)]
pub struct Host {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub ctx: *mut c_void,
    pub version: *const c_char,
    pub plugin_path: *const c_char,
    pub log: unsafe extern "C" fn(*mut c_void, u32, *const c_char, usize),
    pub get_extension: unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void,
    pub resource_open: unsafe extern "C" fn(*mut c_void, *const c_char, usize, *mut i32) -> i32,
}

#[repr(C)]
pub struct Call {
    pub struct_size: u32,
    pub reserved0: u32,
    pub handle: u64,
    pub host: *const Host,
    pub store: *const Store,
    pub config: *const c_char,
    pub config_len: usize,
    pub set_error: unsafe extern "C" fn(u64, i32, *const c_char, usize) -> i32,
    pub is_cancelled: unsafe extern "C" fn(u64) -> i32,
    pub progress: unsafe extern "C" fn(u64, u64, u64) -> i32,
    pub metric: unsafe extern "C" fn(u64, *const c_char, usize, f64) -> i32,
    pub now_ns: unsafe extern "C" fn(u64) -> i64,
    pub random_at: unsafe extern "C" fn(u64, *const c_char, usize, u64, *mut c_void, usize) -> i32,
    pub input_open: unsafe extern "C" fn(u64, *const c_char, usize, *mut i32, *mut u64) -> i32,
}

#[repr(C)]
pub struct Capability {
    pub struct_size: u32,
    pub kind: u32,
    pub interface_version: u32,
    pub flags: u32,
    pub name: *const c_char,
    pub config_schema: *const c_char,
    pub vtable: *const c_void,
}

#[repr(C)]
pub struct Connector {
    pub struct_size: u32,
    pub reserved0: u32,
    pub open: unsafe extern "C" fn(*mut c_void, *const Call, *mut ArrowArrayStream) -> i32,
}

#[repr(C)]
pub struct Dataset {
    pub struct_size: u32,
    pub reserved0: u32,
    pub name: *const c_char,
    pub name_len: usize,
    pub stream: *mut ArrowArrayStream,
}

#[repr(C)]
pub struct Exporter {
    pub struct_size: u32,
    pub reserved0: u32,
    pub run: unsafe extern "C" fn(*mut c_void, *const Call, *const *const Dataset, usize) -> i32,
}

#[repr(C)]
pub struct LineageSink {
    pub struct_size: u32,
    pub reserved0: u32,
    pub open: unsafe extern "C" fn(*mut c_void, *const Call, *mut *mut c_void) -> i32,
    pub emit: unsafe extern "C" fn(*mut c_void, *const c_char, usize) -> i32,
    pub flush: Option<unsafe extern "C" fn(*mut c_void) -> i32>,
    pub close: unsafe extern "C" fn(*mut c_void, u32) -> i32,
}

pub type Init = unsafe extern "C" fn(*const Host, *mut *mut c_void) -> i32;
pub type Shutdown = unsafe extern "C" fn(*mut c_void);

#[repr(C)]
pub struct Plugin {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor_required: u16,
    pub abi_minor_built: u16,
    pub draft: u16,
    pub reserved0: u32,
    pub id: *const c_char,
    pub version: *const c_char,
    pub vendor: *const c_char,
    pub license: *const c_char,
    pub summary: *const c_char,
    pub hermetic: u32,
    pub flags: u32,
    pub capability_count: u32,
    pub reserved1: u32,
    pub capabilities: *const *const Capability,
    pub init: Option<Init>,
    pub shutdown: Option<Shutdown>,
}

// ---- Arrow --------------------------------------------------------------------------------------------------------

#[repr(C)]
pub struct ArrowSchema {
    pub format: *const c_char,
    pub name: *const c_char,
    pub metadata: *const c_char,
    pub flags: i64,
    pub n_children: i64,
    pub children: *mut *mut ArrowSchema,
    pub dictionary: *mut ArrowSchema,
    pub release: Option<unsafe extern "C" fn(*mut ArrowSchema)>,
    pub private_data: *mut c_void,
}

#[repr(C)]
pub struct ArrowArray {
    pub length: i64,
    pub null_count: i64,
    pub offset: i64,
    pub n_buffers: i64,
    pub n_children: i64,
    pub buffers: *mut *const c_void,
    pub children: *mut *mut ArrowArray,
    pub dictionary: *mut ArrowArray,
    pub release: Option<unsafe extern "C" fn(*mut ArrowArray)>,
    pub private_data: *mut c_void,
}

#[repr(C)]
pub struct ArrowArrayStream {
    pub get_schema: unsafe extern "C" fn(*mut ArrowArrayStream, *mut ArrowSchema) -> c_int,
    pub get_next: unsafe extern "C" fn(*mut ArrowArrayStream, *mut ArrowArray) -> c_int,
    pub get_last_error: unsafe extern "C" fn(*mut ArrowArrayStream) -> *const c_char,
    pub release: Option<unsafe extern "C" fn(*mut ArrowArrayStream)>,
    pub private_data: *mut c_void,
}

// ---- Layout, as the header asserts it -------------------------------------------------------------------------------

macro_rules! layout {
    ($name:ident $size:literal $($member:ident $offset:literal)*) => {
        const _: () = assert!(size_of::<$name>() == $size);
        $(const _: () = assert!(offset_of!($name, $member) == $offset);)*
    };
}

layout!(ArtifactOptions 56 media_type 8 media_type_len 16 role 24 role_len 32 description 40 description_len 48);
layout!(Store 112 put 8 create 16 write 24 commit 32 discard 40 stage 48 open 56 read 64 map 72 close 80 list_open 88
    list_next 96 list_close 104);
layout!(Host 56 abi_major 4 abi_minor 6 ctx 8 version 16 plugin_path 24 log 32 get_extension 40 resource_open 48);
layout!(Call 104 handle 8 host 16 store 24 config 32 config_len 40 set_error 48 is_cancelled 56 progress 64 metric 72
    now_ns 80 random_at 88 input_open 96);
layout!(Capability 40 kind 4 interface_version 8 flags 12 name 16 config_schema 24 vtable 32);
layout!(Connector 16 open 8);
layout!(Dataset 32 name 8 name_len 16 stream 24);
layout!(Exporter 16 run 8);
layout!(LineageSink 40 open 8 emit 16 flush 24 close 32);
layout!(Plugin 96 abi_major 4 abi_minor_required 6 abi_minor_built 8 draft 10 reserved0 12 id 16 version 24 vendor 32
    license 40 summary 48 hermetic 56 flags 60 capability_count 64 reserved1 68 capabilities 72 init 80 shutdown 88);
layout!(ArrowSchema 72 children 40 release 56);
layout!(ArrowArray 80 buffers 40 children 48 release 64);
layout!(ArrowArrayStream 40 release 24);
