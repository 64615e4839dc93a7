package io.workerpipe.doctor;

import io.workerpipe.linux.CallState;
import io.workerpipe.linux.Errno;
import io.workerpipe.linux.ErrnoException;
import io.workerpipe.linux.Fd;
import io.workerpipe.linux.IoVec;
import io.workerpipe.linux.Memory;
import io.workerpipe.linux.Pipe;
import io.workerpipe.loop.PageWrites;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Pipes: what the kernel says, and what it does. */
final class PipeChecks {
    /** What a worker asks for, if it is not told otherwise. */
    private static final int WANTED = 256 << 10;
    private static final int TRIED = 16;

    private PipeChecks() {}

    static List<Finding> all() {
        return List.of(sizes(), pageWrites(), vmsplice());
    }

    private static Finding sizes() {
        String limits = "pipe-max-size " + Sysctl.read("fs.pipe-max-size").orElse("unknown")
                + ", pipe-user-pages-soft " + Sysctl.read("fs.pipe-user-pages-soft").orElse("unknown")
                + ", pipe-user-pages-hard " + Sysctl.read("fs.pipe-user-pages-hard").orElse("unknown");
        List<Pipe> pipes = new ArrayList<>();
        int smallest = Integer.MAX_VALUE;
        try {
            for (int i = 0; i < TRIED; i++) {
                Pipe pipe = Pipe.create();
                pipes.add(pipe);
                pipe.resize(WANTED);
                smallest = Math.min(smallest, pipe.size());
            }
        } catch (ErrnoException e) {
            return Finding.fail("pipes", "cannot make " + TRIED + " of them: " + e.getMessage(),
                    "raise the limit of open files, or look who holds so many");
        } finally {
            pipes.forEach(Pipe::close);
        }
        return smallest >= WANTED
                ? Finding.ok("pipes", TRIED + " of " + WANTED + " bytes each were to be had; " + limits)
                : Finding.warn("pipes", "asked for " + TRIED + " of " + WANTED + " bytes each, got one of " + smallest
                        + "; " + limits,
                        "workers are slower with small pipes: raise fs.pipe-user-pages-soft to 64 a"
                                + " worker and fs.pipe-max-size to " + WANTED
                                + ", or let workers ask for less (pipeBytes)");
    }

    private static Finding pageWrites() {
        try {
            return PageWrites.checked().many()
                    ? Finding.ok("page writes", "a pipe cuts a write of many pages only between pages")
                    : Finding.warn("page writes", "a pipe did not cut a write of many pages between pages",
                            "nothing breaks, each write is one page; say so in an issue, with the kernel's version");
        } catch (IOException e) {
            return Finding.warn("page writes", "could not be tried: " + e.getMessage(),
                    "free descriptors and try again");
        }
    }

    private static Finding vmsplice() {
        MemorySegment page = Memory.map(Memory.pageSize());
        try (Arena arena = Arena.ofConfined(); Pipe pipe = Pipe.create()) {
            MemorySegment iovecs = IoVec.allocate(arena, 1);
            IoVec.set(iovecs, 0, page, 0, page.byteSize());
            int taken = pipe.writeEnd().vmsplice(CallState.allocate(arena), iovecs, 1, Fd.SPLICE_F_NONBLOCK);
            return taken == page.byteSize()
                    ? Finding.ok("vmsplice", "takes a page without copying it")
                    : Finding.warn("vmsplice",
                            taken < 0 ? "is refused: " + Errno.name(-taken) : "took " + taken + " bytes of a page",
                            "nothing breaks: pages are copied by write(2); a seccomp filter may forbid it");
        } catch (IOException e) {
            return Finding.warn("vmsplice", "could not be tried: " + e.getMessage(), "free descriptors and try again");
        } finally {
            Memory.unmap(page);
        }
    }
}
