package io.workerpipe.roster;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Takes all free slots of a group in the name of one process that is alive. */
public final class Crowd implements AutoCloseable {
    private final Process process;

    private Crowd(Process process) {
        this.process = process;
    }

    public static Crowd fill(RosterFolder folder, String group) throws IOException {
        Process process = new ProcessBuilder("sleep", "1000").start();
        Owner owner = new Owner((int) process.pid(), io.workerpipe.linux.Proc.startTime((int) process.pid()));
        try (Roster roster = Roster.open(folder, group)) {
            for (int slot = 0; slot < Roster.SLOTS; slot++) {
                if (roster.entry(slot).isEmpty()) {
                    roster.table().claim(slot, owner, true, "crowd", slot);
                }
            }
        }
        return new Crowd(process);
    }

    /** kill -9, and waits until the kernel has forgotten it. */
    public void end() {
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        end();
    }
}
