package io.measureflow.datasets;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import io.measureflow.fuzzing.FuzzTarget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;

/** The loaders, each with small valid files. A new loader is a line in {@link #all}. */
final class FuzzTargets {

  private static final int IDX_ROWS = 3;
  private static final int BATCH = 256;

  private FuzzTargets() {}

  static List<FuzzTarget> all() {
    return List.of(
        idx("idx-images", images(), "train-images-idx3-ubyte").dressed(Fixtures::gzip),
        idx("idx-labels", labels(), "train-labels-idx1-ubyte").dressed(Fixtures::gzip),
        idx("idx-gz", gzipped(images()), "train-images-idx3-ubyte"),
        table(
            "csv", csv(), ",", "\n", "\"", "\r", "label", "NaN", "1e999", "é", "\uFEFF", " ", "-"),
        table("csv", "csv-gz", gzipped(csv())),
        table("parquet", parquet(), "PAR1", "\u0015\u0000", "\u0019\u001c", "label"),
        table("arrow", "arrow-file", arrow(false), "ARROW1", "\u00ff\u00ff\u00ff\u00ff", "label"),
        table("arrow", "arrow-stream", arrow(true), "\u00ff\u00ff\u00ff\u00ff", "label"));
  }

  // ---- how they are read ----

  private static FuzzTarget table(String format, List<byte[]> corpus, String... tokens) {
    return table(format, format, corpus, tokens);
  }

  private static FuzzTarget table(
      String format, String name, List<byte[]> corpus, String... tokens) {
    return FuzzTarget.of(
        name,
        corpus,
        List.of(tokens),
        (folder, input) -> {
          Path file = Files.write(folder.resolve("fuzzed." + format), input);
          int hash = Arrays.hashCode(input);
          boolean train = (hash & 1) == 0;
          return read(
              new TableProvider(),
              DatasetRequest.of(format, Optional.of(file))
                  // Its corpus has numbers beyond float32.
                  .withPrecision(
                      (hash & 8) == 0 && !format.equals("parquet")
                          ? Precision.FLOAT32
                          : Precision.FLOAT64)
                  .withUse(train ? Use.TRAIN : Use.PREDICT));
        });
  }

  /** One of four files is fuzzed; the others are as they should be. */
  private static FuzzTarget idx(String target, List<byte[]> corpus, String name) {
    return FuzzTarget.of(
        target,
        corpus,
        List.of("\u001f\u008b", "\u0000\u0000\u0008"),
        (folder, input) -> {
          Path mnist = Files.createDirectories(folder.resolve("mnist"));
          for (String split : List.of("train", "t10k")) {
            write(mnist, split + "-images-idx3-ubyte", name, images().getFirst());
            write(mnist, split + "-labels-idx1-ubyte", name, labels().getFirst());
          }
          Files.write(mnist.resolve(name), input);
          return read(new IdxProvider(), DatasetRequest.of("mnist", Optional.of(mnist)));
        });
  }

  private static void write(Path folder, String name, String fuzzed, byte[] valid)
      throws IOException {
    Path file = folder.resolve(name);
    // The file may be there from another target.
    if (!name.equals(fuzzed)
        && !(Files.exists(file) && Arrays.equals(valid, Files.readAllBytes(file)))) {
      Files.write(file, valid);
    }
  }

  /** Loads a dataset and reads every row of it. */
  private static String read(DatasetProvider provider, DatasetRequest request) {
    try (Dataset dataset = provider.load(request)) {
      int width = dataset.schema().featureCount();
      int rows = 0;
      for (Table table :
          Stream.concat(Stream.of(dataset.train()), dataset.test().stream()).toList()) {
        rows += table.rows();
        int[] order = Fixtures.inOrder(table);
        for (int from = 0; from < order.length; from += BATCH) {
          int count = Math.min(BATCH, order.length - from);
          table.features(order, from, Tensor.zeros(Shape.of(count, width), ElementType.FLOAT32));
          targets(dataset, count)
              .ifPresent(batch -> table.targets(order, order.length - count, batch));
        }
      }
      return Integer.numberOfLeadingZeros(rows)
          + " "
          + Math.min(width, 16)
          + " "
          + dataset.schema().target().getClass().getSimpleName();
    }
  }

  private static Optional<Tensor> targets(Dataset dataset, int count) {
    return switch (dataset.schema().target()) {
      case Target.Classes classes -> Optional.of(Tensor.zeros(Shape.of(count), ElementType.INT32));
      case Target.Real(List<String> names) ->
          Optional.of(Tensor.zeros(Shape.of(count, names.size()), ElementType.FLOAT32));
      case Target.None none -> Optional.empty();
    };
  }

  // ---- valid files ----

  private static List<byte[]> images() {
    byte[] pixels = new byte[IDX_ROWS * 28 * 28];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i % 28 * 9);
    }
    return List.of(
        Fixtures.idx(new int[] {IDX_ROWS, 28, 28}, pixels),
        Fixtures.idx(new int[] {IDX_ROWS, 28, 28}, new byte[pixels.length]));
  }

  private static List<byte[]> labels() {
    return List.of(
        Fixtures.idx(new int[] {IDX_ROWS}, new byte[] {3, 0, 9}),
        Fixtures.idx(new int[] {IDX_ROWS}, new byte[] {1, 1, 1}));
  }

  private static List<byte[]> gzipped(List<byte[]> corpus) {
    return corpus.stream().map(Fixtures::gzip).toList();
  }

  private static List<byte[]> csv() {
    return Stream.of(
            "x,y,label\n1,2,0\n-3.5e2,0.25,1\n1e-3,7,2\n",
            "a,name,label,b\r\n0.1,\"x, \"\"y\"\"\",red,-2.5e-3\r\n1e30,z,blue, 7 \r\n",
            "\uFEFFlabel,x\n1.5,2\n-3e2,3\n\n",
            "\"label\",\"ä b\"\n\"long\nlabel\",250\n\"other\",17\n",
            "label,p0,p1,p2,p3,p4,p5,p6,p7\n" + "1,2,3,4,5,6,7,8,9\n".repeat(9))
        .map(text -> text.getBytes(UTF_8))
        .toList();
  }

  /** Files of pyarrow, and one of this project's own writer. */
  private static List<byte[]> parquet() {
    return Stream.of(
            "parquet/types-none.parquet",
            "parquet/types-snappy.parquet",
            "parquet/types-gzip.parquet",
            "parquet/types-zstd.parquet",
            "parquet/types-pages2.parquet")
        .map(name -> resource(Path.of("src", "test", "resources", name)))
        .toList();
  }

  private static byte[] resource(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<byte[]> arrow(boolean stream) {
    try (BufferAllocator allocator = new RootAllocator();
        var x = new Float8Vector("x", allocator);
        var y = new Float4Vector("y", allocator);
        var big = new BigIntVector("big", allocator);
        var small = new UInt1Vector("small", allocator);
        var label = new VarCharVector("label", allocator);
        var values = new VarCharVector("values", allocator)) {
      for (int i = 0; i < 3; i++) {
        x.setSafe(i, 0.25 + i);
        y.setSafe(i, -2f * i);
        big.setSafe(i, 1L << (30 + i));
        small.setSafe(i, 100 * i);
        label.setSafe(i, (i == 1 ? "ape" : "zebra").getBytes(UTF_8));
      }
      label.setValueCount(3);
      values.setSafe(0, "zebra".getBytes(UTF_8));
      values.setSafe(1, "ape".getBytes(UTF_8));
      values.setValueCount(2);
      var dictionary = new Dictionary(values, new DictionaryEncoding(1, false, null));
      try (var encoded = (FieldVector) DictionaryEncoder.encode(label, dictionary)) {
        return List.of(
            arrow(stream, List.of(x, label), new DictionaryProvider.MapDictionaryProvider()),
            arrow(
                stream,
                List.of(y, big, small, encoded),
                new DictionaryProvider.MapDictionaryProvider(dictionary)));
      }
    }
  }

  /** Two batches of three rows. */
  private static byte[] arrow(
      boolean stream, List<FieldVector> vectors, DictionaryProvider dictionaries) {
    vectors.forEach(vector -> vector.setValueCount(3));
    var bytes = new ByteArrayOutputStream();
    // Not closed: the vectors are not its own.
    @SuppressWarnings("resource")
    var root = new VectorSchemaRoot(vectors);
    root.setRowCount(3);
    var channel = Channels.newChannel(bytes);
    try (ArrowWriter writer =
        stream
            ? new ArrowStreamWriter(root, dictionaries, channel)
            : new ArrowFileWriter(root, dictionaries, channel)) {
      writer.start();
      writer.writeBatch();
      writer.writeBatch();
      writer.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
