/*
 * The storm without Java: what the kernel can do. Two ways, in one program:
 *
 *   c-pipe      as this library does it: alerts in whole pages, each outbox written once at the end of a read batch,
 *               bulk reads, decoded in place; pipes of 256 KiB
 *   ancestor-c  as ngx_lua_ipc does it: one writev(2) a packet, header and body read with a read(2) each; pipes as they
 *               come, 64 KiB
 *
 * usage: storm WAY WORKERS BYTES IN_FLIGHT WARM_UP_MS WINDOW_MS
 * Prints: alerts a second, processors that the workers used. Exit code 1 and a line on standard error if an alert was
 * lost, doubled or wrong.
 */
#define _GNU_SOURCE
#include "payload.h"
#include "wire.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_WORKERS = 64,
    READ_BYTES = 256 << 10,
    OUTBOX_BYTES = 64 << 20, /* of address space; what is never used costs nothing */
    MAX_DATA = 1 << 20,
};

/* Shared by all processes; each worker writes its own. */
struct counts {
    _Atomic uint64_t received, retired, tokens, wrong, injected_tokens;
    char apart[128];
};
struct shared {
    _Atomic int go, stopping;
    char apart[128];
    struct counts of[MAX_WORKERS];
};

struct queued {
    struct queued *next;
    size_t bytes;
    uint8_t packet[];
};

struct outbox {
    int fd;
    int waiting; /* the pipe was full */
    int touched;
    uint8_t *memory; /* c-pipe: pages from head to tail */
    size_t head, tail;
    struct queued *first, **last; /* ancestor-c: packets that did not fit the pipe */
};

static struct shared *shared;
static int ancestor, workers, bytes, in_flight;
static int in[MAX_WORKERS], out[MAX_WORKERS];

/* Below: one worker's. */
static int self, waiting;
static int32_t pid;
static struct outbox boxes[MAX_WORKERS];
static uint8_t *parts[MAX_WORKERS];
static size_t part_bytes[MAX_WORKERS];
static uint64_t random_state;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void add(_Atomic uint64_t *counter, uint64_t value) {
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + value, memory_order_release);
}

/* A worker's n-th alert's; as in Bouncer.java. */
static uint64_t token_of(uint64_t worker, uint32_t number) {
    uint64_t mixed = (worker << 32 | number) * 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ mixed >> 32) * 0xD6E8FEB86659FD93u;
    return mixed ^ mixed >> 32;
}

/* ---------------------------------------------------------------- sending, the library's way */

static void header(uint8_t *at, uint32_t total, uint16_t body, uint8_t name, char control, uint8_t flags) {
    struct header h = {pid, total, self, body, name, control, flags, 0};
    memcpy(at, &h, HEADER);
}

static void encode(struct outbox *box, const uint8_t *data) {
    size_t total = NAME_BYTES + bytes, from = 0;
    if (box->tail + total + total / 128 + 2 * PAGE > OUTBOX_BYTES) {
        fputs("outbox full\n", stderr);
        exit(1);
    }
    while (from < total) {
        uint8_t *at = box->memory + box->tail;
        size_t left = PAGE - box->tail % PAGE;
        if (from == 0 && left < SPLIT_ROOM && total > left - HEADER) {
            header(at, 0, left - HEADER, 0, '_', 0);
            box->tail += left;
            continue;
        }
        size_t body = total - from < left - HEADER ? total - from : left - HEADER;
        size_t rest = left - HEADER - body;
        size_t skip = rest < HEADER ? rest : 0;
        header(at, total, body, NAME_BYTES, from != 0 ? '+' : body == total ? '$' : '>', skip);
        uint8_t *to = at + HEADER;
        if (from == 0) {
            memcpy(to, NAME, NAME_BYTES);
            memcpy(to + NAME_BYTES, data, body - NAME_BYTES);
        } else {
            memcpy(to, data + from - NAME_BYTES, body);
        }
        from += body;
        box->tail += HEADER + body + skip;
    }
}

/* Whole pages in one write, or at most the rest of one page: the kernel cuts neither inside a page. */
static void flush_pages(struct outbox *box) {
    while (box->head < box->tail) {
        size_t left = box->tail - box->head, length;
        if (box->head % PAGE != 0) {
            length = PAGE - box->head % PAGE;
        } else {
            length = left >= PAGE ? left / PAGE * PAGE : left;
        }
        if (length > left) {
            length = left;
        }
        ssize_t wrote = write(box->fd, box->memory + box->head, length);
        if (wrote < 0) {
            if (errno == EAGAIN) {
                waiting += !box->waiting;
                box->waiting = 1;
                return;
            }
            die("write");
        }
        box->head += wrote;
    }
    waiting -= box->waiting;
    box->waiting = 0;
    box->head = box->tail = 0;
}

/* ---------------------------------------------------------------- sending, the ancestor's way */

static int write_packet(struct outbox *box, struct iovec *vectors, int count) {
    if (writev(box->fd, vectors, count) >= 0) {
        return 1; /* whole: it has at most 4,096 bytes */
    }
    if (errno != EAGAIN) {
        die("writev");
    }
    return 0;
}

static void send_packets(struct outbox *box, const uint8_t *data) {
    size_t total = NAME_BYTES + bytes;
    for (size_t from = 0; from < total;) {
        size_t body = total - from < PAGE - HEADER ? total - from : PAGE - HEADER;
        size_t name = from == 0 ? NAME_BYTES : 0;
        uint8_t head[HEADER + NAME_BYTES];
        header(head, total, body, NAME_BYTES, from != 0 ? '+' : body == total ? '$' : '>', 0);
        memcpy(head + HEADER, NAME, name);
        struct iovec vectors[2] = {{head, HEADER + name}, {(void *) (data + from + name - NAME_BYTES), body - name}};
        if (box->first != NULL || !write_packet(box, vectors, 2)) {
            struct queued *packet = malloc(sizeof *packet + HEADER + body);
            if (packet == NULL) {
                die("malloc");
            }
            packet->next = NULL;
            packet->bytes = HEADER + body;
            memcpy(packet->packet, head, HEADER + name);
            memcpy(packet->packet + HEADER + name, vectors[1].iov_base, body - name);
            *(box->first != NULL ? box->last : &box->first) = packet;
            box->last = &packet->next;
            waiting += !box->waiting;
            box->waiting = 1;
        }
        from += body;
    }
}

static void flush_packets(struct outbox *box) {
    while (box->first != NULL) {
        struct queued *packet = box->first;
        struct iovec vector = {packet->packet, packet->bytes};
        if (!write_packet(box, &vector, 1)) {
            return;
        }
        box->first = packet->next;
        free(packet);
    }
    waiting -= box->waiting;
    box->waiting = 0;
}

/* ---------------------------------------------------------------- both */

static void send_to_random(const uint8_t *data) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    int to = (random_state >> 33) * (workers - 1) >> 31;
    struct outbox *box = &boxes[to + (to >= self)];
    if (ancestor) {
        send_packets(box, data);
    } else {
        box->touched = 1;
        encode(box, data);
    }
}

static void flush_touched(void) {
    for (int i = 0; i < workers; i++) {
        if (boxes[i].touched && !boxes[i].waiting) {
            flush_pages(&boxes[i]);
        }
        boxes[i].touched = 0;
    }
}

static void handle(const uint8_t *alert, size_t total) {
    struct counts *mine = &shared->of[self];
    const uint8_t *data = alert + NAME_BYTES;
    uint64_t token = 0;
    if (total == (size_t) NAME_BYTES + bytes && memcmp(alert, NAME, NAME_BYTES) == 0) {
        memcpy(&token, data, 8);
        if (difference(data, bytes, token, ~token) != 0) {
            add(&mine->wrong, 1);
        }
    } else {
        add(&mine->wrong, 1);
        return;
    }
    if (atomic_load_explicit(&shared->stopping, memory_order_relaxed)) {
        add(&mine->tokens, token);
        add(&mine->retired, 1);
    } else {
        send_to_random(data);
    }
    add(&mine->received, 1);
}

static void packet(const struct header *h, const uint8_t *body) {
    int from = h->slot;
    if (h->control == '_') {
        return;
    }
    if (from >= workers || h->total > NAME_BYTES + MAX_DATA || h->name != NAME_BYTES) {
        add(&shared->of[self].wrong, 1);
        return;
    }
    if (h->control == '$') {
        handle(body, h->total);
        return;
    }
    if (h->control == '>') {
        part_bytes[from] = 0;
    }
    if (part_bytes[from] + h->body > h->total) {
        add(&shared->of[self].wrong, 1);
        return;
    }
    memcpy(parts[from] + part_bytes[from], body, h->body);
    part_bytes[from] += h->body;
    if (part_bytes[from] == h->total) {
        handle(parts[from], h->total);
    }
}

static ssize_t read_some(void *to, size_t length) {
    ssize_t got = read(in[self], to, length);
    if (got <= 0) {
        die("read");
    }
    return got;
}

static void read_exactly(uint8_t *to, size_t length) {
    while (length > 0) {
        ssize_t got = read_some(to, length);
        to += got;
        length -= got;
    }
}

/* Waits until the inbox has something; meanwhile writes what had no room before. */
static void await_input(void) {
    while (waiting) {
        struct pollfd fds[MAX_WORKERS + 1];
        int of[MAX_WORKERS + 1], count = 1;
        fds[0] = (struct pollfd){in[self], POLLIN, 0};
        for (int i = 0; i < workers; i++) {
            if (boxes[i].waiting) {
                of[count] = i;
                fds[count++] = (struct pollfd){boxes[i].fd, POLLOUT, 0};
            }
        }
        if (poll(fds, count, -1) < 0) {
            die("poll");
        }
        for (int i = 1; i < count; i++) {
            if (fds[i].revents != 0) {
                (ancestor ? flush_packets : flush_pages)(&boxes[of[i]]);
            }
        }
        if (fds[0].revents != 0) {
            return;
        }
    }
}

static void run_pages(void) {
    uint8_t *buffer = aligned_alloc(PAGE, PAGE + READ_BYTES);
    size_t kept = 0;
    for (;;) {
        await_input();
        size_t end = PAGE + read_some(buffer + PAGE, READ_BYTES), at = PAGE - kept;
        while (end - at >= HEADER) {
            struct header h;
            memcpy(&h, buffer + at, HEADER);
            size_t length = HEADER + h.body + (h.flags & SKIP);
            if (end - at < length) {
                break;
            }
            packet(&h, buffer + at + HEADER);
            at += length;
        }
        kept = end - at;
        memmove(buffer + PAGE - kept, buffer + at, kept);
        flush_touched();
    }
}

static void run_packets(void) {
    uint8_t *body = malloc(1 << 16);
    for (;;) {
        struct header h;
        await_input();
        read_exactly((uint8_t *) &h, HEADER);
        read_exactly(body, h.body);
        packet(&h, body);
    }
}

static void run_worker(int index) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    self = index;
    pid = getpid();
    random_state = token_of(self, -1) | 1;
    for (int i = 0; i < workers; i++) {
        boxes[i].fd = out[i];
        parts[i] = malloc(NAME_BYTES + MAX_DATA);
        if (!ancestor && i != self) {
            boxes[i].memory = mmap(NULL, OUTBOX_BYTES, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            if (boxes[i].memory == MAP_FAILED) {
                die("mmap");
            }
        }
    }
    while (!atomic_load(&shared->go)) {
        usleep(1000);
    }
    uint8_t *data = malloc(bytes);
    for (int i = 0; i < in_flight; i++) {
        uint64_t token = token_of(self, i);
        fill(data, bytes, ~token);
        stamp(data, bytes, token);
        send_to_random(data);
        add(&shared->of[self].injected_tokens, token);
    }
    flush_touched();
    (ancestor ? run_packets : run_pages)();
}

/* ---------------------------------------------------------------- the parent */

static pid_t children[MAX_WORKERS];

static double seconds(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t) != 0) {
        die("clock_gettime");
    }
    return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu_seconds(void) {
    double sum = 0;
    for (int i = 0; i < workers; i++) {
        clockid_t clock;
        if (clock_getcpuclockid(children[i], &clock) != 0) {
            die("a worker is gone");
        }
        sum += seconds(clock);
    }
    return sum;
}

#define SUM(field)                                       \
    static uint64_t all_##field(void) {                  \
        uint64_t sum = 0;                                \
        for (int i = 0; i < workers; i++) {              \
            sum += atomic_load(&shared->of[i].field);    \
        }                                                \
        return sum;                                      \
    }
SUM(received)
SUM(retired)
SUM(tokens)
SUM(wrong)
SUM(injected_tokens)

static void end_workers(void) {
    for (int i = 0; i < workers; i++) {
        if (children[i] > 0) {
            kill(children[i], SIGKILL);
            waitpid(children[i], NULL, 0);
        }
    }
}

int main(int count, char **arguments) {
    if (count != 7) {
        fputs("usage: storm c-pipe|ancestor-c WORKERS BYTES IN_FLIGHT WARM_UP_MS WINDOW_MS\n", stderr);
        return 2;
    }
    ancestor = strcmp(arguments[1], "ancestor-c") == 0;
    workers = atoi(arguments[2]);
    bytes = atoi(arguments[3]);
    in_flight = atoi(arguments[4]);
    if (workers < 2 || workers > MAX_WORKERS || bytes < 8 || bytes > MAX_DATA) {
        fputs("storm: 2 to 64 workers, 8 to 1048576 bytes\n", stderr);
        return 2;
    }
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        die("mmap");
    }
    for (int i = 0; i < workers; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) {
            die("pipe2");
        }
        in[i] = ends[0];
        out[i] = ends[1];
        if (!ancestor) {
            fcntl(out[i], F_SETPIPE_SZ, READ_BYTES);
        }
        if (fcntl(out[i], F_SETFL, O_NONBLOCK) != 0) {
            die("fcntl");
        }
    }
    for (int i = 0; i < workers; i++) {
        children[i] = fork();
        if (children[i] < 0) {
            end_workers();
            die("fork");
        }
        if (children[i] == 0) {
            run_worker(i);
        }
    }
    atomic_store(&shared->go, 1);
    usleep(atoi(arguments[5]) * 1000);
    double cpu = cpu_seconds();
    uint64_t received = all_received();
    double time = seconds(CLOCK_MONOTONIC);
    usleep(atoi(arguments[6]) * 1000);
    cpu = cpu_seconds() - cpu;
    received = all_received() - received;
    time = seconds(CLOCK_MONOTONIC) - time;

    atomic_store(&shared->stopping, 1);
    uint64_t injected = (uint64_t) workers * in_flight, before, now = all_retired();
    double limit = seconds(CLOCK_MONOTONIC) + 30;
    do {
        before = now;
        usleep(100000);
        now = all_retired();
    } while ((now != before || now < injected) && seconds(CLOCK_MONOTONIC) < limit);
    end_workers();
    if (now != injected || all_wrong() != 0 || all_tokens() != all_injected_tokens()) {
        fprintf(stderr, "%lu alerts were in flight, %lu arrived at last%s; %lu wrong\n", injected, now,
                all_tokens() == all_injected_tokens() ? "" : ", not the same ones", all_wrong());
        return 1;
    }
    printf("%.1f %.6f\n", received / time, cpu / time);
    return 0;
}
