/**
 * The kernel as the rest sees it: descriptors, pipes, epoll, memory, /proc. The only user of
 * {@link io.workerpipe.linux.gen} and of {@link java.lang.foreign.Linker}.
 *
 * <p>Hot calls take a {@link io.workerpipe.linux.CallState} and return the result or {@code -errno}; cold ones throw an
 * {@link io.workerpipe.linux.ErrnoException}.
 */
package io.workerpipe.linux;
