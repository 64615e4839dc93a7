package io.workerpipe.roster;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Where everything is in a roster's file; little-endian. A header of one page, then 1,024 slots of 512 bytes.
 *
 * <pre>{@code
 * Header                                              (64 bytes are a cache line)
 *   0        8        12       16                          56           64
 *   | magic  | version| slots  | boot id, 40 bytes of text | pid namesp.|
 *     i64      i32      i32                                  i64
 *  64       72                                                         128
 *   | epoch  | (a line of its own: looked at for most alerts sent)      |
 *     i64
 * 128       132      136       144                                    4096
 *   | removed| -      | next    |
 *     i32               incarnation i64
 *
 * Slot
 *   0        4        8        16            24           32     36     40
 *   | state  | pid    | start  | incarnation | inbox pipe | inbox| index| -
 *     i32      i32      time i64 i64           inode i64    fd i32 i32
 *  64       65                                                         128
 *   | length | label, up to 63 bytes of UTF-8                           |
 * 128                                                                  256
 *   | awake i64                                                         |
 * 256                                                                  384
 *   | reader:  alertsIn bytesIn discarded failedHandlers skippedBytes droppedOpen lastAlertIn
 * 384                                                                  448
 *   | senders: alertsOut bytesOut refused dropped                       |
 * 448                                                                  512
 *   | writer:  lostWithPeer queuedBytes fullestReceiver fullestBytes    |
 * }</pre>
 *
 * <p>A slot's state has the low 24 bits of the incarnation above its 8; 0 is a free slot.
 *
 * <p>The awake flag and the reader's counters have two lines each, of which they use the first: x86 processors fetch
 * lines in pairs, and both are written at each wake-up while others look.
 *
 * <p>Magic, version and boot id are at the same place in every version to come, so that a roster of another boot can be
 * told whatever made it.
 */
final class RosterLayout {
    /** "wproster" in the order of the file. */
    static final long MAGIC = 0x72_65_74_73_6f_72_70_77L;
    static final int VERSION = 2;

    static final int HEADER = 4096;
    static final int SLOTS = 1024;
    static final int SLOT = 512;
    static final long SIZE = HEADER + (long) SLOTS * SLOT;

    static final long MAGIC_AT = 0;
    static final long VERSION_AT = 8;
    static final long SLOTS_AT = 12;
    static final long BOOT_ID_AT = 16;
    static final int BOOT_ID_LENGTH = 40;
    static final long NAMESPACE_AT = 56;
    static final long EPOCH_AT = 64;
    static final long REMOVED_AT = 128;
    static final long NEXT_INCARNATION_AT = 136;

    static final long STATE_AT = 0;
    static final long PID_AT = 4;
    static final long START_TIME_AT = 8;
    static final long INCARNATION_AT = 16;
    static final long INBOX_INODE_AT = 24;
    static final long INBOX_FD_AT = 32;
    static final long INDEX_AT = 36;
    static final long LABEL_AT = 64;
    static final int LABEL_LENGTH = 63;
    static final long AWAKE_AT = 128;
    static final long READER_AT = 256;
    static final long SENDERS_AT = 384;
    static final long WRITER_AT = 448;

    static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    static final VarHandle INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle()
            .withInvokeExactBehavior();
    static final VarHandle LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle()
            .withInvokeExactBehavior();

    private RosterLayout() {}

    /** Where a slot begins in the file. */
    static long slotAt(int slot) {
        if (slot < 0 || slot >= SLOTS) {
            throw new IndexOutOfBoundsException("slot " + slot + ": there are 0 to " + (SLOTS - 1));
        }
        return HEADER + (long) slot * SLOT;
    }
}
