package io.workerpipe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jline.terminal.Size;
import org.jline.utils.ScreenTerminal;

/** A started command on a terminal of its own, made by script(1), and what its screen shows. */
final class TerminalRun {
    static final Path SCRIPT = Path.of("/usr/bin/script");
    private static final Duration LIMIT = Duration.ofSeconds(180);

    private final Process process;
    private final ScreenTerminal screen;
    private volatile boolean ended;

    private TerminalRun(Process process, int columns, int rows) {
        this.process = process;
        screen = new ScreenTerminal(columns, rows);
    }

    static TerminalRun start(ProcessBuilder builder, int columns, int rows) throws IOException {
        TerminalRun run = new TerminalRun(builder.redirectErrorStream(true).start(), columns, rows);
        Thread.ofPlatform().daemon().start(run::read);
        return run;
    }

    private void read() {
        try (Reader in = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)) {
            char[] piece = new char[4096];
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                screen.write(new String(piece, 0, count));
            }
        } catch (IOException e) {
            screen.write("cannot read: " + e.getMessage());
        } finally {
            ended = true;
        }
    }

    void type(String keys) throws IOException {
        process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** What is to be seen, without what is blank at the end of a line. */
    List<String> lines() {
        int columns = screen.getColumns();
        long[] cells = new long[columns * screen.getRows()];
        screen.dump(cells, null);
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < screen.getRows(); row++) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                int c = ScreenTerminal.cellCodePoint(cells[row * columns + column]);
                line.appendCodePoint(c == 0 ? ' ' : c);
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    /** Whether a cell has a colour. */
    boolean isColoured() {
        long[] cells = new long[screen.getColumns() * screen.getRows()];
        screen.dump(cells, null);
        for (long cell : cells) {
            if (ScreenTerminal.cellHasForeground(cell)) {
                return true;
            }
        }
        return false;
    }

    List<String> await(String what, Predicate<List<String>> condition) {
        Run.await(what, () -> condition.test(lines()) || ended);
        List<String> lines = lines();
        assertThat(condition.test(lines)).as("%s: %s", what, lines).isTrue();
        return lines;
    }

    List<String> awaitLine(String part) {
        return await("a line with '" + part + "'", lines -> lines.stream().anyMatch(line -> line.contains(part)));
    }

    /** The JVM on it. */
    ProcessHandle java() {
        return process.descendants().filter(each -> each.info().command().orElse("").endsWith("/java")).findAny()
                .orElseThrow();
    }

    /** Another size, as a user gives it by pulling at the window. */
    void resize(int columns, int rows) throws Exception {
        screen.setSize(Size.of(columns, rows));
        String terminal = Files.readSymbolicLink(Path.of("/proc", Long.toString(java().pid()), "fd", "0")).toString();
        Process stty = new ProcessBuilder("stty", "-F", terminal, "cols", Integer.toString(columns), "rows",
                Integer.toString(rows)).inheritIO().start();
        assertThat(stty.waitFor()).isZero();
    }

    int awaitEnd() throws InterruptedException {
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("ended: %s", lines()).isTrue();
        return process.exitValue();
    }

    void kill() {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
    }
}
