/**
 * The calls to Linux: descriptors, pipes, epoll, memory, and what their errors are called. The only user of the
 * generated bindings and of {@link java.lang.foreign.Linker}.
 *
 * <p>Hot calls take a {@link io.workerpipe.linux.CallState} and give a result or a negative errno, never an exception.
 * Cold ones throw {@link io.workerpipe.linux.ErrnoException}. A call is linked when it is first made.
 */
package io.workerpipe.linux;
