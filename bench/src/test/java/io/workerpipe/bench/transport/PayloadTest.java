package io.workerpipe.bench.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadTest {
    private static final long TOKEN = Payload.firstToken(7) + 123_456;

    private static MemorySegment alert(int bytes, long token) {
        MemorySegment data = Arena.global().allocate(bytes);
        Payload.fill(data);
        Payload.stamp(data, token);
        return data;
    }

    private static boolean isWhole(MemorySegment data) {
        return Payload.isWhole(data, 0, data.byteSize(), Payload.token(data, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 9, 10, 11, 12, 13, 14, 15, 16, 100, 2047, 2048, 2049, 2055, 2056, 4096, 10_240})
    void shouldAcceptWhatItMade(int bytes) {
        MemorySegment data = alert(bytes, TOKEN);

        assertThat(Payload.token(data, 0)).isEqualTo(TOKEN);
        assertThat(isWhole(data)).isTrue();
        assertThat(Payload.firstWrong(data, 0, bytes, TOKEN)).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 11, 13, 14, 15, 100, 2055, 4100})
    void shouldSeeEachByteThatIsWrong(int bytes) {
        for (int at = 8; at < bytes; at++) {
            MemorySegment data = alert(bytes, TOKEN);
            data.set(ValueLayout.JAVA_BYTE, at, (byte) (data.get(ValueLayout.JAVA_BYTE, at) ^ 0x10));

            assertThat(isWhole(data)).describedAs("byte %d of %d", at, bytes).isFalse();
            assertThat(Payload.firstWrong(data, 0, bytes, TOKEN)).isEqualTo(at);
        }
    }

    @Test
    void shouldSeeAPacketOfAnotherAlert() {
        MemorySegment data = alert(10_240, TOKEN);
        MemorySegment.copy(alert(10_240, TOKEN + 1), 4080, data, 4080, 4080);

        assertThat(isWhole(data)).isFalse();
    }

    @Test
    void shouldSeeTwoPacketsThatChangedPlaces() {
        MemorySegment data = alert(10_240, TOKEN);
        MemorySegment.copy(alert(10_240, TOKEN), 0, data, 4080, 4080);

        assertThat(isWhole(data)).isFalse();
    }

    /** The end of an alert may be a packet of its own in which no block begins. */
    @Test
    void shouldSeeTheEndOfAnotherAlertIfEachHasAPatternOfItsOwn() {
        MemorySegment data = Arena.global().allocate(10_240);
        MemorySegment other = Arena.global().allocate(10_240);
        Payload.fill(data, ~TOKEN);
        Payload.stamp(data, TOKEN);
        Payload.fill(other, ~(TOKEN + 1));
        assertThat(Payload.isWhole(data, 0, 10_240, TOKEN, ~TOKEN)).isTrue();

        MemorySegment.copy(other, 10_200, data, 10_200, 40);

        assertThat(Payload.isWhole(data, 0, 10_240, TOKEN, ~TOKEN)).isFalse();
    }

    @Test
    void shouldNotReadTheHeapByAddress() {
        MemorySegment data = MemorySegment.ofArray(new byte[100]);

        assertThatThrownBy(() -> Payload.isWhole(data, 0, 100, TOKEN)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldCompileTheCheckForItself() {
        String named = Payload.FLAGS.getLast();

        assertThat(named).startsWith("-XX:CompileCommand=dontinline," + Payload.class.getName() + "::");
        assertThat(Payload.class.getDeclaredMethods()).extracting(Method::getName)
                .contains(named.substring(named.lastIndexOf(':') + 1));
    }

    @Test
    void shouldReadWhereItIsToldTo() {
        MemorySegment data = Arena.global().allocate(3 + 100);
        data.asSlice(3).copyFrom(alert(100, TOKEN));

        assertThat(Payload.isWhole(data, 3, 100, TOKEN)).isTrue();
        assertThat(Payload.isWhole(data, 2, 100, TOKEN)).isFalse();
    }

    @Test
    void shouldTellStreamAndNumberFromAToken() {
        assertThat(Payload.stream(TOKEN)).isEqualTo(7);
        assertThat(Payload.number(TOKEN)).isEqualTo(123_456);
    }
}
