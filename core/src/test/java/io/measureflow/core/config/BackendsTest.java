package io.measureflow.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Provides;
import com.google.inject.util.Modules;
import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.core.reference.ReferenceBackendProvider;
import io.measureflow.core.training.Trainer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BackendsTest {

  private static RunConfig config(String... settings) {
    return RunConfig.load(
        Optional.empty(),
        settings.length == 0
            ? Map.of()
            : Map.of(settings[0], settings[1], settings[2], settings[3]),
        Set.of("reference"));
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

  private static final Backends BOTH =
      new Backends(Map.of("reference", new ReferenceBackendProvider(), "absent", ABSENT));

  @Test
  void opensTheOneThatIsNamed() {
    try (Backend backend = BOTH.open(config("backend", "reference", "threads", "2").backend())) {
      assertEquals("reference", backend.description().name());
      assertEquals(Precision.FLOAT64, backend.description().precision());
    }
  }

  @Test
  void anUnknownName() {
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> BOTH.open(config("backend", "abacus", "threads", "2").backend()));
    assertTrue(error.getMessage().contains("absent, reference"), error.getMessage());
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
