/**
 * The public API: join a group, send and receive alerts.
 */
package io.workerpipe;
