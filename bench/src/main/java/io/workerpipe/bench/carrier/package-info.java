/** The systems, as the bench sees them from outside: how their processes are started. */
package io.workerpipe.bench.carrier;
