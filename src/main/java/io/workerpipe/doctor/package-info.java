/**
 * Whether the machine and the groups on it are as they should be, and what to do if not. Used by {@code .cli}; may use
 * {@code .linux}, {@code .roster} to read, and the probe of {@code .loop}: what it tries is what a worker does.
 */
package io.workerpipe.doctor;
