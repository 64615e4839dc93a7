package io.workerpipe.loop;

/** A mapped file that was cut under our feet, of which the JVM tells late: by an InternalError at the thread's next safepoint. */
final class CutFile {
    private CutFile() {}

    /**
     * Lets that error come here, where it does no harm, and not in the middle of what follows: a call into the VM has a
     * safepoint. Peers find out by themselves that the roster was cut.
     */
    static void settle() {
        try {
            Thread.holdsLock(CutFile.class);
        } catch (InternalError e) {
            // See above.
        }
    }
}
