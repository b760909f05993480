package io.measureflow.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Random;

/** Architecture rules for all modules. */
@AnalyzeClasses(packages = "io.measureflow", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String[] API_AND_JAVA = {
    "io.measureflow.api..", "java..", "javax..", "org.jspecify.annotations.."
  };

  @ArchTest
  static void everyModuleIsLookedAt(JavaClasses all) {
    for (String module :
        List.of(
            "api", "core", "lowering", "simd", "datasets", "conformance", "experiments", "cli")) {
      assertFalse(all.that(resideInAPackage("io.measureflow." + module + "..")).isEmpty(), module);
    }
  }

  @ArchTag("nd4j")
  @ArchTest
  static void theModuleOfNd4jIsLookedAt(JavaClasses all) {
    assertFalse(all.that(resideInAPackage("io.measureflow.nd4j..")).isEmpty());
  }

  @ArchTest
  static final ArchRule modulesDependAsTheTableSays =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("io.measureflow..")
          .layer("api")
          .definedBy("io.measureflow.api..")
          .layer("core")
          .definedBy("io.measureflow.core..")
          .layer("library")
          .definedBy(
              "io.measureflow",
              "io.measureflow.config..",
              "io.measureflow.guice..",
              "io.measureflow.tune..")
          .layer("plots")
          .definedBy("io.measureflow.plots..")
          .layer("lowering")
          .definedBy("io.measureflow.lowering..")
          .layer("simd")
          .definedBy("io.measureflow.simd..")
          .optionalLayer("nd4j")
          .definedBy("io.measureflow.nd4j..")
          .layer("datasets")
          .definedBy("io.measureflow.datasets..")
          .layer("conformance")
          .definedBy("io.measureflow.conformance..")
          .layer("experiments")
          .definedBy("io.measureflow.experiments..")
          .layer("cli")
          .definedBy("io.measureflow.cli..")
          .optionalLayer("tornado")
          .definedBy("io.measureflow.tornado..")
          .optionalLayer("benchmarks")
          .definedBy("io.measureflow.benchmarks..")
          .whereLayer("api")
          .mayNotAccessAnyLayer()
          .whereLayer("core")
          .mayOnlyAccessLayers("api")
          .whereLayer("library")
          .mayOnlyAccessLayers("api", "core")
          .whereLayer("plots")
          .mayNotAccessAnyLayer()
          .whereLayer("lowering")
          .mayOnlyAccessLayers("api")
          .whereLayer("simd")
          .mayOnlyAccessLayers("api", "lowering")
          .whereLayer("nd4j")
          .mayOnlyAccessLayers("api")
          .whereLayer("tornado")
          .mayOnlyAccessLayers("api")
          .whereLayer("datasets")
          .mayOnlyAccessLayers("api")
          .whereLayer("conformance")
          .mayOnlyAccessLayers("api", "core")
          .whereLayer("experiments")
          .mayOnlyAccessLayers("api", "core", "library", "plots")
          .whereLayer("experiments")
          .mayOnlyBeAccessedByLayers("cli", "benchmarks")
          .whereLayer("cli")
          .mayOnlyAccessLayers("api", "core", "library", "plots", "experiments")
          .whereLayer("cli")
          .mayOnlyBeAccessedByLayers("benchmarks")
          .as("Modules depend on each other as the table of the architecture says");

  @ArchTest
  static final ArchRule theApiHasNoDependencies =
      classes()
          .that()
          .resideInAPackage("io.measureflow.api..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(API_AND_JAVA);

  @ArchTest
  static final ArchRule theSimdBackendIsJavaAlone =
      classes()
          .that()
          .resideInAPackage("io.measureflow.simd..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(API_AND_JAVA)
                  .or(
                      resideInAnyPackage(
                          "io.measureflow.simd..",
                          "io.measureflow.lowering..",
                          "jdk.incubator.vector..")));

  @ArchTest
  static final ArchRule arrowStaysInDatasets =
      noClasses()
          .that(not(resideInAPackage("io.measureflow.datasets..")))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.arrow..");

  @ArchTest
  static final ArchRule parquetStaysInDatasets =
      noClasses()
          .that(not(resideInAPackage("io.measureflow.datasets..")))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.hardwood..", "org.apache.parquet..");

  @ArchTest
  static final ArchRule arrowStaysBehindTheContractsOfTheApi =
      noClasses()
          .that()
          .resideInAPackage("io.measureflow..")
          .and(not(resideInAPackage("io.measureflow.datasets..")))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.measureflow.datasets..");

  @ArchTest
  static final ArchRule linearAlgebraStaysBehindTheMeasures =
      noClasses()
          .that(not(resideInAPackage("io.measureflow.core.measures..")))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.ejml..");

  @ArchTest
  static final ArchRule chartsStayBehindThePlots =
      noClasses()
          .that(not(resideInAPackage("io.measureflow.plots..")))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.knowm..");

  @ArchTest
  static final ArchRule theVectorApiStaysInTheSimdBackendAndInBenchmarks =
      noClasses()
          .that(
              not(
                  resideInAnyPackage(
                      "io.measureflow.simd..",
                      "io.measureflow.benchmarks..",
                      "io.measureflow.cli.bench.timing..")))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jdk.incubator.vector..");

  @ArchTest
  static final ArchRule nd4jStaysInItsBackend =
      noClasses()
          .that(not(resideInAPackage("io.measureflow.nd4j..")))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.nd4j..", "org.bytedeco..");

  @ArchTest
  static final ArchRule tornadoVmStaysInItsBackend =
      noClasses()
          .that(not(resideInAPackage("io.measureflow.tornado..")))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("uk.ac.manchester.tornado..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.measureflow.(*..)").should().beFreeOfCycles();

  /** Data may go to standard output where the user names it as the file. */
  @ArchTest
  static final ArchRule onlyTheCommandLinePrints =
      noClasses()
          .that(not(resideInAnyPackage("io.measureflow.cli..", "io.measureflow.benchmarks..")))
          .and()
          .haveNameNotMatching("io\\.measureflow\\.api\\.io\\.PartialFile\\$StandardOutput")
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err");

  @ArchTest
  static final ArchRule onlyTheCommandLineEndsTheProcess =
      noClasses()
          .that(not(resideInAnyPackage("io.measureflow.cli..", "io.measureflow.benchmarks..")))
          .should()
          .callMethod(System.class, "exit", int.class);

  @ArchTest
  static final ArchRule randomnessIsExplicit =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(Random.class)
          .orShould()
          .callMethod(Math.class, "random");

  @ArchTest
  static final ArchRule nothingIsDeserialisedAsCode =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.io.ObjectInputStream");

  @ArchTest
  static final ArchRule injectionIsByConstructor =
      fields()
          .should()
          .notBeAnnotatedWith("jakarta.inject.Inject")
          .andShould()
          .notBeAnnotatedWith("com.google.inject.Inject");
}
