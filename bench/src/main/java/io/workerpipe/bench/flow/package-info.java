/** Cases in which some processes send as fast as they can and others receive. */
package io.workerpipe.bench.flow;
