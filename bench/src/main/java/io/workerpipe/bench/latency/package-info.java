/** Latencies, as figures. */
package io.workerpipe.bench.latency;
