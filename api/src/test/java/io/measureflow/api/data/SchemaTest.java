package io.measureflow.api.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.measureflow.api.backend.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SchemaTest {

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
