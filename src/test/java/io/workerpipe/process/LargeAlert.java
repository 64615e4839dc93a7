package io.workerpipe.process;

import io.workerpipe.Alert;
import io.workerpipe.Ipc;
import io.workerpipe.linux.Memory;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/**
 * A process that sends or gets one very large alert: each page begins with its own number, the rest is pseudo-random, and
 * the alert's name is the CRC-32C of it all.
 */
final class LargeAlert {
    private static final int PAGE = 4096;
    /** As much as a ByteBuffer can hold, in whole pages. */
    private static final long SLICE = 1 << 30;

    private LargeAlert() {}

    /** receive | send LENGTH, then on standard input: send PID, or an end. */
    public static void main(String[] args) throws Exception {
        AtomicInteger small = new AtomicInteger();
        try (Ipc ipc = Ipc.builder(Children.GROUP).receive("small", alert -> answer("small " + small.incrementAndGet()))
                .receiveUnknown(LargeAlert::received).join()) {
            MemorySegment data = args[0].equals("send") ? fill(Long.parseLong(args[1])) : null;
            String name = data == null ? "" : name(data);
            answer("joined");
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                long pid = Long.parseLong(line.split(" ")[1]);
                if (line.startsWith("small")) {
                    ipc.send(pid, "small", "");
                } else {
                    ipc.lend(pid, name, data).toCompletableFuture().get(300, TimeUnit.SECONDS);
                    answer("sent");
                }
            }
        }
    }

    private static void answer(String line) {
        System.out.println(ChildJvm.ANSWER + line);
        System.out.flush();
    }

    private static void received(Alert alert) {
        MemorySegment data = alert.data();
        for (long page = 0; page < data.byteSize() / PAGE; page++) {
            if (data.get(ValueLayout.JAVA_LONG_UNALIGNED, page * PAGE) != page) {
                answer("broken at page " + page + " of " + alert);
                return;
            }
        }
        answer(alert.name().equals(name(data)) ? "whole " + alert.length() : "broken: " + alert);
    }

    private static String name(MemorySegment data) {
        CRC32C crc = new CRC32C();
        for (long at = 0; at < data.byteSize(); at += SLICE) {
            crc.update(data.asSlice(at, Math.min(SLICE, data.byteSize() - at)).asByteBuffer());
        }
        return Long.toHexString(crc.getValue()) + " " + data.byteSize();
    }

    private static MemorySegment fill(long length) {
        MemorySegment data = Memory.map(length).asSlice(0, length);
        byte[] page = new byte[PAGE];
        new java.util.Random(length).nextBytes(page);
        long at = 0;
        for (; at <= length - PAGE; at += PAGE) {
            MemorySegment.copy(page, 0, data, ValueLayout.JAVA_BYTE, at, PAGE);
            data.set(ValueLayout.JAVA_LONG_UNALIGNED, at, at / PAGE);
            // So that no two pages have the same content behind their number.
            page[8 + (int) (at / PAGE % (PAGE - 8))]++;
        }
        MemorySegment.copy(page, 0, data, ValueLayout.JAVA_BYTE, at, (int) (length - at));
        return data;
    }
}
