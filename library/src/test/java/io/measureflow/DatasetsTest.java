package io.measureflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Registry;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DatasetsTest {

  private record Provider(String name, String author) implements DatasetProvider {

    Provider(String name) {
      this(name, "us");
    }

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
    Datasets datasets = datasets(new Provider("a"), new Provider("b"));
    assertEquals("summary of b", datasets.description("b").summary());
    assertEquals(2, datasets.descriptions().size());
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> datasets.load(DatasetRequest.of("c", Optional.empty())));
    assertTrue(error.getMessage().contains("one of a, b"), error.getMessage());
  }

  @Test
  void aNameThatIsTakenStaysWithItsOwner() {
    Registry<DatasetProvider> registry =
        extensions(new Provider("a"), new Provider("a", "them")).of(DatasetProvider.KIND);
    assertEquals(1, registry.byName().size());
    assertEquals(1, registry.faults().size());
    String fault = registry.faults().getFirst().message();
    assertTrue(fault.contains("the name 'a' belongs to"), fault);
    assertTrue(fault.contains(Provider.class.getName()), fault);
  }

  private static Extensions extensions(DatasetProvider... providers) {
    return Extensions.of(ClassLoader.getPlatformClassLoader())
        .with(DatasetProvider.KIND, List.of(providers));
  }

  private static Datasets datasets(DatasetProvider... providers) {
    return Datasets.of(extensions(providers));
  }
}
