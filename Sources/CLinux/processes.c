#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int keeps(const clinux_spawn *spawn, int fd) {
  for (size_t i = 0; i < spawn->inherited_count; i++)
    if (spawn->inherited[i] == fd) return 1;
  return 0;
}

// Only async-signal-safe calls from here to exec: the parent may have threads.
static void become(const clinux_spawn *spawn, pid_t parent, int report) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // the parent died before the line above
  for (int signal_number = 1; signal_number < NSIG; signal_number++) signal(signal_number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setpgid(0, 0);
  umask((mode_t)spawn->umask);
  int null = open("/dev/null", O_RDONLY);
  if (null < 0 || dup2(null, 0) < 0 || dup2(spawn->standard_output, 1) < 0 || dup2(spawn->standard_error, 2) < 0 ||
      fchdir(spawn->working_directory) < 0)
    goto failed;
  // Everything is close-on-exec but what the caller lists; descriptors that some library left open included.
  if (syscall(SYS_close_range, 3, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */) < 0) {
    for (int fd = 3; fd < 4096; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  for (size_t i = 0; i < spawn->inherited_count; i++) fcntl(spawn->inherited[i], F_SETFD, 0);
  if (!keeps(spawn, report)) fcntl(report, F_SETFD, FD_CLOEXEC);
  execve(spawn->path, (char *const *)(uintptr_t)spawn->arguments, (char *const *)(uintptr_t)spawn->environment);
failed:;
  int error = errno;
  ssize_t ignored = write(report, &error, sizeof error);
  (void)ignored;
  _exit(127);
}

pid_t clinux_spawn_process(const clinux_spawn *spawn) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) < 0) return -1;
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    close(report[0]);
    become(spawn, parent, report[1]);
  }
  close(report[1]);
  int error = 0;
  if (child > 0) {
    ssize_t count;
    do count = read(report[0], &error, sizeof error);
    while (count < 0 && errno == EINTR);
    if (count == (ssize_t)sizeof error) {
      waitpid(child, NULL, 0);
      child = -1;
    }
  } else {
    error = errno;
  }
  close(report[0]);
  if (child < 0) errno = error;
  return child;
}

int clinux_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1); }

static pid_t wait_with(pid_t pid, int options, int *code, int *status) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  int result;
  do result = waitid(pid == 0 ? P_ALL : P_PID, (id_t)pid, &info, options | WNOHANG);
  while (result < 0 && errno == EINTR);
  if (result < 0) return -1;
  *code = info.si_code;
  *status = info.si_status;
  return info.si_pid;
}

pid_t clinux_reap(pid_t pid, int *code, int *status) { return wait_with(pid, WEXITED, code, status); }

pid_t clinux_peek(pid_t pid, int *code, int *status) {
  return wait_with(pid, WEXITED | WSTOPPED | WNOWAIT, code, status);
}

void clinux_exit_now(int code) { _exit(code); }

pid_t clinux_thread_id(void) { return (pid_t)syscall(SYS_gettid); }

__thread uint64_t clinux_own_thread;

uint64_t clinux_number_thread(void) {
  static uint64_t last;
  return clinux_own_thread = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

struct start {
  void (*body)(void *);
  void *context;
};

static void *run(void *argument) {
  struct start start = *(struct start *)argument;
  start.body(start.context);
  return NULL;
}

int clinux_run_on_thread(size_t stack_bytes, void (*body)(void *), void *context) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  int error = pthread_attr_setstacksize(&attributes, stack_bytes);
  struct start start = {body, context};
  pthread_t thread;
  if (error == 0) error = pthread_create(&thread, &attributes, run, &start);
  pthread_attr_destroy(&attributes);
  return error == 0 ? pthread_join(thread, NULL) : error;
}

static void *run_and_free(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  start.body(start.context);
  return NULL;
}

int clinux_start_thread(void (*body)(void *), void *context) {
  struct start *start = malloc(sizeof *start);
  if (start == NULL) return ENOMEM;
  *start = (struct start){body, context};
  pthread_t thread;
  int error = pthread_create(&thread, NULL, run_and_free, start);
  if (error != 0) return free(start), error;
  return pthread_detach(thread);
}

int clinux_cores(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

void clinux_run_on_threads(int threads, void (*body)(void *), void *context) {
  pthread_t others[CLINUX_MOST_THREADS];
  struct start start = {body, context};
  int count = 0;
  while (count < threads - 1 && count < CLINUX_MOST_THREADS && pthread_create(&others[count], NULL, run, &start) == 0) count++;
  body(context);
  for (int i = 0; i < count; i++) pthread_join(others[i], NULL);
}

int clinux_signal_descriptor(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int clinux_next_signal(int fd) {
  struct signalfd_siginfo info;
  ssize_t count = read(fd, &info, sizeof info);
  return count == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

int clinux_has_children(void) {
  siginfo_t info;
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 || errno != ECHILD;
}
