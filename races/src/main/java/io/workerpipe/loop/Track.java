package io.workerpipe.loop;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** What all races over outboxes share. */
final class Track {
    static final Surroundings AROUND = surroundings();

    private static final ThreadLocal<Intake> INTAKES = ThreadLocal.withInitial(() -> new Intake(64 << 10));

    private Track() {}

    private static Surroundings surroundings() {
        try {
            Surroundings around = new Surroundings(512L << 20);
            Runtime.getRuntime().addShutdownHook(new Thread(around::close));
            return around;
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    static Line line(int pipeBytes) {
        return line(AROUND.pool, pipeBytes);
    }

    static Line line(PagePool pool, int pipeBytes) {
        return new Line(AROUND, pool, pipeBytes, 1 << 20, new PageWrites(true), new PageSplices(false));
    }

    /** A page for all of these. */
    static SharedPage open(List<Line> lines) {
        return SharedPage.open(Directory.empty(), -1, lines.stream().map(line -> line.outbox).toList());
    }

    /** By this page if there is one and it has room, else to each on its own. */
    static void broadcast(SharedPage page, List<Line> lines, byte[] data) {
        if (page == null || !page.offer(Line.NAME, MemorySegment.ofArray(data))) {
            lines.forEach(line -> line.offer(data));
        }
    }

    /** What came to each of two, and what of it is wrong; they are closed then. */
    static void readBoth(List<Line> two, IIII_Result result) {
        two.forEach(line -> line.outbox.requestFlush());
        Intake intake = intake();
        boolean all = two.get(0).readAll(intake);
        result.r1 = (int) intake.alerts();
        result.r2 = faults(intake, all);
        intake = intake();
        all = two.get(1).readAll(intake);
        result.r3 = (int) intake.alerts();
        result.r4 = faults(intake, all);
        two.forEach(Line::close);
    }

    /** Of nothing so far. */
    static Intake intake() {
        Intake intake = INTAKES.get();
        intake.reset();
        return intake;
    }

    /** Whether a stage is completed within 20 s, and not by a failure. */
    static boolean isDone(CompletableFuture<Void> stage) {
        try {
            stage.get(20, TimeUnit.SECONDS);
            return true;
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            return false;
        }
    }

    /** What is told of an intake, beside the alerts that came right: 0, or a number that no outcome has. */
    static int faults(Intake intake, boolean all) {
        return all ? (int) intake.faults() : -1;
    }
}
