/*
 * What jextract reads (see jextract/README.md), and what the C probe of the tests compiles.
 * Only names on the list jextract/includes.txt reach the bindings.
 */
#define _GNU_SOURCE /* pipe2, vmsplice, F_SETPIPE_SZ, O_PATH */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
