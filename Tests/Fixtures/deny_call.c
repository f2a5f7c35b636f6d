/* deny_call memfd_create|process_vm_readv|O_TMPFILE|renameat2 PROGRAM [ARGUMENT ...]
 * Starts a program to which the kernel refuses a system call, as a seccomp profile of a container may have it, or as a
 * file system does that has no unnamed files or no rename without replacing. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int count, char **words) {
  if (count < 3) return 64;
  // A number of 0 is no call that anybody denies: the flags of openat are looked at instead.
  unsigned number = 0, error = EPERM;
  if (strcmp(words[1], "memfd_create") == 0) {
    number = SYS_memfd_create;
  } else if (strcmp(words[1], "process_vm_readv") == 0) {
    number = SYS_process_vm_readv;
  } else if (strcmp(words[1], "renameat2") == 0) {
    number = SYS_renameat2;
    error = EINVAL;
  } else if (strcmp(words[1], "O_TMPFILE") != 0) {
    return 64;
  }
  struct sock_filter by_number[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_filter by_flags[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, O_TMPFILE),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, O_TMPFILE, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog rules_by_number = {sizeof by_number / sizeof *by_number, by_number};
  struct sock_fprog rules_by_flags = {sizeof by_flags / sizeof *by_flags, by_flags};
  struct sock_fprog *program = number != 0 ? &rules_by_number : &rules_by_flags;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program) != 0) {
    perror("seccomp");
    return 77;
  }
  execv(words[2], words + 2);
  perror(words[2]);
  return 127;
}
