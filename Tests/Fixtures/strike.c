/* Runs a program with all its processes and threads under ptrace(2), and strikes at one system call of the run:
 * ends processes there by SIGKILL, or makes the call fail. With `record` it only tells which calls there are.
 *
 *   strike LOG NAME record PROGRAM ARGUMENT...
 *   strike LOG NAME ROLE CALL NTH PHASE ACTION PROGRAM ARGUMENT...
 *
 * NAME    calls count from the moment at which the program of that file name is executed
 * ROLE    s: the process that was started; w: its child; d: whoever is below that
 * CALL    number of the system call; NTH: the how many-th of this role, from 1
 * PHASE   before: the call is not made; after: it was
 * ACTION  kill:s, kill:w, kill:sw, or fail:ERRNO (always before)
 *
 * The log of a record has a line for each call, "ROLE CALL NTH PATH", where PATH is what its descriptor leads to. The
 * log of a strike has "hit ROLE CALL NTH PHASE LINKS RENAMED PATH", with the number of links made and of directories
 * renamed so far, and "lingered PID ROLE" for each process that was still there long after.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define IS_NOT_POSSIBLE 77

#ifndef __x86_64__
int main(void) { return IS_NOT_POSSIBLE; }
#else

enum { MOST_TASKS = 4096, MOST_CALLS = 1024, LONGEST_RUN = 120, LONGEST_END = 20 };

struct task {
  pid_t tid, group;
  char role;
  int fails;  /* the error to put in at the end of the call, or 0 */
  int strikes_after;
  unsigned long long call, arguments[6];
};

static struct task tasks[MOST_TASKS];
static int task_count;
static unsigned counts[3][MOST_CALLS];
static pid_t first;
static int is_armed, links, renames;
static FILE *output;

static const char *wanted_name, *wanted_phase, *wanted_action;
static char wanted_role;
static unsigned wanted_call, wanted_nth;
static int is_record, was_hit;

static int role_index(char role) { return role == 's' ? 0 : role == 'w' ? 1 : 2; }

/* A number of /proc/TID/status, for instance "Tgid:"; 0 where the task is gone. */
static pid_t number(pid_t tid, const char *key) {
  char path[64], line[256];
  snprintf(path, sizeof path, "/proc/%d/status", (int)tid);
  FILE *file = fopen(path, "r");
  if (file == NULL) return 0;
  pid_t found = 0;
  while (found == 0 && fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, key, strlen(key)) == 0) found = (pid_t)atoi(line + strlen(key));
  fclose(file);
  return found;
}

static struct task *find(pid_t tid) {
  for (int i = 0; i < task_count; i++)
    if (tasks[i].tid == tid) return &tasks[i];
  return NULL;
}

static char role_of(pid_t group) {
  if (group == first) return 's';
  struct task *leader = find(group);
  if (leader != NULL) return leader->role;
  return number(group, "PPid:") == first ? 'w' : 'd';
}

static struct task *meet(pid_t tid) {
  struct task *task = find(tid);
  if (task != NULL) return task;
  if (task_count == MOST_TASKS) exit(70);
  pid_t group = number(tid, "Tgid:");
  struct task new = {.tid = tid, .group = group, .role = role_of(group)};
  tasks[task_count] = new;
  return &tasks[task_count++];
}

static void forget(pid_t tid) {
  struct task *task = find(tid);
  if (task != NULL) *task = tasks[--task_count];
}

/* Where the descriptor of the call leads to, or its path where it has one and no descriptor. */
static void place(const struct task *task, char *text, size_t size) {
  text[0] = 0;
  if (task->call == SYS_mkdir || task->call == SYS_open || task->call == SYS_execve) {
    struct iovec here = {text, size - 1}, there = {(void *)task->arguments[0], size - 1};
    /* A string at the end of its page is read up to there only where the rest is mapped as well. */
    ssize_t count = process_vm_readv(task->tid, &here, 1, &there, 1, 0);
    text[count > 0 ? count : 0] = 0;
  } else {
    char path[64];
    unsigned long long descriptor = task->arguments[task->call == SYS_linkat ? 2 : 0];
    if (descriptor > 1 << 20) return;
    snprintf(path, sizeof path, "/proc/%d/fd/%llu", (int)task->tid, descriptor);
    ssize_t count = readlink(path, text, size - 1);
    text[count > 0 ? count : 0] = 0;
  }
  for (char *c = text; *c; c++)
    if (*c == '\n') *c = ' ';
}

static void tell(const char *word, const struct task *task, unsigned nth, const char *phase) {
  char path[4096];
  place(task, path, sizeof path);
  if (is_record)
    fprintf(output, "%c %llu %u %s\n", task->role, task->call, nth, path);
  else
    fprintf(output, "%s %c %llu %u %s %d %d %s\n", word, task->role, task->call, nth, phase, links, renames, path);
}

/* Each process once: SIGKILL reaches all of its threads. */
static void end(const char *roles) {
  for (int i = 0; i < task_count; i++)
    if (strchr(roles, tasks[i].role) != NULL) kill(tasks[i].group, SIGKILL);
}

static void strike(struct task *task, const char *phase) {
  was_hit = 1;
  tell("hit", task, wanted_nth, phase);
  fflush(output);
  if (strncmp(wanted_action, "kill:", 5) == 0) {
    end(wanted_action + 5);
    alarm(LONGEST_END);
    return;
  }
  task->fails = atoi(wanted_action + 5);
  ptrace(PTRACE_POKEUSER, task->tid, offsetof(struct user, regs.orig_rax), -1L);
}

static void enter(struct task *task, const struct __ptrace_syscall_info *info) {
  task->call = info->entry.nr;
  memcpy(task->arguments, info->entry.args, sizeof task->arguments);
  if (!is_armed || task->call >= MOST_CALLS) return;
  unsigned nth = ++counts[role_index(task->role)][task->call];
  if (is_record) return tell("", task, nth, "");
  if (was_hit || task->role != wanted_role || task->call != wanted_call || nth != wanted_nth) return;
  if (strcmp(wanted_phase, "after") == 0)
    task->strikes_after = 1;
  else
    strike(task, "before");
}

static void leave(struct task *task, const struct __ptrace_syscall_info *info) {
  if (task->fails != 0) {
    ptrace(PTRACE_POKEUSER, task->tid, offsetof(struct user, regs.rax), -(long)task->fails);
    task->fails = 0;
  } else if (!info->exit.is_error) {
    if (task->call == SYS_linkat) links++;
    if (task->call == SYS_renameat2 && task->role == 's') renames++;
  }
  if (task->strikes_after) {
    task->strikes_after = 0;
    strike(task, "after");
  }
}

static void arm(pid_t tid) {
  char path[64], target[4096];
  snprintf(path, sizeof path, "/proc/%d/exe", (int)tid);
  ssize_t count = readlink(path, target, sizeof target - 1);
  target[count > 0 ? count : 0] = 0;
  const char *slash = strrchr(target, '/');
  if (slash != NULL && strcmp(slash + 1, wanted_name) == 0) is_armed = 1;
}

/* One stop of a task; lets it go on. */
static void stopped(pid_t tid, int status) {
  struct task *task = meet(tid);
  int signal_number = WSTOPSIG(status), event = status >> 16, pass = 0;
  if (signal_number == (SIGTRAP | 0x80)) {
    struct __ptrace_syscall_info info;
    memset(&info, 0, sizeof info);
    ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof info, &info);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) enter(task, &info);
    if (info.op == PTRACE_SYSCALL_INFO_EXIT) leave(task, &info);
  } else if (event == PTRACE_EVENT_EXEC) {
    if (tid == first) arm(tid);
  } else if (event == PTRACE_EVENT_STOP && signal_number != SIGTRAP) {
    ptrace(PTRACE_LISTEN, tid, 0, 0);
    return;
  } else if (event == 0) {
    pass = signal_number;
  }
  ptrace(PTRACE_SYSCALL, tid, 0, pass);
}

static void on_alarm(int signal_number) { (void)signal_number; }

/* Until nobody is left. Returns the first process's wait status. */
static int follow(void) {
  int result = 0;
  for (;;) {
    int status;
    pid_t tid = waitpid(-1, &status, __WALL);
    if (tid < 0 && errno == EINTR) {
      for (int i = 0; i < task_count; i++)
        if (tasks[i].tid == tasks[i].group) fprintf(output, "lingered %d %c\n", (int)tasks[i].tid, tasks[i].role);
      end("swd");
    } else if (tid < 0) {
      return result;
    } else if (WIFSTOPPED(status)) {
      stopped(tid, status);
    } else {
      if (tid == first) result = status;
      forget(tid);
    }
  }
}

static void start(char **command) {
  int go[2];
  if (pipe2(go, O_CLOEXEC) < 0) exit(70);
  first = fork();
  if (first == 0) {
    char byte;
    if (read(go[0], &byte, 1) == 1) execvp(command[0], command);
    _exit(127);
  }
  long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
  if (ptrace(PTRACE_SEIZE, first, 0, options) < 0) {
    kill(first, SIGKILL);
    exit(IS_NOT_POSSIBLE);
  }
  meet(first);
  if (write(go[1], "", 1) != 1) exit(70);
  close(go[0]);
  close(go[1]);
}

int main(int count, char **arguments) {
  if (count < 5) return 64;
  is_record = strcmp(arguments[3], "record") == 0;
  if (!is_record && count < 9) return 64;
  output = fopen(arguments[1], "we");
  if (output == NULL) return 64;
  wanted_name = arguments[2];
  if (!is_record) {
    wanted_role = arguments[3][0];
    wanted_call = (unsigned)atoi(arguments[4]);
    wanted_nth = (unsigned)atoi(arguments[5]);
    wanted_phase = arguments[6];
    wanted_action = arguments[7];
  }
  struct sigaction action = {.sa_handler = on_alarm};
  sigaction(SIGALRM, &action, NULL);
  start(arguments + (is_record ? 4 : 8));
  alarm(LONGEST_RUN);
  int status = follow();
  fclose(output);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
#endif
