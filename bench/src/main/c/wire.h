/* The wire format, as the programs in C write and read it; see docs/architecture.md. */
#ifndef WIRE_H
#define WIRE_H

#include <stdint.h>
#include <string.h>

enum {
    PAGE = 4096,
    SPLIT_ROOM = 512, /* with less room left on a page, an alert that would be cut starts a new one */
    NAME_BYTES = 5,
};
static const char NAME[] = "hello";

struct header {
    int32_t pid;
    uint32_t total;
    uint16_t slot;
    uint16_t body;
    uint8_t name;
    uint8_t control;
    uint8_t flags;
    uint8_t reserved;
};
_Static_assert(sizeof(struct header) == 16, "the wire's header");
enum { HEADER = sizeof(struct header), SKIP = 15 };

#endif
