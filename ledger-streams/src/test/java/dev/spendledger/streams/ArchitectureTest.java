package dev.spendledger.streams;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The directions that packages may look in. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.spendledger");

    @Test
    void shouldKeepTheDomainFreeOfKafkaAndAvro() {
        noClasses()
                .that()
                .resideInAPackage("dev.spendledger.streams.domain..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.kafka..",
                        "org.apache.avro..",
                        "dev.spendledger.schemas..",
                        "dev.spendledger.events..",
                        "dev.spendledger.state..")
                .because("the rules of the ledger are plain functions")
                .check(CLASSES);
    }

    @Test
    void shouldNotLetTheDomainKnowTheTopology() {
        noClasses()
                .that()
                .resideInAPackage("dev.spendledger.streams.domain..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.spendledger.streams.topology..")
                .check(CLASSES);
    }

    @Test
    void shouldNotLetTheSchemasKnowTheStreams() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.spendledger.schemas..", "dev.spendledger.events..", "dev.spendledger.state..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.spendledger.streams..", "org.apache.kafka.streams..")
                .check(CLASSES);
    }

    @Test
    void shouldNotReadAClockWhereFactsAreFolded() {
        noClasses()
                .that()
                .resideInAPackage("dev.spendledger.streams..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .because("a rebuild must come to the same state at any time")
                .check(CLASSES);
    }

    @Test
    void shouldNotUseTheOldDates() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Date")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Calendar")
                .because("java.time says what it means")
                .check(CLASSES);
    }
}
