package io.workerpipe.linux;

import java.lang.foreign.MemorySegment;

/** Safe for any thread. Whether the native calls can be made here at all. */
public final class Platform {
    private static final String OS = "Linux";
    private static final String ARCHITECTURE = "amd64";
    private static final long PAGE_SIZE = 4096;

    private Platform() {}

    /**
     * To be called before anything else of this package.
     *
     * @throws UnsupportedOperationException if this is not Linux on x86-64 with pages of 4,096 bytes, or if the JVM was
     *                                       told not to let this module call native code; the message says what to do
     */
    public static void check() {
        requireSystem(System.getProperty("os.name"), System.getProperty("os.arch"));
        requireNativeAccess();
        requirePageSize(Memory.pageSize());
    }

    static void requireSystem(String os, String architecture) {
        if (!OS.equals(os) || !ARCHITECTURE.equals(architecture)) {
            throw new UnsupportedOperationException("Workerpipe runs on Linux on x86-64 (" + ARCHITECTURE
                    + ") alone: its native bindings are made for that; this is " + os + " on " + architecture);
        }
    }

    static void requirePageSize(long bytes) {
        if (bytes != PAGE_SIZE) {
            throw new UnsupportedOperationException("Workerpipe needs memory pages of " + PAGE_SIZE
                    + " bytes, for a pipe writes whole pages in one piece; here they have " + bytes + " bytes");
        }
    }

    /** Asked with a call that does nothing: refused inside a static initializer, it would be hidden for ever after. */
    private static void requireNativeAccess() {
        try {
            MemorySegment.NULL.reinterpret(0);
        } catch (IllegalCallerException e) {
            throw new UnsupportedOperationException(nativeAccessDenied(Platform.class.getModule()), e);
        }
    }

    static String nativeAccessDenied(Module module) {
        String name = module.isNamed() ? module.getName() : "ALL-UNNAMED";
        return "Workerpipe calls native code, and this JVM was told not to let it: start java with "
                + "--enable-native-access=" + name + " (add to what the flag has now, separated by a comma)";
    }
}
