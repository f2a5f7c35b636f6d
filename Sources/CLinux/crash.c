#define _GNU_SOURCE
#include "CLinux.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static clinux_crash *record;
static pid_t watched;

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};

// Everything below, down to `watch`, runs in the handler: only calls that are async-signal-safe, and a small stack.

static void registers(const ucontext_t *context, clinux_crash *out) {
#if defined(__x86_64__)
  out->pc = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
  out->stack_pointer = (uint64_t)context->uc_mcontext.gregs[REG_RSP];
  // The processor's page-fault error code: bit 1 a write, bit 4 an instruction fetch.
  uint64_t error = (uint64_t)context->uc_mcontext.gregs[REG_ERR];
  if (out->signal_number == SIGSEGV || out->signal_number == SIGBUS)
    out->access = error & 16 ? clinux_executes : error & 2 ? clinux_writes : clinux_reads;
#elif defined(__aarch64__)
  out->pc = context->uc_mcontext.pc;
  out->stack_pointer = context->uc_mcontext.sp;
#endif
}

static void fill(const siginfo_t *info, const ucontext_t *context, pid_t thread) {
  record->signal_number = info->si_signo;
  record->code = info->si_code;
  record->thread = thread;
  if (info->si_code <= 0) {
    record->sender = info->si_pid;
  } else if (info->si_signo == SIGSYS) {
    record->value = (uint64_t)info->si_syscall;
  } else {
    record->value = (uint64_t)(uintptr_t)info->si_addr;
  }
  registers(context, record);
  __atomic_store_n(&record->state, 2, __ATOMIC_RELEASE);
}

// With the default disposition back and the signal unblocked, so that whoever waits sees the true signal.
static void end_by(int signal_number, pid_t process, pid_t thread) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigaction(signal_number, &action, NULL);
  sigset_t own;
  sigemptyset(&own);
  sigaddset(&own, signal_number);
  sigprocmask(SIG_UNBLOCK, &own, NULL);
  syscall(SYS_tgkill, process, thread, signal_number);
}

static void handle(int signal_number, siginfo_t *info, void *context) {
  pid_t process = getpid(), thread = (pid_t)syscall(SYS_gettid);
  // A child that a plugin forked has this handler and this memory too.
  if (process == watched) {
    uint32_t nothing = 0;
    if (__atomic_compare_exchange_n(&record->state, &nothing, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
      fill(info, context, thread);
    } else if (record->thread != thread) {
      // The first crash is the one to tell. Its thread ends the process; if it cannot, this one does.
      for (int i = 0; i < 100; i++) nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
  }
  end_by(signal_number, process, thread);
}

int clinux_watch_crashes(clinux_crash *into) {
  record = into;
  watched = getpid();
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  for (size_t i = 0; i < sizeof fatal_signals / sizeof *fatal_signals; i++)
    if (sigaction(fatal_signals[i], &action, NULL) != 0) return -1;
  return 0;
}

int clinux_use_signal_stack(void) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 16 * page;
  // The lowest page stays closed: a handler that ran out of it must not write elsewhere.
  char *memory = mmap(NULL, page + size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory + page, size, PROT_READ | PROT_WRITE) != 0) return -1;
  stack_t stack;
  memset(&stack, 0, sizeof stack);
  stack.ss_sp = memory + page;
  stack.ss_size = size;
  return sigaltstack(&stack, NULL);
}
