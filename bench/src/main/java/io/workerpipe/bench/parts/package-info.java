/** JMH: what single steps cost in one thread of one process. They say nothing about two processes. */
package io.workerpipe.bench.parts;
