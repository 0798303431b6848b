#ifndef SATCHEL_CLINUX_SHIM_H
#define SATCHEL_CLINUX_SHIM_H

// What the programs need of Linux and Swift's Glibc module leaves out: each is variadic, or
// behind _GNU_SOURCE.

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

/// prctl is variadic. No core dump, no debugger of another process.
static inline int satchel_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/// struct ucred is behind _GNU_SOURCE. The user at the other end of a Unix socket; -1 if unknown.
static inline long satchel_peer_user(int descriptor) {
  struct { pid_t pid; uid_t uid; gid_t gid; } credentials;
  socklen_t size = sizeof credentials;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
  return (long)credentials.uid;
}

/// O_PATH and POSIX_SPAWN_SETSID are behind _GNU_SOURCE; both are part of the kernel's or glibc's
/// binary interface.
static const int satchel_open_path = 010000000;
/// F_SETPIPE_SZ is behind _GNU_SOURCE.
static const int satchel_set_pipe_size = 1031;
static const short satchel_spawn_new_session = 0x80;

/// syncfs is behind _GNU_SOURCE. Makes durable all that was written to the file system of an open file;
/// since Linux 5.8 it fails if a write has failed since that file was opened.
int syncfs(int descriptor);
static inline int satchel_sync_file_system(int descriptor) { return syncfs(descriptor); }

/// sync_file_range is behind _GNU_SOURCE. Begins to write a file to the disk, so that there is less to wait
/// for when it is made durable. A hint: it promises nothing, and whether it failed does not matter.
int sync_file_range(int descriptor, long long offset, long long count, unsigned int flags);
static inline void satchel_begin_writing(int descriptor) {
  (void)sync_file_range(descriptor, 0, 0, 2 /* SYNC_FILE_RANGE_WRITE */);
}

#endif
