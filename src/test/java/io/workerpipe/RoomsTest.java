package io.workerpipe;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.foreign.Linker;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.Date;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Holds the arrows between the rooms, as docs/architecture.md draws them. */
@Timeout(300)
class RoomsTest {
    /** Imported from the folder: in a module, the class path does not show them. */
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPath(Path.of("target", "classes"));

    @Test
    void shouldKeepTheArrowsBetweenRooms() {
        layeredArchitecture().consideringOnlyDependenciesInAnyPackage("io.workerpipe..") //
                .layer("api").definedBy("io.workerpipe") //
                .layer("cli").definedBy("io.workerpipe.cli") //
                .layer("doctor").definedBy("io.workerpipe.doctor") //
                .layer("loop").definedBy("io.workerpipe.loop") //
                .layer("supervise").definedBy("io.workerpipe.supervise") //
                .layer("dispatch").definedBy("io.workerpipe.dispatch") //
                .layer("wire").definedBy("io.workerpipe.wire") //
                .layer("roster").definedBy("io.workerpipe.roster") //
                .layer("linux").definedBy("io.workerpipe.linux") //
                .layer("gen").definedBy("io.workerpipe.linux.gen") //
                .whereLayer("cli").mayNotBeAccessedByAnyLayer() //
                .whereLayer("api").mayOnlyBeAccessedByLayers("cli") //
                .whereLayer("doctor").mayOnlyBeAccessedByLayers("cli") //
                .whereLayer("loop").mayOnlyBeAccessedByLayers("api", "doctor") //
                .whereLayer("supervise").mayOnlyBeAccessedByLayers("api") //
                .whereLayer("dispatch").mayOnlyBeAccessedByLayers("api", "loop") //
                .whereLayer("wire").mayOnlyBeAccessedByLayers("api", "loop", "dispatch") //
                .whereLayer("roster").mayOnlyBeAccessedByLayers("api", "loop", "doctor", "cli") //
                .whereLayer("linux").mayOnlyBeAccessedByLayers("api", "loop", "roster", "supervise", "doctor") //
                .whereLayer("gen").mayOnlyBeAccessedByLayers("linux") //
                .check(CLASSES);
    }

    @Test
    void shouldLinkNativeCodeInOneRoomOnly() {
        noClasses().that().resideOutsideOfPackages("io.workerpipe.linux", "io.workerpipe.linux.gen").should()
                .dependOnClassesThat().areAssignableTo(Linker.class).check(CLASSES);
    }

    /** A wall clock jumps. It may be shown, but nothing may wait for it or be decided by it. */
    @Test
    void shouldLookAtTheWallClockOnlyToShowIt() {
        noClasses().that().doNotHaveFullyQualifiedName("io.workerpipe.loop.Inbox").and()
                .doNotHaveFullyQualifiedName("io.workerpipe.cli.Rates").should()
                .callMethod(System.class, "currentTimeMillis").orShould().callMethod(Instant.class, "now").orShould()
                .callMethod(LocalDateTime.class, "now").orShould().dependOnClassesThat().areAssignableTo(Clock.class)
                .orShould().dependOnClassesThat().areAssignableTo(Date.class).check(CLASSES);
        methods().that().areDeclaredIn("io.workerpipe.loop.Inbox").and().doNotHaveName("endBatch")
                .should(notCall("currentTimeMillis")).check(CLASSES);
    }

    private static ArchCondition<JavaMethod> notCall(String name) {
        return new ArchCondition<>("not call " + name) {
            @Override
            public void check(JavaMethod method, ConditionEvents events) {
                method.getMethodCallsFromSelf().stream().filter(call -> call.getName().equals(name))
                        .forEach(call -> events.add(SimpleConditionEvent.violated(call, call.getDescription())));
            }
        };
    }
}
