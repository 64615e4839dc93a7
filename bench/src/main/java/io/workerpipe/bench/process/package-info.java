/** The processes of a run: started, told what to do, measured from outside, ended. */
package io.workerpipe.bench.process;
