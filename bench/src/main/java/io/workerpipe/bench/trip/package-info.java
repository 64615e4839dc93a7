/** Cases about the time that an alert takes. */
package io.workerpipe.bench.trip;
