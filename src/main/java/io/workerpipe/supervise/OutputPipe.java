package io.workerpipe.supervise;

import io.workerpipe.linux.Pipe;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * One stream of a worker's output, read by a thread of its own until nobody can write there any more.
 *
 * <p>The pipe is ours, for the JDK's own is drained by another thread when the process ends, which could overtake the
 * reading one; and it would cut off what children of that process still print.
 */
final class OutputPipe implements AutoCloseable {
    private static final int LONGEST_LINE = 1 << 20;
    private static final int STACK = 128 << 10;

    /** Gets lines, and then the end of it. */
    interface Reader extends LineSplitter.Sink {
        /** @param failure why it ended; null if all was read and passed on */
        void end(IOException failure);
    }

    private final Pipe pipe;
    private final InputStream in;
    private boolean isRead;

    private OutputPipe() throws IOException {
        pipe = Pipe.create();
        try {
            in = new FileInputStream(path(pipe.readEnd().number()));
        } catch (IOException e) {
            pipe.close();
            throw e;
        }
    }

    static OutputPipe open() throws IOException {
        return new OutputPipe();
    }

    private static File path(int fd) {
        // A file description of its own: what is opened so waits, whatever the first one does.
        return new File("/proc/self/fd/" + fd);
    }

    ProcessBuilder.Redirect redirect() {
        return ProcessBuilder.Redirect.appendTo(path(pipe.writeEnd().number()));
    }

    /** After the process has been started: only it can write there now. */
    void read(String threadName, Reader reader) {
        pipe.close();
        isRead = true;
        Thread.ofPlatform().daemon().name(threadName).stackSize(STACK).start(() -> run(reader));
    }

    private void run(Reader reader) {
        IOException failure = null;
        try (in) {
            new LineSplitter(LONGEST_LINE, reader).split(in);
        } catch (IOException e) {
            failure = e;
        } finally {
            reader.end(failure);
        }
    }

    /** Where no process was started; otherwise its reader closes it. */
    @Override
    public void close() throws IOException {
        pipe.close();
        if (!isRead) {
            in.close();
        }
    }
}
