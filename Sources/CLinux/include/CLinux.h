// The Linux calls that Swift cannot name, or that must not run Swift code (between fork and exec).
// Every function returns what the call returns, or -1 with errno. No policy lives here.
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// memfd_create(2) with MFD_CLOEXEC | MFD_ALLOW_SEALING, and MFD_NOEXEC_SEAL where the kernel knows it (6.3).
int clinux_memfd(const char *name);
// memfd_create(2) with MFD_CLOEXEC only: shared memory between supervisor and worker.
int clinux_memfd_plain(const char *name);
// F_ADD_SEALS of write, shrink, grow and seal.
int clinux_seal(int fd);
// F_GET_SEALS; -1 where the descriptor cannot bear seals.
int clinux_seals(int fd);
extern const int clinux_all_seals;
// F_SEAL_SEAL alone: what files of tmpfs have that were not made to be sealed.
extern const int clinux_no_more_seals;

// openat2(2) with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS, EAGAIN retried.
int clinux_open_beneath(int directory, const char *path, int flags, unsigned mode);
int clinux_openat(int directory, const char *path, int flags, unsigned mode);
// An unnamed file (O_TMPFILE) in `directory`.
int clinux_open_unnamed(int directory, unsigned mode);
// Links an unnamed file into `directory` by /proc/self/fd, or by AT_EMPTY_PATH where /proc is absent.
int clinux_link_unnamed(int fd, int directory, const char *path);
int clinux_rename_no_replace(int from_directory, const char *from, int to_directory, const char *to);
// F_DUPFD_CLOEXEC: the lowest free descriptor that is at least `least`.
int clinux_duplicate_above(int fd, int least);
int clinux_syncfs(int fd);
// pipe2(2) with O_CLOEXEC.
int clinux_pipe(int ends[2]);
ssize_t clinux_random(void *into, size_t length);
int clinux_set_inheritable(int fd, int inheritable);
// A POSIX record lock on the whole file, F_SETLK. Gone with the process, not inherited by children.
int clinux_lock(int fd);
// 1 if another process holds a POSIX lock on the file, 0 if none does, -1 on error. `*pid` is the holder, or 0 where it
// has no number here (another pid namespace).
int clinux_lock_holder(int fd, pid_t *pid);
// flock(2), exclusive, without waiting: on a directory as well. Goes with the last descriptor of the open file.
int clinux_lock_description(int fd);

typedef struct clinux_status {
  uint64_t device, inode, size, links;
  uint32_t mode, owner, group;
  int64_t modified_seconds, changed_seconds;
  uint32_t modified_nanoseconds, changed_nanoseconds;
} clinux_status;
int clinux_fstat(int fd, clinux_status *out);
// statvfs(3): 1 if the mount that holds the file forbids execution.
int clinux_is_on_noexec_mount(int fd);
// fcntl(F_SETLEASE, F_RDLCK): EAGAIN while any process can write to the file. Held until `fd` is closed; from here on this
// process ignores SIGIO.
int clinux_read_lease(int fd);
// Does not follow a symlink at the end of `path`.
int clinux_lstat_at(int directory, const char *path, clinux_status *out);

// memmem(3): where `text` begins for the first time, or -1.
intptr_t clinux_find_text(const void *bytes, size_t count, const void *text, size_t length);

// process_vm_readv(2) on ourselves: reads memory that may not be mapped, without a fault. Returns the bytes read.
ssize_t clinux_read_own_memory(const void *address, void *into, size_t length);

// gnu_get_libc_version(3)
const char *clinux_glibc_version(void);

// Maps the first page of a descriptor for execution, as the dynamic linker would, and unmaps it again. 0 or -1.
int clinux_may_execute(int fd);
// mmap(2) of a descriptor, shared, readable and writable; the address, or -1.
intptr_t clinux_map_shared(int fd, size_t size);
// mmap(2) of a descriptor, shared and read-only; the address, or -1.
intptr_t clinux_map_file(int fd, size_t size, int64_t offset);
void clinux_unmap(intptr_t address, size_t size);

// dlopen(3) with RTLD_NOW | RTLD_LOCAL. On failure NULL, and the loader's text in `error`.
void *clinux_dlopen(const char *path, char *error, size_t capacity);
void *clinux_dlsym(void *handle, const char *name);

// Raises the soft RLIMIT_NOFILE to `wanted`, or to the hard limit if that is lower; the soft limit afterwards.
int64_t clinux_raise_descriptor_limit(int64_t wanted);
// Sets both limits of RLIMIT_CORE to 0. 0 or -1.
int clinux_forgo_core_files(void);

typedef struct clinux_spawn {
  const char *path;              // executable
  const char *const *arguments;  // NULL-terminated
  const char *const *environment;
  int working_directory;         // descriptor
  int standard_output, standard_error;
  const int *inherited;          // descriptors kept open, at their own numbers
  size_t inherited_count;
  unsigned umask;
} clinux_spawn;
// Forks and execs; standard input is /dev/null. The child dies with its parent (PR_SET_PDEATHSIG), starts with default
// signal dispositions and an empty mask, a new process group, and without any other descriptor. Returns the pid; an
// exec that fails is reported as -1 with its errno.
pid_t clinux_spawn_process(const clinux_spawn *spawn);
int clinux_become_subreaper(void);
// waitid(2) for `pid` (0: any child) without blocking. 0 nothing yet, else the pid; `*code` is CLD_..., `*status` the
// exit code or signal.
pid_t clinux_reap(pid_t pid, int *code, int *status);
// As clinux_reap for one pid, but also tells of a stop, and leaves the child waitable.
pid_t clinux_peek(pid_t pid, int *code, int *status);
// Whether this process has children that run, or that ended and were not waited for. Changes nothing.
int clinux_has_children(void);
// Ends the process without running anybody's exit handlers.
void clinux_exit_now(int code) __attribute__((noreturn));
pid_t clinux_thread_id(void);

// What the handler of fatal signals leaves behind; shared with the supervisor, which does all the printing.
enum { clinux_reads = 1, clinux_writes = 2, clinux_executes = 3 };
typedef struct clinux_crash {
  uint32_t state;  // 0 nothing, 1 being written, 2 whole
  int32_t signal_number, code, thread;
  int32_t sender;   // the process that sent it, where `code` says that one did (<= 0)
  uint32_t access;  // to the address: clinux_reads, ...; 0 unknown
  uint64_t pc, stack_pointer;
  uint64_t value;  // the address, or the number of the system call for SIGSYS
} clinux_crash;
// Handles SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP and SIGSYS of this process: the first one fills the record,
// and the process ends by that signal. The record stays the caller's and must never go away.
int clinux_watch_crashes(clinux_crash *record);
// Gives the calling thread a stack of its own for signal handlers, for the case that its stack is used up.
int clinux_use_signal_stack(void);

// An executable segment of an object in the dynamic linker's list, or the object itself where it has none (start and end
// 0). `base` is what is added to an address in its file.
typedef struct clinux_code {
  uint64_t start, end, base;
  const char *name;  // as the dynamic linker has it; "" for the program itself
} clinux_code;
// What was seen before; zeroed for nothing.
typedef struct clinux_objects {
  uint64_t added, removed;
  size_t seen;
} clinux_objects;
// Visits objects that were loaded since, or all where some were unloaded, in the list's order (dl_iterate_phdr(3)).
// `visit` must not load anything.
void clinux_new_objects(clinux_objects *known, void (*visit)(const clinux_code *, void *), void *context);

// What a plugin may change for everyone in the process. Texts and tables are hashed: only a change matters.
typedef struct clinux_state {
  uint32_t vector_control, scalar_control, rounding, umask;
  uint64_t locale, directory, signals, mask, environment;
} clinux_state;
void clinux_process_state(clinux_state *out);
// Gives this thread the floating-point control and rounding of `state`.
void clinux_restore_floating_point(const clinux_state *state);
// Open descriptors and threads of this process; 0 where /proc does not tell.
void clinux_count_resources(uint32_t *descriptors, uint32_t *threads);

// Runs `body(context)` on a new thread with a stack of `stack_bytes` and waits for it. 0, or an errno value.
int clinux_run_on_thread(size_t stack_bytes, void (*body)(void *), void *context);
extern __thread uint64_t clinux_own_thread;
uint64_t clinux_number_thread(void);
// A number of the calling thread that no other thread of this process ever has; costs a load.
static inline uint64_t clinux_thread(void) { return clinux_own_thread != 0 ? clinux_own_thread : clinux_number_thread(); }
// Runs `body(context)` on a new thread that nobody waits for. 0, or an errno value.
int clinux_start_thread(void (*body)(void *), void *context);
// Cores that this process may use.
int clinux_cores(void);
enum { CLINUX_MOST_THREADS = 16 };
// Runs `body(context)` on this thread and on up to `threads` - 1 new ones at once, and waits for all of them. Threads that
// cannot be had are done without.
void clinux_run_on_threads(int threads, void (*body)(void *), void *context);

// Blocks SIGINT, SIGTERM, SIGHUP in every thread and returns a signalfd for them.
int clinux_signal_descriptor(void);
// Next signal from a signalfd without blocking; 0 if none.
int clinux_next_signal(int fd);

#ifdef __cplusplus
}
#endif
#endif
