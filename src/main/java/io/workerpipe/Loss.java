package io.workerpipe;

/**
 * A worker has dropped alerts to this one, since its outbox was full: {@link WhenFull#dropNewest}, {@link WhenFull#dropOldest},
 * {@link WhenFull#keepLast}. Immutable; any thread.
 *
 * <p>It comes at the place of what was dropped: after what that sender had sent before, and before what it sent after it.
 *
 * @param sender who dropped them; who is gone by now, or is a guest, is only a process id and a slot
 * @param count  how many, 1 or more
 */
public record Loss(Worker sender, long count) {}
