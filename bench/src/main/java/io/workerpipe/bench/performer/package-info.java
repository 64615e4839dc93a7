/** What runs in the processes of a case: the same for all systems in Java. */
package io.workerpipe.bench.performer;
