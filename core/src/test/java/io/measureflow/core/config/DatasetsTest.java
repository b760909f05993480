package io.measureflow.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.error.InvalidRequestException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DatasetsTest {

  private record Provider(String name) implements DatasetProvider {

    @Override
    public List<Description> descriptions() {
      return List.of(new Description(name, "summary of " + name, "how"));
    }

    @Override
    public Dataset load(DatasetRequest request) {
      throw InvalidRequestException.of(request.name(), "a", "b", "c");
    }
  }

  @Test
  void findsByName() {
    var datasets = new Datasets(List.of(new Provider("a"), new Provider("b")));
    assertEquals("summary of b", datasets.description("b").summary());
    assertEquals(2, datasets.descriptions().size());
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> datasets.load(DatasetRequest.of("c", Optional.empty())));
    assertTrue(error.getMessage().contains("one of a, b"), error.getMessage());
  }

  @Test
  void refusesTwoOfOneName() {
    assertThrows(
        IllegalStateException.class,
        () -> new Datasets(List.of(new Provider("a"), new Provider("a"))));
  }
}
