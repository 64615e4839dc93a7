package io.workerpipe;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.Linker;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Holds the arrows between the rooms, as docs/architecture.md draws them. */
@Timeout(60)
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
}
