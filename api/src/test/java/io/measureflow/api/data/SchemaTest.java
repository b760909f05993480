package io.measureflow.api.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.measureflow.api.backend.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SchemaTest {

  private static Schema encoded(Encoding.Category... categories) {
    return new Schema(
        List.of("a", "c=x", "c=y", "b"),
        4,
        new Schema.Target.None(),
        Optional.empty(),
        new Encoding(List.of(categories), List.of("b")));
  }

  @Test
  void columnsOfCategoriesAreCountedOnce() {
    var category = new Encoding.Category("c", List.of("x", "y"), 1);
    Schema schema = encoded(category);
    assertEquals(List.of("c=x", "c=y"), category.features());
    assertEquals(List.of("a", "c", "b"), schema.encoding().columns(schema.features()));
    assertEquals(List.of("p", "q"), Encoding.NONE.columns(List.of("p", "q")));
  }

  @Test
  void categoriesBeyondTheFeaturesAreRefused() {
    List<String> two = List.of("x", "y");
    for (int first : new int[] {3, Integer.MAX_VALUE}) {
      assertThrows(
          IllegalArgumentException.class, () -> encoded(new Encoding.Category("c", two, first)));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> encoded(new Encoding.Category("c", two, 1), new Encoding.Category("d", two, 2)));
    assertThrows(
        IllegalArgumentException.class, () -> new Encoding.Category("c", List.of("x", "x"), 1));
    assertThrows(IllegalArgumentException.class, () -> new Encoding.Category("c", two, -1));
  }

  @Test
  void listsAreCopied() {
    var names = new ArrayList<>(List.of("a", "b"));
    var classes = new Schema.Target.Classes(names);
    var real = new Schema.Target.Real(names);
    var schema = new Schema(names, 2, classes, Optional.empty());
    names.clear();
    assertEquals(List.of("a", "b"), classes.names());
    assertEquals(List.of("a", "b"), real.names());
    assertEquals(List.of("a", "b"), schema.features());
  }

  @Test
  void aRequestHasTheDefaultsOfTheCommandLine() {
    var request = DatasetRequest.of("csv", Optional.of(Path.of("x.csv")));
    assertEquals(List.of("label"), request.columns().labels());
    assertEquals(DatasetRequest.Split.NONE, request.split());
    assertEquals(DatasetRequest.Storage.MEMORY, request.storage());
    assertEquals(Precision.FLOAT32, request.precision());
    assertEquals(DatasetRequest.Use.TRAIN, request.use());
    assertEquals(Optional.empty(), request.scaling());
    assertEquals(Optional.empty(), request.test());
  }
}
