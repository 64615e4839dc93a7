/*
 * One process of a flow, a ping-pong or a large alert, without Java: what the kernel can do. Three ways, in one program:
 *
 *   c-pipe      as this library does it: alerts in whole pages, 128 KiB a write, bulk reads, decoded in place; pipes of
 *               256 KiB
 *   c-splice    the same, but whole pages go by reference, vmsplice(2); their memory is used again after 16 MiB
 *   ancestor-c  as ngx_lua_ipc does it: one writev(2) a packet, header and body read with a read(2) each; pipes as they
 *               come, 64 KiB
 *
 * It takes the same arguments, obeys the same lines on standard input and answers with the same lines as
 * Performer.java: see there.
 */
#define _GNU_SOURCE
#include "payload.h"
#include "wire.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum {
    PIPE_BYTES = 256 << 10,
    READ_BYTES = 256 << 10,
    BATCH = 128 << 10,
    RING = 16 << 20, /* far more than a pipe holds: what is written to again has been read */
    MAX_STREAMS = 64,
    MAX_RECEIVERS = 64,
    STREAM_SHIFT = 40,
    MAX_SAMPLES = 16 << 20,
    LARGE = 1 << 24, /* an alert so large that what it takes to note its arrival is nothing */
};
static const uint64_t PATTERN = 0x5EED0FA1E275A11Eu;

static int ancestor, splicing, spinning, seat, receivers, senders, threads;
static size_t bytes;
static const char *folder;
static int inbox = -1;
static int32_t pid;

static _Atomic uint64_t received, wrong;
static _Atomic int stopping;
static _Atomic int64_t schedule_start, arrival;
static _Atomic int64_t window_from, window_until; /* of what begins in it the latency is kept */
static double schedule_interval;
static uint64_t schedule_stride = 1, schedule_first;
static int64_t *samples;
static _Atomic uint64_t sample_count;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void add(_Atomic uint64_t *counter, uint64_t value) {
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + value, memory_order_release);
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void sample(int64_t start, int64_t end) {
    /* In the other order than they are set: until both are, the window is empty. */
    int64_t until = atomic_load_explicit(&window_until, memory_order_acquire);
    if (start >= until || start < atomic_load_explicit(&window_from, memory_order_relaxed)) {
        return;
    }
    uint64_t count = atomic_load_explicit(&sample_count, memory_order_relaxed);
    if (count < MAX_SAMPLES) {
        samples[count] = end - start;
        atomic_store_explicit(&sample_count, count + 1, memory_order_release);
    }
}

/* ---------------------------------------------------------------- sending */

struct link {
    int slot;
    int fds[MAX_RECEIVERS], count;
    uint8_t *ring; /* of batches: c-pipe one, c-splice many */
    uint8_t *memory; /* the one that is being filled */
    size_t tail;
};

static void await_room(int fd) {
    struct pollfd room = {fd, POLLOUT, 0};
    if (poll(&room, 1, -1) < 0) {
        die("poll");
    }
}

static void write_all(int fd, uint8_t *from, size_t length) {
    while (length > 0) {
        struct iovec pages = {from, length};
        ssize_t wrote = splicing && length % PAGE == 0 ? vmsplice(fd, &pages, 1, SPLICE_F_NONBLOCK) : write(fd, from, length);
        if (wrote < 0) {
            if (errno != EAGAIN) {
                die("write");
            }
            await_room(fd);
            continue;
        }
        if (length > PAGE && wrote % PAGE != 0) {
            fputs("a write was cut inside a page\n", stderr);
            exit(1);
        }
        from += wrote;
        length -= wrote;
    }
}

/* Whole pages in one write, then the rest of at most one page: the kernel cuts neither inside a page. */
static void push(struct link *link) {
    size_t whole = link->tail / PAGE * PAGE;
    for (int i = 0; i < link->count; i++) {
        write_all(link->fds[i], link->memory, whole);
        write_all(link->fds[i], link->memory + whole, link->tail - whole);
    }
    link->tail = 0;
    if (splicing) {
        link->memory = link->memory + BATCH == link->ring + RING ? link->ring : link->memory + BATCH;
    }
}

static void put_header(uint8_t *at, int slot, uint32_t total, uint16_t body, uint8_t name, char control, uint8_t flags) {
    struct header h = {pid, total, slot, body, name, control, flags, 0};
    memcpy(at, &h, HEADER);
}

static void encode(struct link *link, const uint8_t *data, size_t length) {
    size_t total = NAME_BYTES + length, from = 0;
    do {
        if (link->tail == BATCH) {
            push(link);
        }
        uint8_t *at = link->memory + link->tail;
        size_t left = PAGE - link->tail % PAGE;
        if (from == 0 && left < SPLIT_ROOM && total > left - HEADER) {
            struct header h = {pid, 0, link->slot, left - HEADER, 0, '_', 0, 0};
            memcpy(at, &h, HEADER);
            link->tail += left;
            continue;
        }
        size_t body = total - from < left - HEADER ? total - from : left - HEADER;
        size_t rest = left - HEADER - body;
        size_t skip = rest < HEADER ? rest : 0;
        struct header h = {pid, total, link->slot, body, NAME_BYTES, from != 0 ? '+' : body == total ? '$' : '>', skip, 0};
        memcpy(at, &h, HEADER);
        uint8_t *to = at + HEADER;
        if (from == 0) {
            memcpy(to, NAME, NAME_BYTES);
            memcpy(to + NAME_BYTES, data, body - NAME_BYTES);
        } else {
            memcpy(to, data + from - NAME_BYTES, body);
        }
        from += body;
        link->tail += HEADER + body + skip;
    } while (from < total);
}

static void send_packets(struct link *link, const uint8_t *data, size_t length) {
    size_t total = NAME_BYTES + length, from = 0;
    do {
        size_t body = total - from < PAGE - HEADER ? total - from : PAGE - HEADER;
        size_t name = from == 0 ? NAME_BYTES : 0;
        uint8_t head[HEADER + NAME_BYTES];
        put_header(head, link->slot, total, body, NAME_BYTES, from != 0 ? '+' : body == total ? '$' : '>', 0);
        memcpy(head + HEADER, NAME, name);
        struct iovec vectors[2] = {{head, HEADER + name}, {(void *) (data + from + name - NAME_BYTES), body - name}};
        for (int i = 0; i < link->count; i++) {
            while (writev(link->fds[i], vectors, 2) < 0) { /* whole or not at all: it has at most 4,096 bytes */
                if (errno != EAGAIN) {
                    die("writev");
                }
                await_room(link->fds[i]);
            }
        }
        from += body;
    } while (from < total);
}

static void send_alert(struct link *link, const uint8_t *data, size_t length) {
    (ancestor ? send_packets : encode)(link, data, length);
}

static void open_link(struct link *link, int slot, int first, int count) {
    link->slot = slot;
    link->count = count;
    link->tail = 0;
    link->memory = link->ring = aligned_alloc(PAGE, splicing ? RING : BATCH);
    for (int i = 0; i < count; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%d", folder, first + i);
        for (int64_t limit = now() + 30000000000LL; (link->fds[i] = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0;) {
            if (now() > limit) {
                die(path);
            }
            usleep(1000);
        }
    }
}

/* ---------------------------------------------------------------- receiving */

typedef void sink(const uint8_t *data, size_t length);

static void open_inbox(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        die("pipe2");
    }
    inbox = ends[0];
    if (!ancestor) {
        fcntl(inbox, F_SETPIPE_SZ, PIPE_BYTES);
    }
    if (spinning && fcntl(inbox, F_SETFL, O_NONBLOCK) != 0) {
        die("fcntl");
    }
    char target[64], path[512];
    snprintf(target, sizeof target, "/proc/%d/fd/%d", getpid(), ends[1]);
    snprintf(path, sizeof path, "%s/%d", folder, seat);
    if (symlink(target, path) != 0) {
        die("symlink");
    }
}

static size_t read_some(void *to, size_t length) {
    for (;;) {
        ssize_t got = read(inbox, to, length);
        if (got > 0) {
            return got;
        }
        if (got == 0 || errno != EAGAIN) {
            die("read");
        }
        __builtin_ia32_pause();
    }
}

static void read_exactly(uint8_t *to, size_t length) {
    while (length > 0) {
        size_t got = read_some(to, length);
        to += got;
        length -= got;
    }
}

/* Memory that nobody has touched yet; in huge pages where it is large. */
static uint8_t *fresh(size_t length) {
    if (length < LARGE) {
        return malloc(length);
    }
    uint8_t *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        die("mmap");
    }
    madvise(memory, length, MADV_HUGEPAGE);
    return memory;
}

static uint8_t *parts[MAX_STREAMS];
static size_t part_bytes[MAX_STREAMS];

static void packet(const struct header *h, const uint8_t *body, sink *sink) {
    if (h->control == '_') {
        return;
    }
    if (h->slot >= MAX_STREAMS || h->total != NAME_BYTES + bytes || h->name != NAME_BYTES) {
        add(&wrong, 1);
        return;
    }
    if (h->control != '+' && memcmp(body, NAME, NAME_BYTES) != 0) {
        add(&wrong, 1);
    }
    if (h->control == '$') {
        sink(body + NAME_BYTES, h->total - NAME_BYTES);
        return;
    }
    uint8_t **part = &parts[h->slot];
    size_t *got = &part_bytes[h->slot];
    if (*part == NULL) {
        *part = fresh(NAME_BYTES + bytes);
    }
    if (h->control == '>') {
        *got = 0;
    }
    if (*got + h->body > h->total) {
        add(&wrong, 1);
        return;
    }
    memcpy(*part + *got, body, h->body);
    *got += h->body;
    if (*got == h->total) {
        sink(*part + NAME_BYTES, h->total - NAME_BYTES);
    }
}

static void receive(sink *sink) {
    uint8_t *buffer = aligned_alloc(PAGE, PAGE + READ_BYTES);
    size_t kept = 0;
    for (;;) {
        struct header h;
        if (ancestor) {
            read_exactly((uint8_t *) &h, HEADER);
            read_exactly(buffer, h.body);
            packet(&h, buffer, sink);
            continue;
        }
        size_t end = PAGE + read_some(buffer + PAGE, READ_BYTES), at = PAGE - kept;
        while (end - at >= HEADER) {
            memcpy(&h, buffer + at, HEADER);
            size_t length = HEADER + h.body + (h.flags & SKIP);
            if (end - at < length) {
                break;
            }
            packet(&h, buffer + at + HEADER, sink);
            at += length;
        }
        kept = end - at;
        memmove(buffer + PAGE - kept, buffer + at, kept);
    }
}

/* ---------------------------------------------------------------- the roles */

static uint64_t next[MAX_STREAMS];

static void count_alert(const uint8_t *data, size_t length) {
    if (length >= LARGE) {
        atomic_store(&arrival, now());
    }
    uint64_t token;
    memcpy(&token, data, 8);
    uint64_t stream = token >> STREAM_SHIFT, number = token & ((1ull << STREAM_SHIFT) - 1);
    if (stream >= MAX_STREAMS || number != next[stream] || difference(data, bytes, token, PATTERN) != 0) {
        add(&wrong, 1);
        stream %= MAX_STREAMS;
    }
    next[stream] = number + 1;
    int64_t start = atomic_load_explicit(&schedule_start, memory_order_acquire);
    if (start != 0 && number % schedule_stride == 0) {
        sample(start + (int64_t) ((number - schedule_first) * schedule_interval), now());
    }
    add(&received, 1);
}

static struct link pong;
static uint8_t *ping_data;
static uint64_t ping_token;
static int64_t ping_time;

static void send_ping(void) {
    stamp(ping_data, bytes, ++ping_token);
    ping_time = now();
    send_alert(&pong, ping_data, bytes);
    if (!ancestor) {
        push(&pong);
    }
}

static void got_pong(const uint8_t *data, size_t length) {
    (void) length;
    int64_t time = now();
    if (difference(data, bytes, ping_token, PATTERN) != 0) {
        add(&wrong, 1);
    }
    sample(ping_time, time);
    add(&received, 1);
    if (!atomic_load_explicit(&stopping, memory_order_relaxed)) {
        send_ping();
    }
}

static void echo(const uint8_t *data, size_t length) {
    add(&received, 1);
    send_alert(&pong, data, length);
    if (!ancestor) {
        push(&pong);
    }
}

static void *receive_all(void *sink_of_role) {
    receive((sink *) sink_of_role);
    return NULL;
}

struct sender {
    struct link link;
    pthread_t thread;
    _Atomic uint64_t sent;
    char apart[128];
};
static struct sender *sending;

static void *send_all(void *argument) {
    struct sender *sender = argument;
    uint8_t *data = malloc(bytes + 8);
    uint64_t token = (uint64_t) sender->link.slot << STREAM_SHIFT, sent = atomic_load(&sender->sent);
    int64_t start = atomic_load(&schedule_start);
    fill(data, bytes, PATTERN);
    while (!atomic_load_explicit(&stopping, memory_order_relaxed)) {
        if (start != 0) {
            int64_t time = now() - start;
            if (time < 0 || sent - schedule_first > (uint64_t) (time / schedule_interval)) {
                if (!ancestor && sender->link.tail > 0) {
                    push(&sender->link);
                }
                __builtin_ia32_pause();
                continue;
            }
            uint64_t due = schedule_first + (uint64_t) (time / schedule_interval) + 1;
            while (sent < due && !atomic_load_explicit(&stopping, memory_order_relaxed)) {
                stamp(data, bytes, token + sent);
                send_alert(&sender->link, data, bytes);
                atomic_store_explicit(&sender->sent, ++sent, memory_order_release);
            }
            continue;
        }
        stamp(data, bytes, token + sent);
        send_alert(&sender->link, data, bytes);
        atomic_store_explicit(&sender->sent, ++sent, memory_order_release);
    }
    if (!ancestor) {
        push(&sender->link);
    }
    return NULL;
}

static void start_thread(pthread_t *thread, void *(*run)(void *), void *argument) {
    if (pthread_create(thread, NULL, run, argument) != 0) {
        die("pthread_create");
    }
}

static void write_latencies(const char *path) {
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        die(path);
    }
    uint64_t count = atomic_load(&sample_count);
    for (uint64_t i = 0; i < count; i++) {
        fprintf(file, "%ld\n", (long) samples[i]);
    }
    if (fclose(file) != 0) {
        die(path);
    }
}

static uint64_t all_sent(void) {
    uint64_t sum = 0;
    for (int i = 0; i < threads; i++) {
        sum += atomic_load(&sending[i].sent);
    }
    return sum;
}

struct look {
    int64_t time;
    uint64_t alerts, wrong;
};

static struct look look(int sends) {
    return (struct look){now(), sends ? all_sent() : atomic_load(&received), atomic_load(&wrong)};
}

static void tell(struct look look, char end) {
    printf("%lld %lu %lu 0%c", (long long) look.time, look.alerts, look.wrong, end);
}

static void await_time(int64_t nanos) {
    struct timespec time = {nanos / 1000000000, nanos % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {
    }
}

int main(int count, char **arguments) {
    if (count != 11) {
        fputs("usage: flow ROLE c-pipe|c-splice|ancestor-c VARIANT WAITING SEAT RECEIVERS SENDERS THREADS BYTES FOLDER\n", stderr);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    const char *role = arguments[1];
    ancestor = strcmp(arguments[2], "ancestor-c") == 0;
    splicing = strcmp(arguments[2], "c-splice") == 0;
    spinning = strcmp(arguments[4], "spin") == 0;
    seat = atoi(arguments[5]);
    receivers = atoi(arguments[6]);
    senders = atoi(arguments[7]);
    threads = atoi(arguments[8]);
    bytes = strtoul(arguments[9], NULL, 10);
    folder = arguments[10];
    pid = getpid();
    int sends = strcmp(role, "send") == 0, pings = strcmp(role, "ping") == 0, echoes = strcmp(role, "echo") == 0;
    samples = mmap(NULL, MAX_SAMPLES * sizeof *samples, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (samples == MAP_FAILED) {
        die("mmap");
    }
    pthread_t reader;
    if (sends) {
        sending = calloc(threads, sizeof *sending);
        for (int i = 0; i < threads; i++) {
            open_link(&sending[i].link, (seat - receivers) * threads + i, 0, receivers);
        }
    } else {
        open_inbox();
        if (pings || echoes) {
            ping_data = malloc(bytes + 8);
            fill(ping_data, bytes, PATTERN);
            open_link(&pong, seat, 1 - seat, 1);
        }
        start_thread(&reader, receive_all, pings ? (void *) got_pong : echoes ? (void *) echo : (void *) count_alert);
    }
    puts("ready");
    char line[512];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        long long start, until;
        unsigned long long stride, first;
        if (sscanf(line, "schedule %lld %lf %llu %llu", &start, &schedule_interval, &stride, &first) == 4) {
            schedule_stride = stride;
            schedule_first = first;
            atomic_store(&schedule_start, start);
            puts("scheduled");
        } else if (strcmp(line, "go") == 0) {
            atomic_store(&stopping, 0);
            if (pings) {
                send_ping();
            }
            for (int i = 0; sends && i < threads; i++) {
                start_thread(&sending[i].thread, send_all, &sending[i]);
            }
            puts("going");
        } else if (sends && strcmp(line, "once") == 0) {
            uint8_t *data = fresh(bytes + 8);
            fill(data, bytes, PATTERN);
            stamp(data, bytes, (uint64_t) sending->link.slot << STREAM_SHIFT);
            int64_t before = now();
            send_alert(&sending->link, data, bytes);
            if (!ancestor) {
                push(&sending->link);
            }
            atomic_store(&sending->sent, 1);
            printf("%lld\n", (long long) before);
        } else if (strcmp(line, "arrival") == 0) {
            printf("%lld\n", (long long) atomic_load(&arrival));
        } else if (strcmp(line, "look") == 0) {
            tell(look(sends), '\n');
        } else if (sscanf(line, "measure %lld %lld", &start, &until) == 2) {
            atomic_store(&window_from, start);
            atomic_store(&window_until, until);
            await_time(start);
            struct look before = look(sends);
            await_time(until);
            struct look after = look(sends);
            tell(before, ';');
            tell(after, '\n');
        } else if (strcmp(line, "stop") == 0) {
            atomic_store(&stopping, 1);
            for (int i = 0; sends && i < threads; i++) {
                pthread_join(sending[i].thread, NULL);
            }
            printf("%lu\n", sends ? all_sent() : 0);
        } else if (strncmp(line, "latencies ", 10) == 0) {
            write_latencies(line + 10);
            puts("written");
        } else if (strcmp(line, "leave") == 0) {
            exit(0);
        } else {
            fprintf(stderr, "flow: what is '%s'?\n", line);
            return 1;
        }
    }
    return 1;
}
