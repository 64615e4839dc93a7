/**
 * The command line. Uses the public API, and reads the roster.
 */
package io.workerpipe.cli;
