package io.measureflow.datasets.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Dates;
import io.measureflow.api.data.DatasetRequest.Header;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.DatasetRequest.Storage;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import io.measureflow.datasets.image.CifarProvider;
import io.measureflow.datasets.image.IdxProvider;
import io.measureflow.datasets.image.ImageFolderProvider;
import io.measureflow.datasets.table.TableProvider;
import io.measureflow.datasets.testing.Fixtures;
import io.measureflow.fuzzing.FuzzTarget;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
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
        table("arrow", "arrow-stream", arrow(true), "\u00ff\u00ff\u00ff\u00ff", "label"),
        stored("parquet", Storage.Kind.STREAM, parquet(), "PAR1", "\u0015\u0000", "\u0019\u001c"),
        stored("parquet", Storage.Kind.CACHE, parquet(), "PAR1", "\u0015\u0000", "\u0019\u001c"),
        stored("arrow", Storage.Kind.STREAM, arrow(false), "ARROW1", "\u00ff\u00ff\u00ff\u00ff"),
        stored("arrow", Storage.Kind.CACHE, arrow(false), "ARROW1", "\u00ff\u00ff\u00ff\u00ff"),
        cacheFile(),
        headerless(),
        cifar("cifar10", 1).dressed(Fixtures::gzip),
        cifar("cifar100", 2).dressed(Fixtures::gzip),
        images("png", "IHDR", "IDAT", "PLTE", "tRNS", "iCCP", "\u0000\u0000\u0000\u0000")
            .dressed(FuzzTargets::withChecksums),
        images(
            "jpg", "\u00ff\u00c0", "\u00ff\u00c4", "\u00ff\u00da", "\u00ff\u00d9", "\u00ff\u00fe"));
  }

  // ---- how files are read ----

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
                  // The corpus has numbers beyond float32.
                  .withPrecision(
                      (hash & 8) == 0 && !format.equals("parquet")
                          ? Precision.FLOAT32
                          : Precision.FLOAT64)
                  .withColumns(
                      DatasetRequest.Columns.DEFAULT
                          .withDates((hash & 2) == 0 ? Dates.NUMBER : Dates.LEAVE_OUT)
                          .withMissing((hash & 4) == 0 ? Missing.AUTO : Missing.REFUSE))
                  .withUse(train ? Use.TRAIN : Use.PREDICT));
        });
  }

  /** Fuzzes one of four files; the others are valid. */
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

  private static FuzzTarget headerless() {
    return FuzzTarget.of(
        "csv-headerless",
        Stream.of(
                "1,2,0\n3,4,1\n-5.5,6e3,0\n",
                "0.5,-1,red\n\"1\",2e-3,blue\n",
                "1.5,2.5\n3.5,-4.5\n")
            .map(text -> text.getBytes(UTF_8))
            .toList(),
        List.of(",", "\n", "\"", "\r", "NaN", "1e999", "\u00ef\u00bb\u00bf", "-"),
        (folder, input) -> {
          Path file = Files.write(folder.resolve("headerless.csv"), input);
          Missing[] rules = Missing.values();
          return read(
              new TableProvider(),
              DatasetRequest.of("csv", Optional.of(file))
                  .withColumns(
                      DatasetRequest.Columns.DEFAULT
                          .withLabels("-1")
                          .withHeader(Header.FALSE)
                          .withMissing(
                              rules[Math.floorMod(Arrays.hashCode(input), rules.length)])));
        });
  }

  /** Tables that are streamed or cached. */
  private static FuzzTarget stored(
      String format, Storage.Kind kind, List<byte[]> corpus, String... tokens) {
    return FuzzTarget.of(
        format + (kind == Storage.Kind.STREAM ? "-streamed" : "-cached"),
        corpus,
        List.of(tokens),
        (folder, input) -> {
          Path cache = emptied(folder.resolve("cache"));
          Path file = Files.write(folder.resolve("stored." + format), input);
          int hash = Arrays.hashCode(input);
          return read(
              new TableProvider(),
              DatasetRequest.of(format, Optional.of(file))
                  .withPrecision(Precision.FLOAT64)
                  .withColumns(
                      DatasetRequest.Columns.DEFAULT.withMissing(
                          (hash & 4) == 0 ? Missing.DROP : Missing.REFUSE))
                  .withStorage(new Storage(kind, Optional.of(cache), OptionalInt.of(2)))
                  .withUse((hash & 1) == 0 ? Use.TRAIN : Use.PREDICT));
        });
  }

  private static Path emptied(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    return folder;
  }

  /** Returns a damaged cache file. */
  private static FuzzTarget cacheFile() {
    return FuzzTarget.of(
        "cache-file",
        cacheFiles(),
        List.of(
            "ARROW1", "\u00ff\u00ff\u00ff\u00ff", "measureflow.", "feature.", "class.", "batch"),
        (folder, input) -> {
          Path source = folder.resolve("source.csv");
          Path cache = folder.resolve("damaged");
          if (!Files.exists(source)) {
            Files.write(source, csv().getFirst());
          }
          DatasetRequest request = cached(source, cache);
          Files.write(onlyFile(request, cache), input);
          return read(new TableProvider(), request);
        });
  }

  private static List<byte[]> cacheFiles() {
    try {
      Path folder = Files.createTempDirectory("cache-files");
      List<byte[]> corpus = new ArrayList<>();
      for (byte[] text : List.of(csv().getFirst(), csv().get(2), csv().get(4), csv().get(5))) {
        Path source = Files.write(folder.resolve("source.csv"), text);
        Path cache = emptied(folder.resolve("cache"));
        corpus.add(Files.readAllBytes(onlyFile(cached(source, cache), cache)));
      }
      emptied(folder.resolve("cache"));
      Files.delete(folder.resolve("cache"));
      emptied(folder);
      Files.delete(folder);
      return corpus;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DatasetRequest cached(Path source, Path cache) {
    return DatasetRequest.of("csv", Optional.of(source))
        .withStorage(new Storage(Storage.Kind.CACHE, Optional.of(cache), OptionalInt.empty()));
  }

  /** Returns the file of a cache, created if necessary. */
  private static Path onlyFile(DatasetRequest request, Path cache) throws IOException {
    Files.createDirectories(cache);
    for (int i = 0; i < 2; i++) {
      try (Stream<Path> files = Files.list(cache)) {
        Optional<Path> file = files.findFirst();
        if (file.isPresent()) {
          return file.get();
        }
      }
      new TableProvider().load(request).close();
    }
    throw new IllegalStateException("no cache was made in " + cache);
  }

  private static FuzzTarget cifar(String name, int labels) {
    byte[] records = new byte[2 * (labels + 3072)];
    for (int i = 0; i < records.length; i++) {
      records[i] = (byte) (i % 10);
    }
    return FuzzTarget.of(
        name,
        List.of(records, Arrays.copyOf(records, records.length / 2)),
        List.of("\u001f\u008b"),
        (folder, input) -> {
          Path files = emptied(folder.resolve(name));
          boolean compressed = input.length > 1 && input[0] == 0x1f && (input[1] & 0xff) == 0x8b;
          String file = name.equals("cifar10") ? "data_batch_1.bin" : "train.bin";
          Files.write(files.resolve(compressed ? file + ".gz" : file), input);
          return read(new CifarProvider(), DatasetRequest.of(name, Optional.of(files)));
        });
  }

  private static FuzzTarget images(String format, String... tokens) {
    List<byte[]> corpus =
        Stream.of(
                BufferedImage.TYPE_BYTE_GRAY,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_BYTE_BINARY,
                BufferedImage.TYPE_BYTE_INDEXED)
            .filter(
                type ->
                    format.equals("png")
                        || type == BufferedImage.TYPE_BYTE_GRAY
                        || type == BufferedImage.TYPE_3BYTE_BGR)
            .map(type -> image(format, type))
            .toList();
    return FuzzTarget.of(
        "images-" + format,
        corpus,
        List.of(tokens),
        (folder, input) -> {
          Path files = folder.resolve("images-" + format);
          Files.write(Files.createDirectories(files.resolve("a")).resolve("1." + format), input);
          return read(new ImageFolderProvider(), DatasetRequest.of("images", Optional.of(files)));
        });
  }

  private static byte[] image(String format, int type) {
    var image = new BufferedImage(6, 5, type);
    for (int i = 0; i < 30; i++) {
      image.setRGB(i % 6, i / 6, i * 0x081503);
    }
    var bytes = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, bytes)) {
        throw new IllegalStateException("no writer for " + format);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Recomputes the checksums of the chunks of a PNG. */
  private static byte[] withChecksums(byte[] png) {
    ByteBuffer bytes = ByteBuffer.wrap(png.clone());
    int at = 8;
    while (at + 12 <= png.length) {
      int length = bytes.getInt(at);
      if (length < 0 || length > png.length - at - 12) {
        break;
      }
      var checksum = new CRC32();
      checksum.update(bytes.array(), at + 4, length + 4);
      bytes.putInt(at + 8 + length, (int) checksum.getValue());
      at += 12 + length;
    }
    return bytes.array();
  }

  private static void write(Path folder, String name, String fuzzed, byte[] valid)
      throws IOException {
    Path file = folder.resolve(name);
    // The file may exist from another target.
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
            "label,p0,p1,p2,p3,p4,p5,p6,p7\n" + "1,2,3,4,5,6,7,8,9\n".repeat(9),
            "when,label,x,kind\n2026-11-30,1,5,a\n2026-11-30T07:30:15.25+01:00,2,6,NA\nNA,1,7,b\n")
        .map(text -> text.getBytes(UTF_8))
        .toList();
  }

  /** Files of pyarrow, and one of our own writer. */
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
    // Not closed: it does not own the vectors.
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
