package io.workerpipe.cli;

import io.workerpipe.IpcException;
import io.workerpipe.Worker;
import java.util.List;

/** There is nobody to send to. */
final class NoWorker extends IpcException {
    private static final long serialVersionUID = 1L;

    /** What those say that only look. */
    static final String TEXT = "no live workers";

    NoWorker(String group) {
        super("group '" + group + "' has no live worker: see 'workerpipe ls'");
    }

    NoWorker(String group, long pid, List<Worker> there) {
        super(there.isEmpty()
                ? "group '" + group + "' has no live worker: see 'workerpipe ls'"
                : "group '" + group + "' has no worker with process id " + pid + ", but " + there);
    }
}
