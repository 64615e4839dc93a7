/**
 * The closed loop of ngx_lua_ipc's README: so many alerts are in flight, and each handler sends what it got on to a random
 * other worker.
 */
package io.workerpipe.bench.storm;
