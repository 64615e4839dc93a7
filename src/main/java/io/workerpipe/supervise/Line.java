package io.workerpipe.supervise;

/**
 * A line of a worker's output.
 *
 * @param index     the worker's number
 * @param pid       the process that was started for it
 * @param error     whether it comes from standard error
 * @param bytes     without its end
 * @param continued whether it goes on with a line that was too long for one piece
 */
public record Line(int index, long pid, boolean error, byte[] bytes, boolean continued) {}
