/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-photo-process.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEMORY_MAX ((rlim_t) 640 * 1024 * 1024)
#define SECONDS_MAX 10  /* of a processor */
#define PATIENCE_S 120u /* by the clock on the wall */

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

static int
limit (int what, rlim_t most)
{
  const struct rlimit bound = { most, most };

  return setrlimit (what, &bound) == 0;
}

#ifdef ARCHITECTURE

#define MAY(call)                                                                                  \
  BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1), BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* From now on the kernel does for it what decoding takes, and nothing else. */
static int
close_doors (void)
{
  static struct sock_filter rules[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, arch)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    MAY (__NR_read),
    MAY (__NR_write),
    MAY (__NR_brk),
    MAY (__NR_mmap),
    MAY (__NR_munmap),
    MAY (__NR_mremap),
    MAY (__NR_mprotect),
    MAY (__NR_madvise),
    MAY (__NR_futex),
    MAY (__NR_getrandom),
    MAY (__NR_rt_sigreturn),
    MAY (__NR_exit),
    MAY (__NR_exit_group),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  const struct sock_fprog program = { sizeof rules / sizeof rules[0], rules };

  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
         && prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

#else

static int
close_doors (void)
{
  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

#endif

int
pt_photo_bind (void)
{
  alarm (PATIENCE_S);
  prctl (PR_SET_PDEATHSIG, 9);
  prctl (PR_SET_DUMPABLE, 0);
  return limit (RLIMIT_CORE, 0) && limit (RLIMIT_AS, MEMORY_MAX) && limit (RLIMIT_CPU, SECONDS_MAX)
         && limit (RLIMIT_FSIZE, PT_PHOTO_OUT_MAX) && limit (RLIMIT_NOFILE, 3) && close_doors ();
}
