package dev.spendledger.api;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.spendledger.api.decision.SpendCheck;
import dev.spendledger.api.query.LocalStores;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.state.QueryableStoreType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which package may know of which. */
class ArchitectureTest {
    private static final String API = "dev.spendledger.api.";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.spendledger.api");

    /** Each package, and those of this module that it may know of. */
    private static final Map<String, List<String>> DIRECTIONS = Map.of(
            "query", List.of(),
            "decision", List.of("query"),
            "write", List.of("query"),
            "metrics", List.of("decision", "query"),
            "http", List.of("decision", "query", "write", "metrics"),
            "runtime", List.of("http", "decision", "query", "write", "metrics"),
            "audit", List.of(),
            "command", List.of("runtime", "audit"));

    static Stream<String> packages() {
        return DIRECTIONS.keySet().stream().sorted();
    }

    @Test
    void shouldHaveADirectionForEveryPackage() {
        // When
        Set<String> packages = CLASSES.stream()
                .map(JavaClass::getPackageName)
                .map(name -> name.substring(API.length()))
                .collect(Collectors.toSet());

        // Then
        assertThat(packages).isEqualTo(DIRECTIONS.keySet());
    }

    @ParameterizedTest
    @MethodSource("packages")
    void shouldKnowOnlyOfThePackagesBelowIt(String name) {
        String[] others = DIRECTIONS.keySet().stream()
                .filter(other -> !other.equals(name) && !DIRECTIONS.get(name).contains(other))
                .map(other -> API + other + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(API + name + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .check(CLASSES);
    }

    @Test
    void shouldHaveNoCycles() {
        slices().matching(API + "(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void shouldDecideWithoutAnyFramework() {
        noClasses()
                .that()
                .resideInAPackage(API + "decision..")
                .and()
                // Which finds out what there is to decide on.
                .areNotAssignableTo(SpendCheck.class)
                .should()
                .dependOnClassesThat(DescribedPredicate.not(resideInAnyPackage(
                        API + "decision..", API + "query..", "dev.spendledger.streams.domain..", "java..")))
                .check(CLASSES);
    }

    @Test
    void shouldHandleKafkaStreamsOnlyWhereItIsRunAndRead() {
        noClasses()
                .that()
                .resideOutsideOfPackages(API + "runtime..", API + "command..")
                .and()
                .areNotAssignableTo(LocalStores.class)
                .should()
                .dependOnClassesThat()
                .areAssignableTo(KafkaStreams.class)
                .check(CLASSES);
    }

    @Test
    void shouldNotSpeakToKafkaInTheRoutes() {
        noClasses()
                .that()
                .resideInAnyPackage(API + "http..", API + "decision..", API + "metrics..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..")
                .check(CLASSES);
    }

    /** The broker is for the demo and for tests. */
    @Test
    void shouldKnowOfNoBroker() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "kafka..",
                        "scala..",
                        "dev.spendledger.embedded..",
                        "org.apache.kafka.server..",
                        "org.apache.kafka.metadata..",
                        "org.apache.kafka.raft..",
                        "org.apache.kafka.storage.."))
                .check(CLASSES);
    }

    /** Read without its partition, a store that has moved away reads as empty. */
    @Test
    @Tag("P07")
    void shouldReadStoresOnlyThroughTheQueriesThatNameAPartition() {
        noClasses()
                .should()
                .dependOnClassesThat(nameMatching("org\\.apache\\.kafka\\.streams\\.query\\..*"))
                .orShould()
                .callMethod(StoreQueryParameters.class, "fromNameAndType", String.class, QueryableStoreType.class)
                .check(CLASSES);
    }

    @Test
    void shouldKeepWhatOnlyTheRoutesNeedToThem() {
        classes()
                .that(resideInAPackage(API + "http.."))
                .and()
                .arePublic()
                .should()
                .haveNameMatching(
                        ".*\\.http\\.(DirectChecks|LedgerRouter|LedgerApi|PeerClient|Access|Tokens|Role|Health(\\$Check)?"
                                + "|Connections(\\$Limits)?|RequestLog(\\$Mode)?|BodyBudget|EventStreams(\\$Limits)?|LiveSource|LiveTrees)")
                .check(CLASSES);
    }
}
