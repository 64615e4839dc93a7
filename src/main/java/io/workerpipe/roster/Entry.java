package io.workerpipe.roster;

import io.workerpipe.linux.ErrnoException;
import io.workerpipe.linux.Fd;
import io.workerpipe.linux.PidFd;
import io.workerpipe.linux.Proc;
import io.workerpipe.linux.Shortage;
import java.io.IOException;
import java.util.Optional;

/**
 * What a slot said at one moment.
 *
 * @param slot        0 to 1,023
 * @param state       never {@link State#FREE}
 * @param pid         the owner's process
 * @param startTime   when that process started, in clock ticks since boot: a pid may be used again
 * @param incarnation tells this use of the slot from all others in the life of the roster's file
 * @param inboxFd     the number of the inbox's read end in that process, -1 while there is none
 * @param inboxInode  the inode number of the inbox's pipe, 0 while there is none
 * @param index       what the worker calls itself by number, -1 for none
 * @param label       what the worker calls itself, at most 63 bytes of UTF-8, may be empty
 */
public record Entry(int slot, State state, int pid, long startTime, long incarnation, int inboxFd, long inboxInode,
        int index, String label) {
    /**
     * The same in another state.
     *
     * @param other not {@link State#FREE}
     * @return a copy
     */
    public Entry in(State other) {
        return new Entry(slot, other, pid, startTime, incarnation, inboxFd, inboxInode, index, label);
    }

    /**
     * Whether an inbox has been published.
     *
     * @return false while joining, and for most guests
     */
    public boolean hasInbox() {
        return inboxInode != 0;
    }

    /**
     * Whether the owner has certainly gone: there is no such process, or it is another one by its start time, or a
     * zombie, or its descriptor of that number is not the inbox any more. Not to be allowed to look at the descriptor
     * proves nothing. Takes some 20 us.
     *
     * @return false in doubt
     * @throws IOException if /proc is not there or cannot be read, or no descriptor is left, which proves nothing either
     */
    public boolean isGone() throws IOException {
        Optional<Proc.Stat> process = Proc.stat(pid);
        if (process.isEmpty()) {
            return isGoneUnseen();
        }
        if (process.get().startTime() != startTime || process.get().ended()) {
            return true;
        }
        // Who leaves has read its inbox to the end and closed it, and may still be writing.
        if (!hasInbox() || state == State.LEAVING) {
            return false;
        }
        Proc.FdLink inbox = Proc.fdLink(pid, inboxFd);
        return inbox.answer() != Proc.FdLink.Answer.DENIED && !inbox.isPipe(inboxInode);
    }

    /**
     * Where /proc is mounted with hidepid=2 it shows nobody with more capabilities than oneself. But who has the number now
     * may as well be another process, which has got it since /proc was asked. Where pidfds are forbidden, too, whom /proc
     * does not show is gone.
     */
    private boolean isGoneUnseen() throws IOException {
        try (Fd holder = PidFd.open(pid)) {
            return Proc.stat(pid).isPresent() ? isGone() : PidFd.hasEnded(holder);
        } catch (ErrnoException e) {
            if (!Shortage.advice(e).isEmpty()) {
                throw Shortage.explained(e);
            }
            return true;
        }
    }
}
