package io.measureflow.datasets.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.datasets.image.DigitsProvider;
import java.util.Optional;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class ArrowLeakCheckTest {

  @Test
  void aBufferThatIsKeptIsNoticed() {
    long before = ArrowAllocations.live();
    try (var allocator = new RootAllocator()) {
      var buffer = allocator.buffer(1000);
      AssertionError error = assertThrows(AssertionError.class, () -> ArrowLeakCheck.check(before));
      assertTrue(String.valueOf(error.getMessage()).contains("not freed"), error::getMessage);
      buffer.close();
    }
    ArrowLeakCheck.check(before);
  }

  @Test
  void theMemoryOfDatasetsIsCounted() {
    long before = ArrowAllocations.live();
    long count = ArrowAllocations.count();
    try (Dataset digits =
        new DigitsProvider().load(DatasetRequest.of("digits", Optional.empty()))) {
      assertTrue(ArrowAllocations.count() > count);
      assertTrue(ArrowAllocations.live() - before >= 4L * 784 * digits.train().rows());
    }
    assertEquals(before, ArrowAllocations.live());
  }
}
