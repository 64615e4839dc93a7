/**
 * Starting worker processes and keeping them alive. It knows of groups only what {@link io.workerpipe.supervise.Roll}
 * tells it.
 */
package io.workerpipe.supervise;
