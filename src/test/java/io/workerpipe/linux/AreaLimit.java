package io.workerpipe.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process that has as many areas of memory as it may, and gives back the middle of one. */
final class AreaLimit {
    private static final int PAGE = 4096;

    private AreaLimit() {}

    static long limit() throws IOException {
        // By lines: the kernel gives such a file to one read, and a whole one begins with a single byte.
        return Long.parseLong(Files.readAllLines(Path.of("/proc/sys/vm/max_map_count")).getFirst());
    }

    public static void main(String[] arguments) throws IOException {
        MemorySegment middle = Memory.map(3 * PAGE);
        MemorySegment page = middle.asSlice(PAGE, PAGE);
        page.fill((byte) 1);
        // So that all is loaded, and linked, while mappings are to be had.
        Memory.unmap(Memory.map(PAGE));
        Memory.hugePages(middle);
        Memory.discard(middle, 2 * PAGE, PAGE);
        System.out.println(areas(Memory.map(2 * limit() * PAGE)) ? "no more areas" : "areas without end");
        Memory.unmap(page);
        System.out.println("given back");
        System.out.println(page.get(JAVA_BYTE, 0) == 0 ? "all zero" : "not zero");
    }

    /** Each second page is of another kind than its neighbours: an area of its own. */
    private static boolean areas(MemorySegment mapping) {
        for (long at = 0; at < mapping.byteSize(); at += 2 * PAGE) {
            if (!Memory.hugePages(mapping.asSlice(at, PAGE))) {
                return true;
            }
        }
        return false;
    }
}
