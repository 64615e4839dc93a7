package io.workerpipe.cli;

import io.workerpipe.Supervisor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What workers print, and what becomes of them, on the streams of this process. */
final class RunOutput implements Supervisor.Listener {
    @Override
    public void output(Supervisor.OutputLine line) throws IOException {
        if (line.error()) {
            Output.error(line.prefixed());
        } else {
            Output.bytes(line.prefixed());
        }
    }

    @Override
    public void event(String text) throws IOException {
        StringBuilder lines = new StringBuilder();
        text.lines().forEach(line -> lines.append("workerpipe: ").append(OneLine.of(line)).append('\n'));
        Output.error(lines.toString().getBytes(StandardCharsets.UTF_8));
    }
}
