package io.workerpipe.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class PartPoolTest {
    private static final long LONGEST = 4_294_967_040L + 254;

    /** The real memory of this process, in bytes. */
    private static long resident() throws IOException {
        return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) << 12;
    }

    @Test
    void shouldTakeNoMoreThanWhatCameOfAlertsThatWereOnlyBegun() throws IOException {
        try (PartPool pool = new PartPool()) {
            long before = resident();
            List<MemorySegment> begun = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                MemorySegment memory = pool.reserve(i % 2 == 0 ? LONGEST : 2 << 20);
                assertThat(memory.byteSize()).isGreaterThanOrEqualTo(i % 2 == 0 ? LONGEST : 2 << 20);
                memory.asSlice(0, 4080).fill((byte) 1);
                begun.add(memory);
            }
            // A page each, and what the kernel and this test need; with huge pages it would be a gigabyte.
            assertThat(resident() - before).isLessThan(100 << 20);
            begun.forEach(pool::release);
        }
    }

    @Test
    void shouldGiveMemoryThatCanBeWrittenToItsEnd() {
        try (PartPool pool = new PartPool()) {
            for (long bytes : new long[]{1, 16 << 10, (16 << 10) + 1, 1 << 20, (1 << 20) + 1, (2 << 20) - 1, 2 << 20,
                    (2 << 20) + 1, 5_000_000, 64 << 20, (64 << 20) + 1}) {
                MemorySegment memory = pool.reserve(bytes);
                memory.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
                memory.set(ValueLayout.JAVA_BYTE, bytes - 1, (byte) 2);
                assertThat(pool.isPlace(memory)).isEqualTo(bytes <= 1 << 20);
                pool.release(memory);
            }
        }
    }

    @Test
    void shouldKeepOneMappingAndGiveTheOthersBack() throws IOException {
        try (PartPool pool = new PartPool()) {
            long before = mappings();
            List<MemorySegment> begun = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                begun.add(pool.reserve(3 << 20));
            }
            begun.forEach(pool::release);
            assertThat(mappings()).isLessThan(before + 50);
        }
    }

    @Test
    void shouldGiveTheKeptMappingBackWhenItWasNotUsedSinceTheLastLook() throws IOException {
        try (PartPool pool = new PartPool()) {
            assertThat(pool.keeps()).isFalse();
            MemorySegment memory = pool.reserve(32 << 20);
            memory.fill((byte) 1);
            long with = resident();
            pool.release(memory);
            pool.giveBackUnused();
            assertThat(pool.keeps()).as("it was used since the last look").isTrue();
            assertThat(pool.reserve(30 << 20).address()).isEqualTo(memory.address());
            pool.giveBackUnused();
            pool.release(memory);
            pool.giveBackUnused();
            pool.giveBackUnused();
            assertThat(pool.keeps()).isFalse();
            assertThat(resident()).isLessThan(with - (16 << 20));
            pool.release(pool.reserve(32 << 20));
        }
    }

    private static long mappings() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).size();
    }
}
