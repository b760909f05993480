package io.measureflow.core.data;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** A dataset from arrays, which are copied to the heap. Immutable; closing it does nothing. */
public final class ArrayDataset implements Dataset {

  private final String name;
  private final Schema schema;
  private final Rows train;
  private final Optional<Rows> test;

  private ArrayDataset(String name, Schema schema, Rows train, Optional<Rows> test) {
    this.name = name;
    this.schema = schema;
    this.train = train;
    this.test = test;
  }

  /**
   * Creates rows with one of several classes each.
   *
   * @param features [rows][d]
   * @param labels [rows]; the classes are 0 to the largest label
   * @throws IllegalArgumentException if the sizes do not match, a feature is not finite, or a label
   *     is negative
   */
  public static ArrayDataset classes(float[][] features, int[] labels) {
    int largest = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0) {
        throw new IllegalArgumentException(
            "Label of row " + i + ": expected a number of at least 0, found " + labels[i]);
      }
      largest = Math.max(largest, labels[i]);
    }
    return classes(
        features, labels, IntStream.rangeClosed(0, largest).mapToObj(String::valueOf).toList());
  }

  /**
   * Creates rows with one of several classes each.
   *
   * @param features [rows][d]
   * @param labels [rows]; the classes are the distinct strings, sorted
   * @throws IllegalArgumentException if the sizes do not fit, or a feature is not finite
   */
  public static ArrayDataset classes(float[][] features, String[] labels) {
    var names = new ArrayList<>(new TreeSet<>(List.of(labels)));
    int[] numbers = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      numbers[i] = names.indexOf(labels[i]);
    }
    return classes(features, numbers, names);
  }

  /**
   * Creates rows with one of several classes each.
   *
   * @param features [rows][d]
   * @param labels [rows], the index of each row's class
   * @param names the name of each class
   * @throws IllegalArgumentException if the sizes do not fit, a feature is not finite, or a label
   *     has no class
   */
  public static ArrayDataset classes(float[][] features, int[] labels, List<String> names) {
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= names.size()) {
        throw new IllegalArgumentException(
            "Label of row "
                + i
                + ": expected a number from 0 to "
                + (names.size() - 1)
                + ", found "
                + labels[i]);
      }
    }
    requireRows(features, labels.length);
    return of(
        matrix("Features", features),
        Optional.of(Tensor.of(Shape.of(labels.length), labels.clone())),
        new Target.Classes(names));
  }

  /**
   * Creates rows with one real target each.
   *
   * @param features [rows][d]
   * @param targets [rows]
   * @throws IllegalArgumentException if the sizes do not fit, or a number is not finite
   */
  public static ArrayDataset real(float[][] features, float[] targets) {
    float[][] columns = new float[targets.length][];
    for (int i = 0; i < targets.length; i++) {
      columns[i] = new float[] {targets[i]};
    }
    return real(features, columns);
  }

  /**
   * Creates rows with several real targets each, named {@code target0, target1, ...}, or {@code
   * target} if there is one.
   *
   * @param features [rows][d]
   * @param targets [rows][p]
   * @throws IllegalArgumentException if the sizes do not fit, or a number is not finite
   */
  public static ArrayDataset real(float[][] features, float[][] targets) {
    requireRows(features, targets.length);
    Tensor matrix = matrix("Targets", targets);
    int width = matrix.shape().dimension(1);
    List<String> names =
        width == 1
            ? List.of("target")
            : IntStream.range(0, width).mapToObj(j -> "target" + j).toList();
    return of(matrix("Features", features), Optional.of(matrix), new Target.Real(names));
  }

  /**
   * Creates rows without labels.
   *
   * @param features [rows][d]
   * @throws IllegalArgumentException if the rows differ in length, or a number is not finite
   */
  public static ArrayDataset rows(float[][] features) {
    return of(matrix("Features", features), Optional.empty(), new Target.None());
  }

  private static ArrayDataset of(Tensor features, Optional<Tensor> targets, Target target) {
    return new ArrayDataset(
        "arrays",
        new Schema(List.of(), features.shape().dimension(1), target, Optional.empty()),
        new Rows(features, targets),
        Optional.empty());
  }

  /** Returns a copy with another name, which identifies the rows in provenance. */
  public ArrayDataset named(String other) {
    return new ArrayDataset(other, schema, train, test);
  }

  /** Returns a copy with names of the features. */
  public ArrayDataset withFeatureNames(String... names) {
    if (names.length != schema.featureCount()) {
      throw new IllegalArgumentException(
          "Feature names: expected " + schema.featureCount() + ", found " + names.length);
    }
    return new ArrayDataset(
        name,
        new Schema(List.of(names), schema.featureCount(), schema.target(), schema.image()),
        train,
        test);
  }

  /**
   * Returns a copy with test rows from another array dataset with the same target.
   *
   * @throws IllegalArgumentException if its rows are of another width or have other targets
   */
  public ArrayDataset withTest(ArrayDataset other) {
    if (other.schema.featureCount() != schema.featureCount()
        || !fits(schema.target(), other.schema.target())) {
      throw new IllegalArgumentException(
          "Test rows: expected "
              + schema.featureCount()
              + " features and the targets "
              + schema.target()
              + ", found "
              + other.schema.featureCount()
              + " and "
              + other.schema.target());
    }
    return new ArrayDataset(name, schema, train, Optional.of(other.train));
  }

  /** Test rows may have fewer classes: not every class needs a test row. */
  private static boolean fits(Target train, Target test) {
    return train.equals(test)
        || (train instanceof Target.Classes(List<String> all)
            && test instanceof Target.Classes(List<String> some)
            && some.size() <= all.size()
            && all.subList(0, some.size()).equals(some));
  }

  private static void requireRows(float[][] features, int expected) {
    if (features.length != expected) {
      throw new IllegalArgumentException(
          "Features: expected "
              + expected
              + " rows, one for each target, found "
              + features.length);
    }
  }

  private static Tensor matrix(String what, float[][] rows) {
    if (rows.length == 0 || rows[0].length == 0) {
      throw new IllegalArgumentException(
          what + ": expected at least one row of at least one number, found none");
    }
    int width = rows[0].length;
    float[] matrix = new float[Math.multiplyExact(rows.length, width)];
    for (int i = 0; i < rows.length; i++) {
      if (rows[i].length != width) {
        throw new IllegalArgumentException(
            what
                + ", row "
                + i
                + ": expected "
                + width
                + " numbers, as in row 0, found "
                + rows[i].length);
      }
      for (int j = 0; j < width; j++) {
        if (!(Math.abs(rows[i][j]) < Float.POSITIVE_INFINITY)) {
          throw new IllegalArgumentException(
              what
                  + ", row "
                  + i
                  + ", column "
                  + j
                  + ": expected a finite number, found "
                  + rows[i][j]);
        }
      }
      System.arraycopy(rows[i], 0, matrix, i * width, width);
    }
    return Tensor.of(Shape.of(rows.length, width), matrix);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public Table train() {
    return train;
  }

  @Override
  public Optional<Table> test() {
    return test.map(Table.class::cast);
  }

  @Override
  public String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(schema.toString().getBytes(StandardCharsets.UTF_8));
      train.addTo(digest);
      test.ifPresent(rows -> rows.addTo(digest));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }

  @Override
  public void close() {}

  /** Rows in memory. */
  private record Rows(Tensor features, Optional<Tensor> targets) implements Table {

    @Override
    public int rows() {
      return features.shape().dimension(0);
    }

    @Override
    public void features(int[] order, int from, Tensor batch) {
      gather(features, order, from, batch);
    }

    @Override
    public void targets(int[] order, int from, Tensor batch) {
      gather(
          targets.orElseThrow(() -> new IllegalStateException("These rows have no targets.")),
          order,
          from,
          batch);
    }

    private static void gather(Tensor source, int[] order, int from, Tensor batch) {
      int rows = batch.shape().dimension(0);
      int width = batch.shape().size() / Math.max(1, rows);
      if (batch.type() == source.type()) {
        long bytes = (long) width * source.type().bytes();
        for (int i = 0; i < rows; i++) {
          MemorySegment.copy(
              source.memory(), order[from + i] * bytes, batch.memory(), i * bytes, bytes);
        }
      } else {
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < width; j++) {
            batch.set((long) i * width + j, source.get((long) order[from + i] * width + j));
          }
        }
      }
    }

    @Override
    public Optional<Tensor> whole() {
      return Optional.of(features);
    }

    private void addTo(MessageDigest digest) {
      add(features, digest);
      targets.ifPresent(tensor -> add(tensor, digest));
    }

    private static void add(Tensor tensor, MessageDigest digest) {
      int size = tensor.shape().size();
      ByteBuffer buffer = ByteBuffer.allocate(1 << 13).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < size; i++) {
        if (buffer.remaining() < Integer.BYTES) {
          digest.update(buffer.flip());
          buffer.clear();
        }
        if (tensor.type() == ElementType.INT32) {
          buffer.putInt((int) tensor.get(i));
        } else {
          buffer.putFloat((float) tensor.get(i));
        }
      }
      digest.update(buffer.flip());
    }
  }
}
