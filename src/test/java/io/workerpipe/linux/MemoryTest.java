package io.workerpipe.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class MemoryTest {
    private static final long PAGE = 4096;
    private static final long GIB = 1L << 30;
    private static final long PAGES = 16 * 1024;

    @Test
    void shouldReserveMuchAndTakeOnlyWhatIsTouched() throws Exception {
        MemorySegment mapping = Memory.map(8 * GIB);
        try {
            assertThat(mapping.byteSize()).isEqualTo(8 * GIB);
            assertThat(mapping.address() % PAGE).isZero();
            mapping.set(JAVA_BYTE, 0, (byte) 1);
            mapping.set(JAVA_BYTE, 8 * GIB - 1, (byte) 2);
            assertThat(mapping.get(JAVA_BYTE, 4 * GIB)).isZero();
            // The kernel may count neighbours in: it joins mappings of one kind.
            assertThat(kib(smaps(mapping, "Rss:").get(0))).isLessThan(GIB / 1024);
        } finally {
            Memory.unmap(mapping);
        }
    }

    @Test
    void shouldBelongToNoThreadAndNoArena() throws Exception {
        MemorySegment mapping = Memory.map(PAGE);
        Thread other = Thread.ofPlatform().start(() -> mapping.set(JAVA_BYTE, 7, (byte) 7));
        other.join();
        assertThat(mapping.get(JAVA_BYTE, 7)).isEqualTo((byte) 7);
        assertThat(mapping.scope()).isEqualTo(Arena.global().scope());
        Memory.unmap(mapping);
    }

    @Test
    void shouldRoundUpToWholePages() {
        MemorySegment mapping = Memory.map(PAGE + 1);
        assertThat(mapping.byteSize()).isEqualTo(2 * PAGE);
        Memory.unmap(mapping);
    }

    @Test
    void shouldGiveItAllBackWhenUnmapped() throws Exception {
        MemorySegment mapping = Memory.map(GIB);
        assertThat(isMapped(mapping.address() + GIB / 2)).isTrue();
        Memory.unmap(mapping);
        assertThat(isMapped(mapping.address() + GIB / 2)).isFalse();
    }

    /** In a process of its own: a JVM does not live long without a mapping to be had. */
    @Test
    void shouldGiveBackTheMemoryWhereNoMoreMappingsMayBe() throws Exception {
        assumeTrue(AreaLimit.limit() <= 1 << 20, "max_map_count is too high to be reached");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-Xmx64m", "-Xlog:disable", "--enable-native-access=ALL-UNNAMED", "-cp",
                "target/classes" + File.pathSeparator + "target/test-classes", AreaLimit.class.getName())
                .redirectErrorStream(true).start();
        try (BufferedReader output = process.inputReader()) {
            assertThat(output.lines().toList()).containsExactly("no more areas", "given back", "all zero");
            assertThat(process.waitFor()).isZero();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldGiveBackOnlyThePagesThatAreDiscarded() throws Exception {
        MemorySegment mapping = Memory.map(PAGES * PAGE);
        try {
            mapping.fill((byte) 9);
            long before = kib(smaps(mapping, "Rss:").get(0));
            assertThat(Memory.discard(mapping, PAGE, (PAGES - 2) * PAGE)).isTrue();
            assertThat(kib(smaps(mapping, "Rss:").get(0))).isLessThanOrEqualTo(before - PAGES * PAGE / 1024 / 2);
            assertThat(mapping.get(JAVA_BYTE, PAGE - 1)).isEqualTo((byte) 9);
            assertThat(mapping.asSlice(PAGE, (PAGES - 2) * PAGE).elements(JAVA_BYTE)
                    .allMatch(b -> b.get(JAVA_BYTE, 0) == 0))
                    .isTrue();
            assertThat(mapping.get(JAVA_BYTE, (PAGES - 1) * PAGE)).isEqualTo((byte) 9);
        } finally {
            Memory.unmap(mapping);
        }
    }

    @Test
    void shouldWishForHugePages() throws Exception {
        MemorySegment mapping = Memory.map(4 << 20);
        try {
            boolean taken = Memory.hugePages(mapping);
            assertThat(smaps(mapping, "VmFlags:").get(0).contains(" hg")).isEqualTo(taken);
        } finally {
            Memory.unmap(mapping);
        }
    }

    @Test
    void shouldRefuseWhatIsNotWholePages() {
        MemorySegment mapping = Memory.map(4 * PAGE);
        mapping.fill((byte) 1);
        assertThatThrownBy(() -> Memory.discard(mapping, 1, PAGE)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("not whole pages of 4096 bytes: 4096 bytes from 1 of ");
        assertThatThrownBy(() -> Memory.discard(mapping, 0, PAGE - 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Memory.discard(mapping, 0, 5 * PAGE)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Memory.unmap(mapping.asSlice(8))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Memory.unmap(MemorySegment.ofArray(new byte[0])))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(mapping.elements(JAVA_BYTE).allMatch(b -> b.get(JAVA_BYTE, 0) == 1)).isTrue();
        Memory.unmap(mapping);
    }

    @Test
    void shouldSayHowMuchWasNotToBeHad() {
        assertThatThrownBy(() -> Memory.map(1L << 48)).isInstanceOf(OutOfMemoryError.class)
                .hasMessage("no 281474976710656 bytes of memory: "
                        + "mmap(281474976710656): ENOMEM (12): Cannot allocate memory")
                .hasCauseInstanceOf(ErrnoException.class);
        assertThatThrownBy(() -> Memory.map(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Memory.map(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Memory.map(Long.MAX_VALUE)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldKnowThePageSize() {
        assertThat(Memory.pageSize()).isEqualTo(PAGE);
    }

    private static boolean isMapped(long address) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream().anyMatch(line -> holds(line, address));
    }

    /** The lines of that name of the kernel's area that holds the mapping's first byte. */
    private static List<String> smaps(MemorySegment mapping, String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/smaps")).stream()
                .dropWhile(line -> !holds(line, mapping.address())).filter(line -> line.startsWith(name)).limit(1)
                .toList();
    }

    private static boolean holds(String line, long address) {
        if (!line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
            return false;
        }
        String[] range = line.substring(0, line.indexOf(' ')).split("-");
        return Long.compareUnsigned(address, Long.parseUnsignedLong(range[0], 16)) >= 0
                && Long.compareUnsigned(address, Long.parseUnsignedLong(range[1], 16)) < 0;
    }

    private static long kib(String line) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
    }
}
