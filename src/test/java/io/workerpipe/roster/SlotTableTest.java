package io.workerpipe.roster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class SlotTableTest {
    @Test
    void shouldNeverShowAMixtureOfTwoOwners() throws Exception {
        int rounds = 1_000_000;
        try (Arena arena = Arena.ofShared(); ExecutorService executor = Executors.newSingleThreadExecutor()) {
            SlotTable table = new SlotTable(arena.allocate(RosterLayout.SIZE, 64));
            Future<?> writing = executor.submit(() -> {
                for (int i = 1; i <= rounds; i++) {
                    // The incarnation counts from 0 in a table that is all zeros.
                    long incarnation = table.claim(9, new Owner(i, 7L * i), false, "x".repeat(i % 64), -i);
                    table.publish(9, incarnation, 3L * i, i);
                    table.leaving(9, incarnation);
                    table.free(9, incarnation);
                }
            });
            int seen = 0;
            while (!writing.isDone()) {
                Optional<Entry> read = table.read(9);
                if (read.isPresent()) {
                    Entry entry = read.get();
                    int i = (int) entry.incarnation() + 1;
                    boolean inbox = entry.state() != State.JOINING || entry.hasInbox();
                    assertThat(entry).isEqualTo(new Entry(9, entry.state(), i, 7L * i, i - 1, inbox ? i : -1,
                            inbox ? 3L * i : 0, -i, "x".repeat(i % 64)));
                    seen++;
                }
            }
            writing.get();
            assertThat(seen).isPositive();
            assertThat(table.epoch()).isEqualTo(3L * rounds);
            assertThat(table.occupied()).isZero();
        }
    }

    @Test
    void shouldChangeNothingOfAnotherIncarnation() throws Exception {
        try (Arena arena = Arena.ofShared()) {
            SlotTable table = new SlotTable(arena.allocate(RosterLayout.SIZE, 64));
            long old = table.claim(0, new Owner(1, 1), false, "", -1);
            assertThat(table.free(0, old)).isTrue();
            assertThat(table.free(0, old)).isFalse();
            long now = table.claim(0, new Owner(2, 2), false, "", -1);
            long epoch = table.epoch();

            assertThat(table.publish(0, old, 5, 5)).isFalse();
            assertThat(table.leaving(0, old)).isFalse();
            assertThat(table.leaving(0, now)).as("not live yet").isFalse();
            assertThat(table.free(0, old)).isFalse();
            assertThat(table.epoch()).isEqualTo(epoch);
            assertThat(table.read(0)).contains(new Entry(0, State.JOINING, 2, 2, now, -1, 0, -1, ""));
        }
    }

    /** Who reaps takes no lock: what he found out about one owner must not cost the next one the slot. */
    @Test
    void shouldNeverFreeTheNextOwnersSlot() throws Exception {
        int rounds = 500_000;
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger byOthers = new AtomicInteger();
        try (Arena arena = Arena.ofShared(); ExecutorService executor = Executors.newFixedThreadPool(2)) {
            SlotTable table = new SlotTable(arena.allocate(RosterLayout.SIZE, 64));
            List<Future<?>> reapers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                reapers.add(executor.submit(() -> {
                    while (!done.get()) {
                        Optional<Entry> seen = table.read(9);
                        if (seen.isPresent() && seen.get().state() == State.LEAVING && table.free(seen.get())) {
                            byOthers.incrementAndGet();
                        }
                    }
                    return null;
                }));
            }
            int claimed = 0;
            int freed = 0;
            try {
                for (; claimed < rounds || byOthers.get() == 0; claimed++) {
                    int i = claimed;
                    long mine = table.claim(9, new Owner(i, i), false, "", -1);
                    assertThat(table.publish(9, mine, 1, 1)).isTrue();
                    assertThat(table.leaving(9, mine)).isTrue();
                    freed += table.free(9, mine) ? 1 : 0;
                }
            } finally {
                done.set(true);
            }
            for (Future<?> reaper : reapers) {
                reaper.get();
            }
            assertThat(freed + byOthers.get()).as("each freed once").isEqualTo(claimed);
            assertThat(table.occupied()).isZero();
        }
    }

    /** Who leaves has closed its inbox, and looks as if it were gone to one who still takes it for live. */
    @Test
    void shouldNotFreeWhoHasMovedOnSinceHeWasLookedAt() throws Exception {
        try (Arena arena = Arena.ofShared()) {
            SlotTable table = new SlotTable(arena.allocate(RosterLayout.SIZE, 64));
            long incarnation = table.claim(0, new Owner(1, 1), false, "", -1);
            table.publish(0, incarnation, 1, 1);
            Entry live = table.read(0).orElseThrow();
            table.leaving(0, incarnation);
            long epoch = table.epoch();
            assertThat(table.free(live)).isFalse();
            assertThat(table.epoch()).isEqualTo(epoch);

            assertThat(table.free(table.read(0).orElseThrow())).isTrue();
            assertThat(table.epoch()).isGreaterThan(epoch);
            assertThat(table.read(0)).isEmpty();
        }
    }

    @Test
    void shouldRefuseAStateOfAnotherIncarnation() throws Exception {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(RosterLayout.SIZE, 64);
            SlotTable table = new SlotTable(memory);
            table.claim(3, new Owner(1, 1), false, "", -1);
            RosterLayout.INT.setVolatile(memory, RosterLayout.slotAt(3) + RosterLayout.STATE_AT,
                    SlotTable.word(State.JOINING, 1));
            assertThatThrownBy(() -> table.read(3)).isInstanceOf(RosterException.class)
                    .hasMessageContaining("slot 3 of the roster is in state 257")
                    .hasMessageContaining("of incarnation 0");
        }
    }

    /** Somebody else has the file mapped too, and writes. */
    @Test
    void shouldNotLookForeverWhenASlotChangesAllTheTime() throws Exception {
        try (Arena arena = Arena.ofShared(); ExecutorService executor = Executors.newSingleThreadExecutor()) {
            MemorySegment memory = arena.allocate(RosterLayout.SIZE, 64);
            SlotTable table = new SlotTable(memory);
            table.claim(3, new Owner(1, 1), false, "", -1);
            AtomicBoolean done = new AtomicBoolean();
            CountDownLatch writing = new CountDownLatch(1);
            Future<?> writer = executor.submit(() -> {
                long at = RosterLayout.slotAt(3) + RosterLayout.INCARNATION_AT;
                // Those that look the same in the state's word.
                for (long incarnation = 0; !done.get(); incarnation += 1L << 24) {
                    RosterLayout.LONG.setVolatile(memory, at, incarnation);
                    writing.countDown();
                }
            });
            try {
                writing.await();
                for (int i = 0; i < 20; i++) {
                    try {
                        assertThat(table.read(3)).isPresent();
                    } catch (RosterException e) {
                        assertThat(e).hasMessageContaining("slot 3 of the roster changes all the time");
                    }
                }
            } finally {
                done.set(true);
                writer.get();
            }
        }
    }
}
