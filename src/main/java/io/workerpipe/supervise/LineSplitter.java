package io.workerpipe.supervise;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Splits a stream into lines of bytes. Used by one thread. */
final class LineSplitter {
    private static final int USUAL = 8 << 10;

    /** Gets the lines, in order. */
    interface Sink {
        /**
         * @param bytes     without the end of the line
         * @param continued whether the piece before belongs to the same line
         */
        void line(byte[] bytes, boolean continued) throws IOException;
    }

    private final int longest;
    private final Sink sink;
    private byte[] buffer;
    private int length;
    private boolean continued;

    /** @param longest a line of more bytes comes in pieces */
    LineSplitter(int longest, Sink sink) {
        this.longest = longest;
        this.sink = sink;
        buffer = new byte[Math.min(USUAL, longest)];
    }

    /** To its end; a last line without an end is a line. */
    void split(InputStream in) throws IOException {
        for (int got = in.read(buffer, length, buffer.length - length); got >= 0; //
                got = in.read(buffer, length, buffer.length - length)) {
            take(got);
        }
        if (length > 0) {
            emit(0, length);
        }
    }

    private void take(int got) throws IOException {
        int begin = 0;
        int end = length + got;
        for (int i = length; i < end; i++) {
            if (buffer[i] == '\n') {
                if (i > begin || !continued) {
                    emit(begin, i);
                }
                continued = false;
                begin = i + 1;
            }
        }
        length = end - begin;
        if (length == longest) {
            emit(begin, end);
            continued = true;
            length = 0;
        }
        makeRoom(begin);
    }

    private void makeRoom(int begin) {
        int wanted = length < USUAL / 2 ? USUAL : Math.max(buffer.length, 2 * length);
        int capacity = Math.min(wanted, longest);
        if (capacity != buffer.length) {
            buffer = Arrays.copyOf(Arrays.copyOfRange(buffer, begin, begin + length), capacity);
        } else if (begin > 0) {
            System.arraycopy(buffer, begin, buffer, 0, length);
        }
    }

    private void emit(int from, int to) throws IOException {
        sink.line(Arrays.copyOfRange(buffer, from, to), continued);
    }
}
