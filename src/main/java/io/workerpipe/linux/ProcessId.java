package io.workerpipe.linux;

import java.io.IOException;

/**
 * Immutable. A process, told from all others that had or will have its number.
 *
 * @param pid       its number
 * @param startTime clock ticks from boot to its start, see {@link Proc.Stat}
 */
public record ProcessId(int pid, long startTime) {
    /**
     * This process.
     *
     * @return its number and start
     * @throws IOException if /proc is not there or cannot be read
     */
    public static ProcessId here() throws IOException {
        return new ProcessId(Proc.pid(), Proc.startTime(Proc.pid()));
    }

    /**
     * Whether it has not ended.
     *
     * @return false for a zombie, and for another process with its number
     * @throws IOException if /proc is not there or cannot be read
     */
    public boolean isAlive() throws IOException {
        return Proc.stat(pid).filter(stat -> stat.startTime() == startTime && !stat.ended()).isPresent();
    }

    /**
     * Whether it is known to have ended: /proc does not show everybody.
     *
     * @return true for a zombie, and for another process with its number; false in doubt
     */
    public boolean isGone() {
        try {
            return Proc.stat(pid).filter(stat -> stat.startTime() != startTime || stat.ended()).isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @param text {@code pid:startTime}
     * @return the process
     * @throws IllegalArgumentException if it is something else
     */
    public static ProcessId parse(String text) {
        int colon = text.indexOf(':');
        try {
            if (colon > 0) {
                return new ProcessId(Integer.parseInt(text, 0, colon, 10),
                        Long.parseLong(text, colon + 1, text.length(), 10));
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException("'" + text + "' is no process id and start time, PID:TICKS");
    }

    /** {@code pid:startTime}. */
    @Override
    public String toString() {
        return pid + ":" + startTime;
    }
}
