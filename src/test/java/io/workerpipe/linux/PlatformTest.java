package io.workerpipe.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class PlatformTest {
    @Test
    void shouldAcceptThisMachine() {
        assertThatCode(Platform::check).doesNotThrowAnyException();
    }

    @Test
    void shouldSayWhatWasFoundWhenTheSystemIsAnother() {
        assertThatThrownBy(() -> Platform.requireSystem("Linux", "aarch64"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("Linux on x86-64 (amd64) alone").hasMessageEndingWith("this is Linux on aarch64");
        assertThatThrownBy(() -> Platform.requireSystem("Mac OS X", "amd64")).hasMessageContaining("Mac OS X");
        assertThatThrownBy(() -> Platform.requirePageSize(65536)).isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("4096").hasMessageContaining("65536");
    }

    @Test
    void shouldNameTheFlagOfTheModule() {
        assertThat(Platform.nativeAccessDenied(Object.class.getModule()))
                .contains("--enable-native-access=java.base ");
    }

    @Test
    void shouldSayTheFlagWhenNativeAccessIsDenied() throws Exception {
        List<String> denied = run(Runtime.version().feature() >= 24
                ? "--illegal-native-access=deny"
                : "--enable-native-access=java.logging");
        assertThat(denied).containsExactly("UnsupportedOperationException: Workerpipe calls native code, and this JVM "
                + "was told not to let it: start java with --enable-native-access=ALL-UNNAMED (add to what the flag "
                + "has now, separated by a comma)");
        assertThat(run("--enable-native-access=ALL-UNNAMED")).containsExactly("accepted");
    }

    /** What the check says in a JVM of its own, on the class path. */
    private static List<String> run(String flag) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = place(Platform.class) + File.pathSeparator + place(Check.class);
        List<String> command = new ArrayList<>(List.of(java, flag, "-cp", classes, Check.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var out = process.inputReader(StandardCharsets.UTF_8)) {
            return out.lines().toList();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** A class's folder; tests are patched into the module, so their code source is not where they are. */
    private static String place(Class<?> type) throws Exception {
        String name = type.getName().replace('.', '/') + ".class";
        String file = Path.of(type.getClassLoader().getResource(name).toURI()).toString();
        return file.substring(0, file.length() - name.length());
    }

    static final class Check {
        public static void main(String[] args) {
            try {
                Platform.check();
                System.out.println("accepted");
            } catch (UnsupportedOperationException e) {
                System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
            }
        }
    }
}
