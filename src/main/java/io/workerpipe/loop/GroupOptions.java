package io.workerpipe.loop;

import io.workerpipe.linux.ProcessId;
import java.time.Duration;

/**
 * How a process takes part in a group.
 *
 * @param label       shown to the others
 * @param index       the worker's number, -1 for none
 * @param guest       only sends: not listed, no inbox
 * @param pipeBytes   wanted size of the inbox
 * @param outboxBytes what may wait for one receiver
 * @param poolBytes   what may wait for all receivers together
 * @param dropping    what is dropped where there is no room, by sends that may; null: nothing
 * @param partsBytes  what unfinished alerts may hold together
 * @param closeLimit  how long leaving may take
 * @param leaveAtExit whether the end of the JVM makes it leave
 * @param supervisor  whose end makes this process leave; null: nobody's
 * @param spin        how long the reader looks at an empty inbox before it sleeps; null: as it pays
 * @param splice      whether pages may go into pipes by reference, where that pays
 * @param fastPath    what is not left to the machine
 */
public record GroupOptions(String label, int index, boolean guest, int pipeBytes, long outboxBytes, long poolBytes,
        Dropping dropping, long partsBytes, Duration closeLimit, boolean leaveAtExit, ProcessId supervisor,
        Duration spin,
        boolean splice, FastPath fastPath) {}
