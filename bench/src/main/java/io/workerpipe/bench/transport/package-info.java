/** The systems, each as it looks from inside one process. */
package io.workerpipe.bench.transport;
