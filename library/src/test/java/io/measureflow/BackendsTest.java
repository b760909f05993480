package io.measureflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Provides;
import com.google.inject.multibindings.Multibinder;
import com.google.inject.util.Modules;
import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Device;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.Schema;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.api.registry.Extensions;
import io.measureflow.config.RunConfig;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.reference.ReferenceBackendProvider;
import io.measureflow.core.training.Trainer;
import io.measureflow.guice.MeasureFlowModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;

class BackendsTest {

  private static RunConfig config(String... settings) {
    return RunConfig.load(
        Optional.empty(),
        settings.length == 0
            ? Map.of()
            : Map.of(settings[0], settings[1], settings[2], settings[3]));
  }

  private static Backends backends(BackendProvider... providers) {
    return Backends.of(
        Extensions.of(ClassLoader.getPlatformClassLoader())
            .with(BackendProvider.KIND, List.of(providers)));
  }

  private static final BackendProvider ABSENT =
      new BackendProvider() {
        @Override
        public String name() {
          return "absent";
        }

        @Override
        public Availability availability() {
          return new Availability.Unavailable("no driver; install one");
        }

        @Override
        public List<Precision> precisions() {
          return List.of(Precision.FLOAT32);
        }

        @Override
        public Backend open(BackendSettings settings) {
          throw new AssertionError("not to be opened");
        }
      };

  private static final Backends BOTH = backends(ABSENT, new ReferenceBackendProvider());

  @Test
  void opensTheOneThatIsNamed() {
    try (Backend backend = BOTH.open(config("backend", "reference", "threads", "2").backend())) {
      assertEquals("reference", backend.description().name());
      assertEquals(Precision.FLOAT64, backend.description().precision());
    }
  }

  /** A setting that does nothing says so. */
  @Test
  void threadsThatHaveNoEffect() {
    String line =
        logged(() -> BOTH.open(config("backend", "reference", "threads", "7").backend()).close())
            .getFirst();
    assertTrue(line.contains("1 thread (threads = 7 has no effect here)"), line);
    String unset =
        logged(() -> BOTH.open(config("backend", "reference", "threads", "auto").backend()).close())
            .getFirst();
    assertTrue(unset.contains("1 thread, "), unset);
  }

  @Test
  void anUnknownName() {
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> BOTH.open(config("backend", "abacus", "threads", "2").backend()));
    assertTrue(error.getMessage().contains("absent, nd4j, reference"), error.getMessage());
    assertTrue(error.getMessage().contains("'abacus'"), error.getMessage());
    assertTrue(error.getMessage().contains("the command line"), error.getMessage());
  }

  @Test
  void oneThatIsNotAvailable() {
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> BOTH.open(config("backend", "absent", "threads", "2").backend()));
    assertTrue(error.getMessage().contains("no driver; install one"), error.getMessage());
  }

  @Test
  void aPrecisionThatItDoesNotHave() {
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> BOTH.open(config("backend", "reference", "precision", "float32").backend()));
    assertTrue(
        error.getMessage().contains("expected one of float64, found float32"), error.getMessage());
  }

  /** What is logged about the backend reference meanwhile. */
  private static List<String> logged(Runnable action) {
    var logged = new ArrayList<String>();
    var handler =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            logged.add(new SimpleFormatter().formatMessage(entry));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger log = Logger.getLogger(Backends.class.getName());
    log.addHandler(handler);
    try {
      action.run();
    } finally {
      log.removeHandler(handler);
    }
    return logged.stream().filter(line -> line.startsWith("backend reference")).toList();
  }

  @Test
  void autoTakesTheFirstThatIsThereAndSaysWhyNotTheOthers() {
    List<String> logged =
        logged(
            () -> {
              try (Backend backend =
                  BOTH.open(
                      config(
                              "backend",
                              "auto",
                              "auto-backends",
                              "abacus, absent, reference:gpu, reference")
                          .backend())) {
                assertEquals("reference", backend.description().name());
              }
            });
    assertEquals(1, logged.size(), logged.toString());
    String line = logged.getFirst();
    assertTrue(line.contains("auto, set by the command line"), line);
    assertTrue(line.contains("abacus: there is no such backend"), line);
    assertTrue(line.contains("absent: no driver; install one"), line);
    assertTrue(line.contains("reference:gpu: it has no device of kind gpu here"), line);
  }

  @Test
  void autoPassesOverABackendThatFailsToOpen() {
    var backends = backends(broken(), new ReferenceBackendProvider());
    try (Backend backend =
        backends.open(config("backend", "auto", "auto-backends", "broken,reference").backend())) {
      assertEquals("reference", backend.description().name());
    }
    var error =
        assertThrows(
            RunFailedException.class,
            () -> backends.open(config("backend", "broken", "threads", "1").backend()),
            "one that is named is never replaced");
    assertEquals("the device was lost", error.getMessage());
  }

  private static BackendProvider broken() {
    return new BackendProvider() {
      @Override
      public String name() {
        return "broken";
      }

      @Override
      public Availability availability() {
        return new Availability.Available(
            "1", List.of(new Device("0", Device.Kind.GPU, "a card", 0, 1)));
      }

      @Override
      public List<Precision> precisions() {
        return List.of(Precision.FLOAT32);
      }

      @Override
      public Backend open(BackendSettings settings) {
        throw new RunFailedException("the device was lost");
      }
    };
  }

  @Test
  void autoWithoutAnyCandidateThatWorks() {
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> BOTH.open(config("backend", "auto", "auto-backends", "absent").backend()));
    assertTrue(error.getMessage().contains("absent: no driver; install one"), error.getMessage());
    assertTrue(error.getMessage().contains("auto-backends"), error.getMessage());
  }

  @Test
  void aCandidateOfAnUnknownKind() {
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> config("backend", "auto", "auto-backends", "reference:abacus"));
    assertTrue(error.getMessage().contains("gpu"), error.getMessage());
    assertTrue(error.getMessage().contains("'reference:abacus'"), error.getMessage());
  }

  @Test
  void aRunIsKeptWithTheBackendThatAutoTook() {
    RunConfig config = config("backend", "auto", "auto-backends", "reference");
    try (Backend backend = BOTH.open(config.backend())) {
      ModelSpec spec = config.model().spec(Extensions.onClassPath(), Shape.of(3), 2);
      RunConfig kept =
          config.resolved(
              spec,
              config
                  .training()
                  .settings(
                      Extensions.onClassPath(),
                      spec,
                      new Schema.Target.Classes(List.of("a", "b")),
                      1),
              backend.description(),
              Extensions.onClassPath());
      assertEquals("reference", kept.backend().name());
    }
  }

  @Test
  void aBackendThatThisBuildLacksSaysWhatToInstall() {
    var error =
        assertThrows(
            InvalidRequestException.class,
            () ->
                Backends.onClassPath()
                    .open(config("backend", "tornado", "threads", "1").backend()));
    assertEquals(3, error.getMessage().lines().count(), error.getMessage());
    assertTrue(error.getMessage().contains("Install TornadoVM"), error.getMessage());
    assertTrue(error.getMessage().contains("TORNADOVM_HOME"), error.getMessage());
  }

  @Test
  void theModuleWiresATrainer() {
    var injector =
        Guice.createInjector(new MeasureFlowModule(config("backend", "reference", "threads", "1")));
    try (Backend backend = injector.getInstance(Backend.class)) {
      assertEquals("reference", backend.description().name());
      assertEquals(backend, injector.getInstance(Backend.class));
      assertTrue(injector.getInstance(Trainer.class) != null);
    }
  }

  @Test
  void aUserAddsABackendAndAFamilyByName() {
    var family =
        new Family() {
          @Override
          public String name() {
            return "ring";
          }

          @Override
          public List<ParameterSpec> parameters(ComponentSize size) {
            return Families.DIRAC.parameters(size);
          }

          @Override
          public Value output(Operands operands) {
            return Families.DIRAC.output(operands);
          }
        };
    RunConfig config =
        RunConfig.load(
            Optional.empty(), Map.of("backend", "mine", "mine.tile", "8", "model.family", "ring"));
    var settings = new ArrayList<BackendSettings>();
    var injector =
        Guice.createInjector(
            new MeasureFlowModule(config),
            binder -> {
              Multibinder.newSetBinder(binder, BackendProvider.class)
                  .addBinding()
                  .toInstance(new Recording(settings));
              Multibinder.newSetBinder(binder, Family.class).addBinding().toInstance(family);
            });
    try (Backend backend = injector.getInstance(Backend.class)) {
      assertEquals("reference", backend.description().name(), "which Recording opens");
      assertEquals(Map.of("tile", "8"), settings.getFirst().section());
      Extensions extensions = injector.getInstance(Extensions.class);
      ModelSpec spec = config.model().spec(extensions, Shape.of(3), 2);
      assertEquals(family, ((MixtureLayer) spec.layers().getFirst()).family());
      assertTrue(extensions.of(Family.KIND).names().contains("diagonal"));
    }
  }

  /** The reference backend under another name, which records how it is opened. */
  private record Recording(List<BackendSettings> opened) implements BackendProvider {
    @Override
    public String name() {
      return "mine";
    }

    @Override
    public Availability availability() {
      return new ReferenceBackendProvider().availability();
    }

    @Override
    public List<Precision> precisions() {
      return List.of(Precision.FLOAT64);
    }

    @Override
    public Backend open(BackendSettings settings) {
      opened.add(settings);
      return new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
    }
  }

  @Test
  void aUserCanPutABackendInItsPlace() {
    try (Backend own =
        new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64))) {
      var injector =
          Guice.createInjector(
              Modules.override(new MeasureFlowModule(RunConfig.defaults()))
                  .with(
                      new AbstractModule() {
                        @Provides
                        Backend backend() {
                          return own;
                        }
                      }));
      assertEquals(own, injector.getInstance(Backend.class));
    }
  }
}
