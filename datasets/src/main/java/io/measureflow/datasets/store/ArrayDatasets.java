package io.measureflow.datasets.store;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.datasets.io.Hashes;
import io.measureflow.datasets.store.ArrowMemory.Column;
import io.measureflow.datasets.store.ArrowTable.Readiness;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/** Datasets from arrays of a program. The arrays are copied. */
public final class ArrayDatasets {

  private static final long PIECE = 1 << 20;

  private ArrayDatasets() {}

  /**
   * Rows of one of several classes each.
   *
   * @param name what the dataset is called
   * @param features [rows, d], row by row
   * @param labels [rows], the number of each row's class
   * @param classes the name of each class
   * @throws IllegalArgumentException if the sizes do not fit, or a label has no class
   */
  public static Dataset classes(String name, float[] features, int[] labels, List<String> classes) {
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes.size()) {
        throw new IllegalArgumentException(
            "Label "
                + i
                + ": expected a number from 0 to "
                + (classes.size() - 1)
                + ", found "
                + labels[i]);
      }
    }
    return of(
        name,
        features,
        labels.length,
        new Target.Classes(classes),
        ElementType.INT32,
        1,
        MemorySegment.ofArray(labels));
  }

  /**
   * Rows with real targets.
   *
   * @param name what the dataset is called
   * @param features [rows, d], row by row
   * @param targets [rows, p], row by row
   * @param names the name of each of the p targets
   * @throws IllegalArgumentException if the sizes do not fit
   */
  public static Dataset real(String name, float[] features, float[] targets, List<String> names) {
    if (names.isEmpty() || targets.length % names.size() != 0) {
      throw new IllegalArgumentException(
          "Targets: expected a multiple of " + names.size() + ", found " + targets.length);
    }
    return of(
        name,
        features,
        targets.length / names.size(),
        new Target.Real(names),
        ElementType.FLOAT32,
        names.size(),
        MemorySegment.ofArray(targets));
  }

  private static Dataset of(
      String name,
      float[] features,
      int rows,
      Target target,
      ElementType labelType,
      int labelWidth,
      MemorySegment labels) {
    if (rows == 0 || features.length == 0 || features.length % rows != 0) {
      throw new IllegalArgumentException(
          "Features: expected the same number for each of "
              + rows
              + " rows, found "
              + features.length
              + " in all");
    }
    int width = features.length / rows;
    var memory = new ArrowMemory();
    try {
      Column x = memory.column(name + " features", rows, width, ElementType.FLOAT32);
      Column y = memory.column(name + " targets", rows, labelWidth, labelType);
      x.memory().copyFrom(MemorySegment.ofArray(features));
      y.memory().copyFrom(labels);
      String fingerprint = hash(x, y);
      return new ArrowDataset(
          name,
          new Schema(List.of(), width, target, Optional.empty()),
          Scaling.NONE,
          new ArrowTable(x, Optional.of(y), Readiness.ALWAYS),
          Optional.empty(),
          () -> fingerprint,
          memory::close);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  private static String hash(Column x, Column y) {
    MessageDigest digest = Hashes.sha256();
    ByteBuffer sizes = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    digest.update(sizes.putInt(x.rows()).putInt(x.width()).putInt(y.width()).flip());
    for (Column column : List.of(x, y)) {
      long size = column.memory().byteSize();
      for (long from = 0; from < size; from += PIECE) {
        digest.update(column.memory().asSlice(from, Math.min(PIECE, size - from)).asByteBuffer());
      }
    }
    return Hashes.hex(digest);
  }
}
