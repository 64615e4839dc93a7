package io.workerpipe.linux;

/** The files that races open. */
final class Files {
    /** What a call of this thread works with. */
    static final ThreadLocal<CallState> CALLS = ThreadLocal.withInitial(CallState::ofAuto);

    private Files() {}

    /** Takes what is written to it. */
    static Fd open() {
        try {
            return Fd.open("/dev/null", Fd.O_WRONLY | Fd.O_CLOEXEC);
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    /** Whether it is open, by the kernel's word. */
    static boolean isOpen(Fd fd) {
        try {
            fd.stat();
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }
}
