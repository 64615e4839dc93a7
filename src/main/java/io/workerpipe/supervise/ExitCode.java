package io.workerpipe.supervise;

import java.util.Map;

/** How a process ended, in words. */
final class ExitCode {
    /** What the JDK, like a shell, adds to the number of the signal that ended a process. */
    private static final int SIGNALLED = 128;
    private static final int TERM = SIGNALLED + 15;
    private static final Map<Integer, String> SIGNALS = Map.ofEntries(Map.entry(1, "SIGHUP"), Map.entry(2, "SIGINT"),
            Map.entry(3, "SIGQUIT"), Map.entry(4, "SIGILL"), Map.entry(6, "SIGABRT"), Map.entry(7, "SIGBUS"),
            Map.entry(8, "SIGFPE"), Map.entry(9, "SIGKILL"), Map.entry(11, "SIGSEGV"), Map.entry(13, "SIGPIPE"),
            Map.entry(14, "SIGALRM"), Map.entry(15, "SIGTERM"));

    private ExitCode() {}

    static String text(int code) {
        String signal = SIGNALS.get(code - SIGNALLED);
        return "exit code " + code + (signal == null ? "" : " (" + signal + ")");
    }

    /** Whether something went wrong: SIGTERM is no failure of one that was told to end. */
    static boolean isFailure(int code, boolean wasToldToEnd) {
        return code != 0 && !(wasToldToEnd && code == TERM);
    }
}
