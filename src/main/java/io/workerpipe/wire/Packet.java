package io.workerpipe.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The header of a packet: where its fields are and what may be in them. Any thread; it holds nothing.
 *
 * <pre>
 *  0        4        8     10    12  13  14  15  16
 *  | src_pid| tot_len|slot |pkt  |nl |ctl|flg|rsv| name, then data ...
 *    i32      u32     u16   u16   u8  u8  u8  u8
 * </pre>
 *
 * <p>Little-endian, and on x86-64 the same as ngx_lua_ipc's. A header is written and read as two longs.
 */
public final class Packet {
    /** Bytes of a page: no packet is longer, and none crosses from one to the next. */
    public static final int PAGE = 4096;
    /** Bytes of a header. */
    public static final int HEADER = 16;
    /** Bytes of the longest body. */
    public static final int MAX_BODY = PAGE - HEADER;
    /** Bytes of the longest name. */
    public static final int MAX_NAME = 254;
    /** Bytes of the longest data. */
    public static final long MAX_DATA = 4_294_967_040L;

    /** {@code ctl}: the alert is whole. */
    public static final int WHOLE = '$';
    /** {@code ctl}: the first of several packets. */
    public static final int FIRST = '>';
    /** {@code ctl}: one more packet of the open alert. */
    public static final int NEXT = '+';
    /** {@code ctl}: nothing but filling; ours only. */
    public static final int PADDING = '_';

    /** {@code flg}: bytes to skip after the body, since what remains of the page has no room for a header. */
    public static final int SKIP = 0x0F;
    /** {@code flg}: for the library itself; the kind is the body's first byte. */
    public static final int CONTROL = 0x10;
    /** {@code flg}: the sender's open alert will not be finished. */
    public static final int ABORTED = 0x20;
    /** {@code flg}: reserved for a correlation id after the name. */
    public static final int CORRELATION = 0x40;
    /** {@code flg}: reserved for answers. */
    public static final int ANSWER = 0x80;

    /** Of a header's second half: {@code ctl}, {@code flg} but for the bytes to skip, {@code rsv}... */
    private static final long KIND = 0xFFF0_FF00_0000_0000L;
    /** ...of a whole alert, without anything else. */
    private static final long PLAIN = (long) WHOLE << 40;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Packet() {}

    /** Writes a header to an address. */
    public static void write(long address, int pid, long totalLength, int slot, int bodyLength,
            int nameLength, int control, int flags) {
        AllMemory.SEGMENT.set(LONG, address, pid & 0xFFFF_FFFFL | totalLength << 32);
        AllMemory.SEGMENT.set(LONG, address + 8, slot & 0xFFFFL | (long) bodyLength << 16 | (long) nameLength << 32
                | (long) control << 40 | (long) flags << 48);
    }

    /** Writes a padding packet of {@code bytes} in all, 16 to 4,096, to an address; its body is zeros. */
    public static void padding(long address, int pid, int slot, int bytes, int flags) {
        clear(address + HEADER, bytes - HEADER);
        write(address, pid, 0, slot, bytes - HEADER, 0, PADDING, flags);
    }

    /** Copies a page from one address to another, which may be the same. */
    public static void copyPage(long from, long to) {
        if (from != to) {
            MemorySegment.copy(AllMemory.SEGMENT, from, AllMemory.SEGMENT, to, PAGE);
        }
    }

    /**
     * Zeros for bytes that belong to nothing. What the page held before went to somebody else, and may be whole packets:
     * a receiver that looks for the next one byte by byte would take an old alert for a new one.
     */
    static void clear(long address, int bytes) {
        if (bytes >= HEADER) {
            AllMemory.SEGMENT.asSlice(address, bytes).fill((byte) 0);
        } else {
            // At the end of most pages: not worth a slice, which would be an object.
            for (int i = 0; i < bytes; i++) {
                AllMemory.SEGMENT.set(ValueLayout.JAVA_BYTE, address + i, (byte) 0);
            }
        }
    }

    /** The first half of a header: for {@link #pid} and {@link #totalLength}. */
    public static long first(MemorySegment memory, long offset) {
        return memory.get(LONG, offset);
    }

    /** The second half of a header: for all other fields. */
    public static long second(MemorySegment memory, long offset) {
        return memory.get(LONG, offset + 8);
    }

    /** An alert's name, by where it lies and the second half of a header. */
    public static String name(MemorySegment memory, long offset, long second) {
        byte[] bytes = new byte[nameLength(second)];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Whether it is a whole alert, by the second half of a header, and nothing has to be done but to pass it on. */
    static boolean isPlain(long second) {
        return (second & KIND) == PLAIN;
    }

    public static int pid(long first) {
        return (int) first;
    }

    /** Name and data of the whole alert. */
    public static long totalLength(long first) {
        return first >>> 32;
    }

    /** Data of the whole alert, by both halves. */
    public static long dataLength(long first, long second) {
        return totalLength(first) - nameLength(second);
    }

    public static int slot(long second) {
        return (int) second & 0xFFFF;
    }

    public static int bodyLength(long second) {
        return (int) (second >>> 16) & 0xFFFF;
    }

    public static int nameLength(long second) {
        return (int) (second >>> 32) & 0xFF;
    }

    public static int control(long second) {
        return (int) (second >>> 40) & 0xFF;
    }

    public static int flags(long second) {
        return (int) (second >>> 48) & 0xFF;
    }

    public static int reserved(long second) {
        return (int) (second >>> 56);
    }
}
