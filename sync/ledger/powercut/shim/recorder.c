/* Writes down what a program asks of the files below one folder, in order:
 * opens, writes with their bytes, truncates, syncs, removals, and what failed.
 * Preloaded into a program, it stands between SQLite and libc; the log is one
 * file that is only appended to, to which the program itself adds marks.
 *
 * LOKET_RECORD_DIR is the folder, LOKET_RECORD_LOG the log. With
 * LOKET_RECORD_FAIL=N the N-th sync of a file fails. Go's own file calls do not
 * pass here. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MOST_FDS = 4096 };

struct head { /* as record.go reads it, little-endian */
	uint8_t kind;
	uint8_t failed; /* errno */
	uint16_t zero;
	uint32_t file; /* inode */
	uint64_t at;
	uint32_t len;
} __attribute__((packed));

static uint32_t inode[MOST_FDS]; /* of each open file below the folder; 0 is none */
static int log_fd = -1;
static int fail_sync; /* counts down to the sync that fails */
static const char *folder;
static size_t folder_len;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void) {
	const char *log = getenv("LOKET_RECORD_LOG");
	folder = getenv("LOKET_RECORD_DIR");
	if (!folder || !log) return;
	folder_len = strlen(folder);
	if (getenv("LOKET_RECORD_FAIL")) fail_sync = atoi(getenv("LOKET_RECORD_FAIL"));
	log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static void record(uint8_t kind, int failed, uint32_t file, uint64_t at, const void *data, size_t len) {
	struct head h = {kind, (uint8_t)failed, 0, file, at, (uint32_t)len};
	struct iovec v[2] = {{&h, sizeof h}, {(void *)data, len}};
	int kept = errno;
	if ((size_t)syscall(SYS_writev, log_fd, v, 2) != sizeof h + len) abort(); /* a gap would make every verdict false */
	errno = kept;
}

/* below gives the path within the folder, or NULL. */
static const char *below(const char *path) {
	pthread_once(&once, start);
	if (log_fd < 0 || strncmp(path, folder, folder_len)) return NULL;
	if (path[folder_len] == '/') return path + folder_len + 1;
	return path[folder_len] ? NULL : ".";
}

static uint32_t of(int fd) { return fd >= 0 && fd < MOST_FDS ? inode[fd] : 0; }

static void opened(const char *path, int fd) {
	const char *name = below(path);
	struct stat s;
	if (!name) return;
	if (fd < 0) {
		if (errno != ENOENT) record('o', errno, 0, 0, name, strlen(name));
		return;
	}
	if (fd >= MOST_FDS || fstat(fd, &s)) return;
	inode[fd] = (uint32_t)s.st_ino;
	if (!S_ISDIR(s.st_mode)) record('o', 0, inode[fd], (uint64_t)s.st_size, name, strlen(name));
	else inode[fd] = 0xffffffff; /* the folder: its sync makes names durable */
}

#define REAL(ret, name, ...) \
	static ret (*real)(__VA_ARGS__); \
	if (!real) real = (ret (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

#define OPEN(name) \
	int name(const char *path, int flags, ...) { \
		mode_t mode = 0; \
		if (flags & (O_CREAT | O_TMPFILE)) { va_list a; va_start(a, flags); mode = va_arg(a, mode_t); va_end(a); } \
		REAL(int, name, const char *, int, ...); \
		int fd = real(path, flags, mode); \
		opened(path, fd); \
		return fd; \
	}
OPEN(open)
OPEN(open64)

int close(int fd) {
	REAL(int, close, int);
	if (fd >= 0 && fd < MOST_FDS) inode[fd] = 0;
	return real(fd);
}

#define WRITTEN(kind_at) \
	if (of(fd)) { if (n < 0) record('w', errno, of(fd), (uint64_t)(kind_at), "", 0); else record('w', 0, of(fd), (uint64_t)(kind_at), buf, (size_t)n); }

ssize_t write(int fd, const void *buf, size_t len) {
	REAL(ssize_t, write, int, const void *, size_t);
	off_t at = of(fd) ? lseek(fd, 0, SEEK_CUR) : 0;
	ssize_t n = real(fd, buf, len);
	WRITTEN(at)
	return n;
}
ssize_t pwrite(int fd, const void *buf, size_t len, off_t at) {
	REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
	ssize_t n = real(fd, buf, len, at);
	WRITTEN(at)
	return n;
}
ssize_t pwrite64(int fd, const void *buf, size_t len, off64_t at) {
	REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
	ssize_t n = real(fd, buf, len, at);
	WRITTEN(at)
	return n;
}

/* Of reads only those that fail are written down. */
#define READ(n) if (of(fd) && (n) < 0) record('r', errno, of(fd), 0, "", 0)

ssize_t read(int fd, void *buf, size_t len) {
	REAL(ssize_t, read, int, void *, size_t);
	ssize_t n = real(fd, buf, len);
	READ(n);
	return n;
}
ssize_t pread(int fd, void *buf, size_t len, off_t at) {
	REAL(ssize_t, pread, int, void *, size_t, off_t);
	ssize_t n = real(fd, buf, len, at);
	READ(n);
	return n;
}
ssize_t pread64(int fd, void *buf, size_t len, off64_t at) {
	REAL(ssize_t, pread64, int, void *, size_t, off64_t);
	ssize_t n = real(fd, buf, len, at);
	READ(n);
	return n;
}

/* fails says whether this sync is the one. */
static int fails(int fd) {
	if (!of(fd) || of(fd) == 0xffffffff || fail_sync == 0 || --fail_sync != 0) return 0;
	errno = EIO;
	return 1;
}

#define CALL_FD(ret, name, kind, at, params, args) \
	ret name params { \
		static ret (*real) params; \
		if (!real) real = (ret (*) params)dlsym(RTLD_NEXT, #name); \
		ret r = kind == 's' && fails(fd) ? -1 : real args; \
		if (of(fd)) record(of(fd) == 0xffffffff ? 'd' : kind, r ? errno : 0, of(fd), (uint64_t)(at), "", 0); \
		return r; \
	}
CALL_FD(int, fsync, 's', 0, (int fd), (fd))
CALL_FD(int, fdatasync, 's', 0, (int fd), (fd))
CALL_FD(int, ftruncate, 't', size, (int fd, off_t size), (fd, size))
CALL_FD(int, ftruncate64, 't', size, (int fd, off64_t size), (fd, size))

int unlink(const char *path) {
	REAL(int, unlink, const char *);
	int r = real(path);
	const char *name = below(path);
	if (name && !(r && errno == ENOENT)) record('u', r ? errno : 0, 0, 0, name, strlen(name));
	return r;
}
