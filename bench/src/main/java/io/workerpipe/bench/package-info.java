/** Runs contests between ways of carrying alerts, and writes down what came out. */
package io.workerpipe.bench;
