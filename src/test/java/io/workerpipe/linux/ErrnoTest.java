package io.workerpipe.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class ErrnoTest {
    @Test
    void shouldSayNameNumberAndText() {
        assertThat(Errno.name(Errno.EAGAIN)).isEqualTo("EAGAIN");
        assertThat(Errno.text(Errno.EAGAIN)).isEqualTo("EAGAIN (11): Resource temporarily unavailable");
    }

    @Test
    void shouldSayTheNumberOfAnErrorThatItDoesNotKnow() {
        assertThat(Errno.name(333)).isEqualTo("errno 333");
        assertThat(Errno.text(333)).isEqualTo("errno 333");
    }

    @Test
    void shouldKnowTheNameOfEachConstant() throws Exception {
        for (Field field : Errno.class.getFields()) {
            assertThat(Errno.name(field.getInt(null))).isEqualTo(field.getName());
        }
    }

    @Test
    void shouldCarryCallArgumentAndErrno() {
        ErrnoException e = catchThrowableOfType(ErrnoException.class, () -> Fd.open("/no/such", Fd.O_RDONLY));
        assertThat(e).isInstanceOf(IOException.class)
                .hasMessage("open(/no/such): ENOENT (2): No such file or directory");
        assertThat(e.call()).isEqualTo("open");
        assertThat(e.argument()).isEqualTo("/no/such");
        assertThat(e.errno()).isEqualTo(Errno.ENOENT);
    }
}
