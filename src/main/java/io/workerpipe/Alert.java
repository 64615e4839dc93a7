package io.workerpipe;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * One alert: who sent it, its name, its data.
 *
 * <p>What a handler gets is the <em>current</em> alert: one object that moves from alert to alert, with data that lies
 * where it was received. Both are valid in the handler's thread until it returns; a segment kept longer throws
 * {@link IllegalStateException} as soon as its memory is used again, and never shows another alert. {@link #copy()} makes
 * an alert that may be kept and passed on to any thread.
 */
public abstract sealed class Alert permits CurrentAlert, KeptAlert {
    private final Ipc ipc;

    Alert(Ipc ipc) {
        this.ipc = ipc;
    }

    /**
     * The name.
     *
     * @return up to 254 bytes of UTF-8, as text
     */
    public abstract String name();

    /**
     * The sender's process id.
     *
     * @return as the alert says it
     */
    public abstract long senderPid();

    /** The sender's slot, as the alert says it. */
    abstract int senderSlot();

    /** Which worker it was, of all that had its slot: 0 if it is whoever has it now, -1 if nobody had any more. */
    abstract long senderIncarnation();

    /**
     * Bytes of data.
     *
     * @return 0 to 4,294,967,040
     */
    public abstract long length();

    /**
     * The data, without a copy.
     *
     * @return a read-only segment; see the class for how long it is valid
     */
    public abstract MemorySegment data();

    /**
     * An alert that stays. Its data is a copy of its own, freed when it is no longer reachable.
     *
     * @return this, if it is one already
     */
    public abstract Alert copy();

    /**
     * The data as an array of its own.
     *
     * @return a copy
     * @throws IllegalStateException for data longer than an array can be
     */
    public byte[] bytes() {
        return data().toArray(ValueLayout.JAVA_BYTE);
    }

    /**
     * The data as UTF-8 text.
     *
     * @return a copy; bytes that are no UTF-8 become U+FFFD
     */
    public String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    /**
     * The sender. Who is gone by now, or was never in the roster, is only a process id and a slot.
     *
     * @return never null
     */
    public Worker sender() {
        long incarnation = senderIncarnation();
        return ipc.worker((int) senderPid(), senderSlot())
                .filter(worker -> incarnation == 0 || worker.incarnation() == incarnation)
                .orElseGet(() -> Worker.unknown((int) senderPid(), senderSlot()));
    }

    /**
     * Answers the sender.
     *
     * @param name the answer's name
     * @param data its data, as UTF-8
     * @throws NoSuchWorkerException if the sender is gone. A copy's answer never goes to another worker that has its slot
     *                               and process id by now; that of the alert as the handler got it may
     * @throws IpcException          as {@link Ipc#send(long, String, String)}
     */
    public void reply(String name, String data) {
        ipc.reply(this, name, data.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Answers the sender.
     *
     * @param name the answer's name
     * @param data its data
     * @throws NoSuchWorkerException if the sender is gone. A copy's answer never goes to another worker that has its slot
     *                               and process id by now; that of the alert as the handler got it may
     * @throws IpcException          as {@link Ipc#send(long, String, String)}
     */
    public void reply(String name, byte[] data) {
        ipc.reply(this, name, data);
    }

    /**
     * Answers the sender.
     *
     * @param name the answer's name
     * @param data its data; this alert's own segment may be given
     * @throws NoSuchWorkerException if the sender is gone. A copy's answer never goes to another worker that has its slot
     *                               and process id by now; that of the alert as the handler got it may
     * @throws IpcException          as {@link Ipc#send(long, String, String)}
     */
    public void reply(String name, MemorySegment data) {
        ipc.reply(this, name, data);
    }

    Ipc ipc() {
        return ipc;
    }

    /** The sender, the name and the length. */
    @Override
    public String toString() {
        return "alert '" + name() + "' of " + length() + " bytes from " + senderPid();
    }
}
