package io.workerpipe.linux;

/** Where this can run. */
public final class Platform {
    private static final int PAGE = 4096;

    private Platform() {}

    /** @throws UnsupportedOperationException that says what was found and what is needed */
    public static void check() {
        String os = System.getProperty("os.name");
        String arch = System.getProperty("os.arch");
        if (!os.equals("Linux") || !arch.equals("amd64")) {
            throw new UnsupportedOperationException("Workerpipe runs on Linux x86-64; this is " + os + " " + arch
                    + ", for which there are no bindings yet");
        }
        Module module = Platform.class.getModule();
        if (!module.isNativeAccessEnabled() && nativeAccessIsDenied()) {
            throw new UnsupportedOperationException("Workerpipe calls the kernel by the Foreign Function & Memory API;"
                    + " start Java with --enable-native-access="
                    + (module.isNamed() ? module.getName() : "ALL-UNNAMED"));
        }
        long page = Memory.pageSize();
        if (page != PAGE) {
            throw new UnsupportedOperationException(
                    "Workerpipe needs memory pages of " + PAGE + " bytes; here they have " + page);
        }
    }

    /** Whether calling native code would throw instead of warn. */
    private static boolean nativeAccessIsDenied() {
        try {
            java.lang.foreign.MemorySegment.NULL.reinterpret(0);
            return false;
        } catch (IllegalCallerException e) {
            return true;
        }
    }
}
