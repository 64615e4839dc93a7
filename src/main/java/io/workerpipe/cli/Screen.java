package io.workerpipe.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;
import org.jline.utils.ShutdownHooks;

/**
 * The whole terminal, from open to close: used by one thread, but for what comes by signals.
 *
 * <p>However the process ends, SIGKILL excepted, the terminal is left as it was found.
 */
final class Screen implements AutoCloseable {
    /** No key within the time given. */
    static final int NONE = -2;
    /** The terminal is gone, or Ctrl-C was pressed. */
    static final int END = -1;
    static final int ESCAPE = 27;
    static final int UP = 0x110000;
    static final int DOWN = UP + 1;
    static final int LEFT = UP + 2;
    static final int RIGHT = UP + 3;
    static final int PAGE_UP = UP + 4;
    static final int PAGE_DOWN = UP + 5;

    private static final Map<Integer, Integer> SEQUENCES = Map.of((int) 'A', UP, (int) 'B', DOWN, (int) 'C', RIGHT,
            (int) 'D', LEFT, (int) '5', PAGE_UP, (int) '6', PAGE_DOWN);
    /** After an escape character: what follows at once belongs to the same key. */
    private static final int SEQUENCE_MILLIS = 100;
    /** Signals are looked at in between. */
    private static final int SLICE_MILLIS = 100;
    /** Where the terminal does not know it. */
    private static final Size USUAL = Size.of(80, 24);

    /** How a line looks. */
    enum Style {
        PLAIN(AttributedStyle.DEFAULT, AttributedStyle.DEFAULT), //
        BOLD(AttributedStyle.BOLD, AttributedStyle.BOLD), //
        INVERSE(AttributedStyle.INVERSE, AttributedStyle.INVERSE), //
        NOTICE(AttributedStyle.DEFAULT.foreground(AttributedStyle.YELLOW), AttributedStyle.DEFAULT), //
        ALARM(AttributedStyle.DEFAULT.foreground(AttributedStyle.RED), AttributedStyle.BOLD);

        private final AttributedStyle coloured;
        private final AttributedStyle uncoloured;

        Style(AttributedStyle coloured, AttributedStyle uncoloured) {
            this.coloured = coloured;
            this.uncoloured = uncoloured;
        }
    }

    record Line(Style style, String text) {}

    private final Terminal terminal;
    private final Attributes before;
    private final Display display;
    private final boolean coloured;
    private final ShutdownHooks.Task restorer = this::interrupt;
    private volatile boolean interrupted;
    private volatile boolean resized;
    private Size size;
    private boolean restored;

    private Screen() throws IOException {
        // Before the terminal's own, which closes it: they run in this order.
        ShutdownHooks.add(restorer);
        // The provider that needs no native access: it calls stty.
        terminal = TerminalBuilder.builder().system(true).provider(TerminalBuilder.PROP_PROVIDER_EXEC).dumb(false)
                .graphemeCluster(false).signalHandler(this::signalled).build();
        before = terminal.getAttributes();
        display = new Display(terminal, true);
        coloured = isEmpty(System.getenv("NO_COLOR"));
        terminal.enterRawMode();
        terminal.puts(Capability.enter_ca_mode);
        terminal.puts(Capability.cursor_invisible);
        measure();
    }

    /** @throws IOException if it is no terminal that can be drawn on */
    static Screen open() throws IOException {
        try {
            return new Screen();
        } catch (IllegalStateException e) {
            throw new IOException("cannot use this terminal (" + e.getMessage() + "): try 'workerpipe top --once'", e);
        }
    }

    private void signalled(Terminal.Signal signal) {
        switch (signal) {
            case INT -> interrupted = true;
            case WINCH, CONT -> resized = true;
            // Ctrl-Z would leave the terminal to the shell as it is now.
            default -> {
            }
        }
    }

    int columns() {
        return size.getColumns();
    }

    int rows() {
        return size.getRows();
    }

    /** Whether the size has changed: then all is to be drawn anew. */
    boolean resized() {
        if (!resized) {
            return false;
        }
        resized = false;
        measure();
        return true;
    }

    private synchronized void measure() {
        Size now = terminal.getSize();
        size = now.getColumns() > 0 && now.getRows() > 0 ? now : USUAL;
        display.resize(size);
        display.clear();
    }

    /** What does not fit is cut off. */
    synchronized void draw(List<Line> lines) {
        if (!restored) {
            // A list of its own, which it changes.
            List<AttributedString> fitting = new ArrayList<>();
            lines.stream().limit(size.getRows()).map(this::attributed).forEach(fitting::add);
            display.update(fitting, -1);
        }
    }

    private AttributedString attributed(Line line) {
        AttributedStyle style = coloured ? line.style.coloured : line.style.uncoloured;
        // A full line of the same look.
        String text = line.style == Style.INVERSE
                ? String.format("%-" + size.getColumns() + "s", line.text)
                : line.text;
        return new AttributedString(text, style).columnSubSequence(0, size.getColumns());
    }

    boolean interrupted() {
        return interrupted;
    }

    /** A key: a character, or one of the constants. Returns early when the terminal's size has changed. */
    int read(long millis) throws IOException {
        long end = System.nanoTime() + millis * 1_000_000;
        do {
            long left = (end - System.nanoTime()) / 1_000_000;
            int key = slice(Math.clamp(left, 1, SLICE_MILLIS));
            if (key != NONE) {
                return key;
            }
        } while (!resized && System.nanoTime() - end < 0);
        return NONE;
    }

    /** Not while the terminal is restored, nor after: to read sets it so that reading does not wait. */
    private synchronized int slice(long millis) throws IOException {
        if (interrupted || restored) {
            return END;
        }
        NonBlockingReader reader = terminal.reader();
        int key = reader.read(millis);
        return switch (key) {
            case NonBlockingReader.READ_EXPIRED -> interrupted ? END : NONE;
            case NonBlockingReader.EOF -> END;
            case ESCAPE -> sequence(reader);
            default -> key;
        };
    }

    private static int sequence(NonBlockingReader reader) throws IOException {
        int next = reader.read(SEQUENCE_MILLIS);
        if (next != '[' && next != 'O') {
            return ESCAPE;
        }
        int key = SEQUENCES.getOrDefault(reader.read(SEQUENCE_MILLIS), NONE);
        // The rest of what we do not know, up to its last character.
        while (key == NONE || key >= PAGE_UP) {
            int rest = reader.read(SEQUENCE_MILLIS);
            if (rest < 0 || rest >= '@') {
                break;
            }
        }
        return key;
    }

    /** At the JVM's end, perhaps before there is a terminal: whoever reads lets go first. */
    private void interrupt() {
        interrupted = true;
        restore();
    }

    private synchronized void restore() {
        if (restored || display == null) {
            return;
        }
        restored = true;
        terminal.puts(Capability.cursor_visible);
        terminal.puts(Capability.exit_ca_mode);
        terminal.flush();
        terminal.setAttributes(before);
    }

    @Override
    public void close() throws IOException {
        restore();
        terminal.close();
        ShutdownHooks.remove(restorer);
    }

    private static boolean isEmpty(String variable) {
        return variable == null || variable.isEmpty();
    }
}
