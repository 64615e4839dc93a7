/* What the data of an alert is, and the check of all its bytes; as in Payload.java, see there. */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK_WORDS = 256 };

static inline void fill(uint8_t *data, size_t bytes, uint64_t pattern) {
    for (size_t at = 0; at < bytes; at += 8) {
        uint64_t word = pattern + at / 8 / BLOCK_WORDS;
        memcpy(data + at, &word, bytes - at < 8 ? bytes - at : 8);
    }
}

/* Makes filled data another alert. */
static inline void stamp(uint8_t *data, size_t bytes, uint64_t token) {
    for (size_t at = 0, block = 0; at + 8 <= bytes; at += 8 * BLOCK_WORDS, block++) {
        uint64_t word = token + block;
        memcpy(data + at, &word, 8);
    }
}

/* 0 if each byte is what it must be. */
static inline uint64_t difference(const uint8_t *data, size_t bytes, uint64_t token, uint64_t pattern) {
    size_t words = bytes / 8;
    uint64_t difference = 0, word;
    for (size_t first = 0, block = 0; first < words; first += BLOCK_WORDS, block++) {
        size_t end = first + BLOCK_WORDS < words ? first + BLOCK_WORDS : words;
        uint64_t want = pattern + block;
        memcpy(&word, data + 8 * first, 8);
        difference |= word ^ (token + block);
        for (size_t i = first + 1; i < end; i++) {
            memcpy(&word, data + 8 * i, 8);
            difference |= word ^ want;
        }
    }
    uint64_t last = pattern + words / BLOCK_WORDS;
    for (size_t at = 8 * words; at < bytes; at++) {
        difference |= data[at] ^ (uint8_t) (last >> 8 * (at - 8 * words));
    }
    return difference;
}

#endif
