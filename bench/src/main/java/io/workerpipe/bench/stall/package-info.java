/** What others feel of a receiver that does not read. */
package io.workerpipe.bench.stall;
