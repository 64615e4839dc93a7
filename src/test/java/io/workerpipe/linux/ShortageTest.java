package io.workerpipe.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystemException;
import org.junit.jupiter.api.Test;

class ShortageTest {
    @Test
    void shouldSayWhichLimitOfEpollWasReached() {
        assertThat(Shortage.explained(new ErrnoException("epoll_ctl(ADD)", 7, Errno.ENOSPC))).hasMessageEndingWith(
                "; raise fs.epoll.max_user_watches");
    }

    @Test
    void shouldSayWhatToDoWhereADiskIsFull() {
        assertThat(Shortage.explained(new FileSystemException("/x", null, "No space left on device")))
                .hasMessageEndingWith("; make room there ('df', 'df -i')");
    }

    @Test
    void shouldLeaveAFailureAsItIsWhereNothingHasRunOut() {
        IOException failed = new ErrnoException("open", "/x", Errno.EACCES);
        assertThat(Shortage.explained(failed)).isSameAs(failed);
    }
}
