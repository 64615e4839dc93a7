package io.workerpipe;

/**
 * What a worker has counted since it joined. Counters are written once a batch, so they may be a moment behind.
 *
 * @param alertsIn       alerts received whole
 * @param bytesIn        bytes read from the inbox, headers included
 * @param discarded      of the alerts received, those without a handler, or too late while leaving
 * @param failedHandlers handlers that threw, those of losses too, and alerts that an executor refused
 * @param skippedBytes   bytes of the inbox that belonged to no alert
 * @param droppedOpen    alerts of which only a part came
 * @param alertsOut      alerts written to the receivers' pipes
 * @param bytesOut       bytes written to the receivers' pipes, headers included
 * @param refused        alerts refused since there was no room
 * @param dropped        alerts dropped by a policy that drops; see {@link WhenFull}
 * @param lostWithPeer   alerts accepted and not written when their receiver went
 * @param queuedBytes    bytes that wait in outboxes now
 */
public record Statistics(long alertsIn, long bytesIn, long discarded, long failedHandlers, long skippedBytes,
        long droppedOpen, long alertsOut, long bytesOut, long refused, long dropped,
        long lostWithPeer, long queuedBytes) {}
