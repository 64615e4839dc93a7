package io.workerpipe.dispatch;

import io.workerpipe.wire.NameWords;
import io.workerpipe.wire.Packet;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Finds the handler of an alert by the bytes of its name, without making a String. Any thread; finding takes no lock and
 * allocates nothing.
 *
 * <p>Each change makes a new table and publishes it: a reader sees all of a change or nothing.
 *
 * @param <H> the handlers' type
 */
public final class HandlerRegistry<H> {
    /** Open addressing with linear probing, at most half full. */
    private static final class Table<H> {
        final Entry<H>[] entries;
        final H fallback;
        /** Found last: as a rule the next one too. A race costs a look-up. */
        Entry<H> last;

        Table(Entry<H>[] entries, H fallback) {
            this.entries = entries;
            this.fallback = fallback;
        }
    }

    /** A name, also as words padded with zeros, the first of them (0 if there is none) at hand, and its handler. */
    private record Entry<H>(byte[] name, int length, long first, long[] words, int hash, H handler) {
        boolean isNamed(MemorySegment memory, long offset, int length) {
            return this.length == length && NameWords.word(memory, offset, length) == first
                    && (length <= Long.BYTES || hasSameRest(memory, offset, length));
        }

        private boolean hasSameRest(MemorySegment memory, long offset, int length) {
            for (int i = 1; i < words.length; i++) {
                if (NameWords.word(memory, offset + 8L * i, length - 8 * i) != words[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    private volatile Table<H> table = new Table<>(entries(2), null);

    /** The handler of a name, else the one for names that have none, else null. */
    public H find(MemorySegment memory, long offset, int length) {
        Table<H> now = table;
        Entry<H> last = now.last;
        if (last != null && last.isNamed(memory, offset, length)) {
            return last.handler;
        }
        return look(now, memory, offset, length);
    }

    private static <H> H look(Table<H> table, MemorySegment memory, long offset, int length) {
        Entry<H>[] entries = table.entries;
        int hash = hash(memory, offset, length);
        for (int at = hash & entries.length - 1;; at = at + 1 & entries.length - 1) {
            Entry<H> entry = entries[at];
            if (entry == null) {
                return table.fallback;
            }
            if (entry.hash == hash && entry.isNamed(memory, offset, length)) {
                table.last = entry;
                return entry.handler;
            }
        }
    }

    private static int hash(MemorySegment memory, long offset, int length) {
        long hash = length;
        for (int i = 0; i < length; i += Long.BYTES) {
            long mixed = (hash ^ NameWords.word(memory, offset + i, length - i)) * 0x9E37_79B9_7F4A_7C15L;
            hash = mixed ^ mixed >>> 29;
        }
        return (int) (hash ^ hash >>> 32);
    }

    /**
     * Sets the handler of a name; null deletes it.
     *
     * @param name 0 to 254 bytes
     * @throws IllegalArgumentException for a longer one
     */
    public synchronized void put(byte[] name, H handler) {
        Map<Name, H> all = all();
        set(all, name, handler);
        publish(all, table.fallback);
    }

    /**
     * Sets several at once; null values delete.
     *
     * @throws IllegalArgumentException for a name longer than 254 bytes; then nothing is changed
     */
    public synchronized void putAll(Map<String, ? extends H> handlers) {
        Map<Name, H> all = all();
        handlers.forEach((name, handler) -> set(all, name.getBytes(StandardCharsets.UTF_8), handler));
        publish(all, table.fallback);
    }

    /** Sets the handler of names that have none; null deletes it. */
    public synchronized void fallback(H handler) {
        table = new Table<>(table.entries, handler);
    }

    private void set(Map<Name, H> all, byte[] name, H handler) {
        if (name.length > Packet.MAX_NAME) {
            throw new IllegalArgumentException(
                    "a name of " + name.length + " bytes is longer than " + Packet.MAX_NAME);
        }
        if (handler == null) {
            all.remove(new Name(name));
        } else {
            all.put(new Name(name), handler);
        }
    }

    private record Name(byte[] bytes) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Name name && Arrays.equals(bytes, name.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    private Map<Name, H> all() {
        Map<Name, H> all = new LinkedHashMap<>();
        for (Entry<H> entry : table.entries) {
            if (entry != null) {
                all.put(new Name(entry.name), entry.handler);
            }
        }
        return all;
    }

    private void publish(Map<Name, H> all, H fallback) {
        Entry<H>[] entries = entries(Integer.highestOneBit(all.size() + 1) * 4);
        all.forEach((name, handler) -> {
            Entry<H> entry = entry(name.bytes.clone(), handler);
            int at = entry.hash & entries.length - 1;
            while (entries[at] != null) {
                at = at + 1 & entries.length - 1;
            }
            entries[at] = entry;
        });
        table = new Table<>(entries, fallback);
    }

    private static <H> Entry<H> entry(byte[] name, H handler) {
        MemorySegment bytes = MemorySegment.ofArray(name);
        long[] words = new long[NameWords.words(name.length)];
        for (int i = 0; i < words.length; i++) {
            words[i] = NameWords.word(bytes, 8L * i, name.length - 8 * i);
        }
        long first = NameWords.word(bytes, 0, name.length);
        return new Entry<>(name, name.length, first, words, hash(bytes, 0, name.length), handler);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <H> Entry<H>[] entries(int length) {
        return new Entry[length];
    }
}
