package io.workerpipe.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.workerpipe.linux.gen.LibC;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.PaddingLayout;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What jextract made against what this machine's C compiler says, for each name on the include list. */
@Timeout(300)
class BindingsTest {
    private static final Path INCLUDES = Path.of("jextract", "includes.txt");
    private static final Path HEADERS = Path.of("src", "main", "native-headers");
    private static final String GEN = LibC.class.getPackageName() + ".";
    /** Variadic ones have no descriptor before somebody says what follows. */
    private static final Set<String> VARIADIC = Set.of("open", "fcntl", "syscall");

    @TempDir
    private static Path folder;
    private static List<Included> included;
    /** What the probe printed: everything but the last word or words of a line, to those. */
    private static Map<String, String> probed;

    /** A line of the include list. */
    private record Included(String kind, String name) {
        boolean isLayout() {
            return kind.equals("struct") || kind.equals("union");
        }

        boolean isError() {
            return kind.equals("constant") && name.matches("E[A-Z0-9]+") && !name.startsWith("EPOLL");
        }
    }

    @BeforeAll
    static void compileAndRunTheProbe() throws Exception {
        included = Files.readAllLines(INCLUDES).stream().filter(line -> line.startsWith("--include-"))
                .map(line -> line.substring("--include-".length()).split(" ")).map(w -> new Included(w[0], w[1]))
                .toList();
        assertThat(included).hasSizeGreaterThan(50);
        if (Stream.of(System.getenv("PATH").split(":")).noneMatch(bin -> Files.isExecutable(Path.of(bin, "cc")))) {
            String reason = "no C compiler \"cc\" on the PATH: the bindings are not compared with this machine's";
            if ("true".equals(System.getenv("CI"))) {
                fail(reason);
            }
            abort(reason);
        }
        try (InputStream probe = BindingsTest.class.getResourceAsStream("probe.c")) {
            Files.copy(probe, folder.resolve("probe.c"));
        }
        Files.write(folder.resolve("names.inc"), names());
        run("cc", "-Wall", "-Werror", "-Wno-nonnull", "-I", HEADERS.toAbsolutePath().toString(), "-o", "probe",
                "probe.c");
        probed = new TreeMap<>();
        for (String line : run("./probe")) {
            String[] words = line.split(" ", 3);
            assertThat(probed.put(words[0] + " " + words[1], words[2])).as(line).isNull();
        }
    }

    @Test
    void shouldBindTheSameConstants() throws Exception {
        Map<String, String> bound = new TreeMap<>();
        for (String name : names("constant")) {
            Object value = LibC.class.getMethod(name).invoke(null);
            String probe = probed.get("constant " + name);
            if (value instanceof Integer && probe != null) {
                // 1u << 31 is an int of C, too.
                probe = Integer.toString((int) Long.parseLong(probe));
            }
            assertThat(String.valueOf(value instanceof MemorySegment address ? address.address() : value)).as(name)
                    .isEqualTo(probe);
            bound.put(name, probe);
        }
        assertThat(bound).hasSizeGreaterThan(50);
    }

    @Test
    void shouldBindTheSameLayouts() throws Exception {
        Map<String, String> bound = new TreeMap<>();
        for (Included layout : included.stream().filter(Included::isLayout).toList()) {
            bound.put("sizeof " + layout.name, Long.toString(layout(layout.name).byteSize()));
            for (MemoryLayout member : members(layout.name)) {
                String name = member.name().orElseThrow();
                long offset = layout(layout.name).byteOffset(MemoryLayout.PathElement.groupElement(name));
                bound.put("member " + layout.name + "." + name, offset + " " + member.byteSize());
            }
        }
        assertThat(bound).isEqualTo(probed("sizeof ", "member ")).hasSizeGreaterThan(20);
    }

    @Test
    void shouldBindTheSameFunctions() throws Exception {
        Map<String, String> bound = new TreeMap<>();
        for (String name : names("function")) {
            assertThat(address(name)).as(name).isNotEqualTo(MemorySegment.NULL);
            long size = descriptor(name).returnLayout().orElseThrow().byteSize();
            bound.put("returns " + name, Long.toString(size));
        }
        assertThat(bound).isEqualTo(probed("returns ")).hasSizeGreaterThan(15);
    }

    @Test
    void shouldDescribeVariadicFunctionsAsTheBindingsDo() {
        assertThat(Syscalls.Open.DESCRIPTOR).isEqualTo(LibC.open.makeInvoker(LibC.C_INT).descriptor());
        assertThat(Syscalls.Fcntl.DESCRIPTOR).isEqualTo(LibC.fcntl.makeInvoker(LibC.C_INT).descriptor());
        assertThat(Syscalls.PidfdOpen.DESCRIPTOR)
                .isEqualTo(LibC.syscall.makeInvoker(LibC.C_LONG, LibC.C_LONG).descriptor());
    }

    @Test
    void shouldBindNothingElse() throws Exception {
        Set<String> listed = included.stream().map(Included::name).collect(Collectors.toCollection(TreeSet::new));
        Set<String> bound = new TreeSet<>();
        for (Method method : LibC.class.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers())) {
                bound.add(method.getName().replaceAll("\\$.*", ""));
            }
        }
        for (Class<?> variadic : LibC.class.getClasses()) {
            bound.add(variadic.getSimpleName());
        }
        try (Stream<Path> files = Files.list(Path.of("src/main/java", GEN.replace('.', '/')))) {
            files.map(file -> file.getFileName().toString().replace(".java", "")).filter(name -> !name.equals("LibC"))
                    .forEach(bound::add);
        }
        assertThat(bound).isEqualTo(listed);
    }

    @Test
    void shouldCallErrorsWhatTheSystemCallsThem() throws Exception {
        List<Included> errors = included.stream().filter(Included::isError).toList();
        assertThat(errors).hasSizeGreaterThan(20);
        for (Included error : errors) {
            int number = (int) LibC.class.getMethod(error.name).invoke(null);
            assertThat(Errno.text(number)).isEqualTo(error.name + " (" + number + "): " + probed.get("text "
                    + error.name));
        }
    }

    /** The probe's lines: a macro for each name, and for each member and argument that the bindings know. */
    private static List<String> names() throws Exception {
        List<String> lines = new ArrayList<>();
        for (Included name : included) {
            if (name.kind.equals("constant")) {
                lines.add("CONSTANT(" + name.name + ")");
            } else if (name.kind.equals("function")) {
                int arguments = descriptor(name.name).argumentLayouts().size();
                String zeros = String.join(", ", Collections.nCopies(arguments, "0"));
                lines.add("FUNCTION(" + name.name + (zeros.isEmpty() ? "" : ", " + zeros) + ")");
            } else {
                lines.add("LAYOUT(" + name.kind + ", " + name.name + ")");
                for (MemoryLayout member : members(name.name)) {
                    lines.add("MEMBER(" + name.kind + ", " + name.name + ", " + member.name().orElseThrow() + ")");
                }
            }
            if (name.isError()) {
                lines.add("ERROR(" + name.name + ")");
            }
        }
        return lines;
    }

    private static List<String> names(String kind) {
        return included.stream().filter(name -> name.kind.equals(kind)).map(Included::name).toList();
    }

    private static Map<String, String> probed(String... kinds) {
        return probed.entrySet().stream().filter(e -> Stream.of(kinds).anyMatch(e.getKey()::startsWith))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static GroupLayout layout(String name) throws Exception {
        return (GroupLayout) Class.forName(GEN + name).getMethod("layout").invoke(null);
    }

    private static List<MemoryLayout> members(String name) throws Exception {
        return layout(name).memberLayouts().stream().filter(member -> !(member instanceof PaddingLayout)).toList();
    }

    private static MemorySegment address(String function) throws Exception {
        return (MemorySegment) (VARIADIC.contains(function)
                ? Class.forName(GEN + "LibC$" + function).getMethod("address").invoke(null)
                : LibC.class.getMethod(function + "$address").invoke(null));
    }

    private static FunctionDescriptor descriptor(String function) throws Exception {
        if (!VARIADIC.contains(function)) {
            return (FunctionDescriptor) LibC.class.getMethod(function + "$descriptor").invoke(null);
        }
        Class<?> type = Class.forName(GEN + "LibC$" + function);
        Object invoker = type.getMethod("makeInvoker", MemoryLayout[].class).invoke(null, (Object) new MemoryLayout[0]);
        return (FunctionDescriptor) type.getMethod("descriptor").invoke(invoker);
    }

    private static List<String> run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        try (var out = process.inputReader(UTF_8)) {
            List<String> lines = out.lines().toList();
            assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
            return lines;
        } finally {
            process.destroyForcibly();
        }
    }
}
