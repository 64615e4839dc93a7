/** The processes of a run: started, told what to do, told when to measure, ended. */
package io.workerpipe.bench.process;
