package io.measureflow.datasets.cache;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.arrow.ArrowFrames;
import io.measureflow.datasets.arrow.ReaderMemory;
import io.measureflow.datasets.io.Hashes;
import io.measureflow.datasets.io.SourceFiles;
import io.measureflow.datasets.store.ArrowDataset;
import io.measureflow.datasets.store.ArrowMemory.Column;
import io.measureflow.datasets.store.ArrowTable;
import io.measureflow.datasets.store.ArrowTable.Readiness;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;

/**
 * Datasets as Arrow IPC files that are mapped into memory: made once from each source, read from
 * then on by any number of processes, whatever their size. A file is known by the paths, sizes and
 * times of its sources and by the options that decide its content.
 */
public final class ArrowCache {

  private static final String VERSION = "1";
  private static final String PREFIX = "measureflow.";
  private static final int CONTINUATION = -1;
  private static final long SLACK = 1 << 24;

  private ArrowCache() {}

  /**
   * The files of a dataset.
   *
   * @param train its training rows; where this file is, all is there
   * @param test its test rows, if it has any
   */
  public record CacheFiles(Path train, Path test) {}

  /** Makes the files; the training rows last. */
  @FunctionalInterface
  public interface Maker {
    /** Makes the files of a dataset with this fingerprint. */
    void make(String fingerprint, CacheFiles files);
  }

  /**
   * What a file says of itself.
   *
   * @param type how features are kept
   * @param fingerprint the hash of the source
   * @param tested whether there are test rows
   */
  public record Content(
      Schema schema, Scaling scaling, ElementType type, String fingerprint, boolean tested) {

    int labelWidth() {
      return switch (schema.target()) {
        case Target.Classes classes -> 1;
        case Target.Real(List<String> names) -> names.size();
        case Target.None none -> 0;
      };
    }

    ElementType labelType() {
      return schema.target() instanceof Target.Classes ? ElementType.INT32 : type;
    }

    org.apache.arrow.vector.types.pojo.Schema arrowSchema(int batchRows) {
      var metadata = new LinkedHashMap<String, String>();
      metadata.put(PREFIX + "cache", VERSION);
      metadata.put(PREFIX + "fingerprint", fingerprint);
      metadata.put(PREFIX + "scaling", scaling.name());
      metadata.put(PREFIX + "tested", String.valueOf(tested));
      metadata.put(PREFIX + "batch", String.valueOf(batchRows));
      schema
          .image()
          .ifPresent(
              image ->
                  metadata.put(
                      PREFIX + "image",
                      image.channels() + "x" + image.height() + "x" + image.width()));
      names(metadata, "feature", schema.features());
      switch (schema.target()) {
        case Target.Classes(List<String> names) -> names(metadata, "class", names);
        case Target.Real(List<String> names) -> names(metadata, "target", names);
        case Target.None none -> {}
      }
      var fields = new ArrayList<Field>();
      fields.add(lists("features", type, schema.featureCount()));
      switch (schema.target()) {
        case Target.Classes classes ->
            fields.add(
                new Field("label", FieldType.notNullable(new ArrowType.Int(32, true)), null));
        case Target.Real real -> fields.add(lists("targets", type, labelWidth()));
        case Target.None none -> {}
      }
      return new org.apache.arrow.vector.types.pojo.Schema(fields, metadata);
    }

    private static Field lists(String name, ElementType type, int width) {
      var element =
          new ArrowType.FloatingPoint(
              type == ElementType.FLOAT64
                  ? FloatingPointPrecision.DOUBLE
                  : FloatingPointPrecision.SINGLE);
      return new Field(
          name,
          FieldType.notNullable(new ArrowType.FixedSizeList(width)),
          List.of(new Field("item", FieldType.notNullable(element), null)));
    }

    private static void names(Map<String, String> metadata, String kind, List<String> names) {
      for (int i = 0; i < names.size(); i++) {
        metadata.put(PREFIX + kind + "." + i, names.get(i));
      }
    }
  }

  /**
   * Opens a dataset, and makes its files first where they are not there.
   *
   * @param sources the files that it is made from
   */
  public static Dataset open(DatasetRequest request, List<Path> sources, Maker maker) {
    Path folder = request.storage().folder().orElseGet(ArrowCache::usualFolder);
    CacheFiles files = files(folder, request, sources);
    if (!Files.isRegularFile(files.train)) {
      try {
        Files.createDirectories(folder);
      } catch (IOException e) {
        throw new InvalidRequestException(
            folder
                + ": expected a folder for caches, found that it cannot be made ("
                + e.getMessage()
                + "). Name another with dataset.cache.",
            e);
      }
      maker.make(fingerprint(request, sources), files);
    }
    return map(request, files);
  }

  /** As {@link #open}, for loaders that have all rows in memory first. */
  public static Dataset open(
      DatasetRequest request, List<Path> sources, Supplier<? extends Dataset> inMemory) {
    return open(
        request,
        sources,
        (fingerprint, files) -> {
          try (Dataset dataset = inMemory.get()) {
            var content =
                new Content(
                    dataset.schema(),
                    dataset.preprocessing().scaling(),
                    request.precision().elementType(),
                    dataset.fingerprint(),
                    dataset.test().isPresent());
            dataset.test().ifPresent(rows -> write(files.test, content, rows));
            write(files.train, content, dataset.train());
          }
        });
  }

  private static void write(Path file, Content content, Table rows) {
    try (var writer = new ArrowCacheWriter(file, content)) {
      writer.append(rows);
      writer.commit();
    }
  }

  private static Path usualFolder() {
    String caches = System.getenv("XDG_CACHE_HOME");
    Path root =
        caches == null || caches.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(caches);
    return root.resolve("measureflow");
  }

  private static CacheFiles files(Path folder, DatasetRequest request, List<Path> sources) {
    MessageDigest digest = Hashes.sha256();
    update(digest, VERSION + " " + options(request));
    for (Path source : sources) {
      try {
        update(
            digest,
            source.toRealPath()
                + " "
                + Files.size(source)
                + " "
                + Files.getLastModifiedTime(source));
      } catch (IOException e) {
        throw SourceFiles.unreadable(source, e);
      }
    }
    String key = request.name() + "-" + Hashes.hex(digest).substring(0, 32);
    return new CacheFiles(folder.resolve(key + ".arrow"), folder.resolve(key + "-test.arrow"));
  }

  private static void update(MessageDigest digest, String text) {
    digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** What of a request decides the content of its rows. */
  private static String options(DatasetRequest request) {
    return String.join(
        "\n",
        String.join("\n", request.columns().labels()),
        String.valueOf(request.columns().header()),
        String.valueOf(request.columns().missing()),
        String.valueOf(request.columns().target()),
        String.valueOf(request.scaling()),
        String.valueOf(request.precision()),
        String.valueOf(request.use()),
        request
            .preprocessing()
            .map(earlier -> earlier.features() + " " + earlier.target())
            .orElse(""));
  }

  /** A hash of the bytes of the files and of what decides how they are read. */
  public static String fingerprint(DatasetRequest request, List<Path> sources) {
    MessageDigest digest = Hashes.sha256();
    byte[] buffer = new byte[1 << 16];
    for (Path file : sources) {
      try (InputStream in = Files.newInputStream(file)) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          digest.update(buffer, 0, n);
        }
      } catch (IOException e) {
        throw SourceFiles.unreadable(file, e);
      }
    }
    DatasetRequest.Columns columns = request.columns();
    update(
        digest,
        String.join("\n", columns.labels())
            + "\n"
            + columns.header()
            + " "
            + columns.missing()
            + " "
            + columns.target());
    return Hashes.hex(digest);
  }

  // ---- reading ----

  private static Dataset map(DatasetRequest request, CacheFiles files) {
    var memory = new MappedMemory();
    try {
      Mapped train = new Mapped(files.train, memory.arena);
      Content content = train.content();
      Optional<Table> test =
          content.tested
              ? Optional.of(test(files.test, memory.arena, content).table(request))
              : Optional.empty();
      return new ArrowDataset(
          request.name(),
          content.schema,
          content.scaling,
          train.table(request),
          test,
          () -> content.fingerprint,
          memory::close);
    } catch (IOException | RuntimeException e) {
      memory.close();
      throw new InvalidRequestException(
          files.train
              + ": expected a cache file of MeasureFlow, found something else ("
              + e.getMessage()
              + "). Delete it, and it will be made again.",
          e);
    }
  }

  private static Mapped test(Path file, Arena arena, Content train) throws IOException {
    var test = new Mapped(file, arena);
    Content content = test.content();
    if (!content.schema.equals(train.schema) || content.type != train.type) {
      throw new IOException("test rows with other columns in " + file);
    }
    return test;
  }

  /** What is mapped for one dataset. */
  private static final class MappedMemory implements AutoCloseable {

    private final Arena arena = Arena.ofShared();

    @Override
    public void close() {
      if (arena.scope().isAlive()) {
        arena.close();
      }
    }
  }

  /** A file that is mapped, with the places of its columns. */
  private static final class Mapped {

    private final MemorySegment memory;
    private final Map<String, String> metadata;
    private final int featureCount;
    private final ElementType type;
    private final int rows;
    private final int batchRows;
    private final long[] features;
    private final long[] labels;

    Mapped(Path file, Arena arena) throws IOException {
      try (FileChannel channel = FileChannel.open(file);
          BufferAllocator allocator = new ReaderMemory(SLACK);
          var reader = new ArrowFileReader(channel, allocator)) {
        if (!ArrowFrames.isFile(channel)) {
          throw new IOException("no ARROW1 at the beginning");
        }
        ArrowFrames.check(channel);
        var schema = reader.getVectorSchemaRoot().getSchema();
        metadata = schema.getCustomMetadata();
        if (!VERSION.equals(metadata.get(PREFIX + "cache"))) {
          throw new IOException("no cache of version " + VERSION);
        }
        Field lists = schema.getFields().getFirst();
        featureCount = ((ArrowType.FixedSizeList) lists.getType()).getListSize();
        boolean single =
            ((ArrowType.FloatingPoint) lists.getChildren().getFirst().getType()).getPrecision()
                == FloatingPointPrecision.SINGLE;
        type = single ? ElementType.FLOAT32 : ElementType.FLOAT64;
        batchRows = Integer.parseInt(metadata.getOrDefault(PREFIX + "batch", "0"));
        memory = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
        List<ArrowBlock> blocks = reader.getRecordBlocks();
        features = new long[blocks.size()];
        labels = new long[blocks.size()];
        Schema described = content().schema;
        check(described);
        long counted = 0;
        for (int i = 0; i < blocks.size(); i++) {
          counted += place(blocks.get(i), i, described.target(), i == blocks.size() - 1);
        }
        rows = Math.toIntExact(counted);
        if (rows == 0) {
          throw new IOException("no rows");
        }
      }
    }

    private static void check(Schema schema) throws IOException {
      int count = schema.featureCount();
      boolean named = schema.features().isEmpty() || schema.features().size() == count;
      boolean shaped =
          schema
              .image()
              .map(
                  image ->
                      image.channels() > 0
                          && image.height() > 0
                          && image.width() > 0
                          && Math.multiplyExact(
                                  Math.multiplyExact(image.channels(), image.height()),
                                  image.width())
                              == count)
              .orElse(true);
      if (count < 1 || !named || !shaped) {
        throw new IOException(count + " features, which is not what their names or the image say");
      }
    }

    /** Finds the columns of a record batch, and checks that they are inside the file. */
    private long place(ArrowBlock block, int i, Target target, boolean last) throws IOException {
      ByteBuffer metadataBytes =
          memory
              .asSlice(block.getOffset(), block.getMetadataLength())
              .asByteBuffer()
              .order(ByteOrder.LITTLE_ENDIAN);
      metadataBytes.position(metadataBytes.getInt(0) == CONTINUATION ? 8 : 4);
      Message message =
          Message.getRootAsMessage(metadataBytes.slice().order(ByteOrder.LITTLE_ENDIAN));
      if (!(message.header(new RecordBatch()) instanceof RecordBatch batch)) {
        throw new IOException("no record batch at byte " + block.getOffset());
      }
      long length = batch.length();
      if (length < 1 || length > batchRows || (!last && length != batchRows)) {
        throw new IOException("a record batch of " + length + " rows");
      }
      long body = block.getOffset() + block.getMetadataLength();
      int labelBuffer =
          switch (target) {
            case Target.Classes classes -> 4;
            case Target.Real real -> 5;
            case Target.None none -> -1;
          };
      if (batch.buffersLength() <= Math.max(2, labelBuffer)) {
        throw new IOException("a record batch without the columns at byte " + block.getOffset());
      }
      Content content = content();
      features[i] = place(batch.buffers(2), body, length, featureCount, type);
      if (labelBuffer >= 0) {
        labels[i] =
            place(
                batch.buffers(labelBuffer),
                body,
                length,
                content.labelWidth(),
                content.labelType());
        if (target instanceof Target.Classes(List<String> names)) {
          checkLabels(labels[i], length, names.size());
        }
      }
      return length;
    }

    private long place(Buffer buffer, long body, long rows, int width, ElementType elements)
        throws IOException {
      long bytes = Math.multiplyExact(rows * width, (long) elements.bytes());
      long start = Math.addExact(body, buffer.offset());
      if (buffer.length() < bytes
          || start < 0
          || start % elements.bytes() != 0
          || bytes > memory.byteSize() - start) {
        throw new IOException(bytes + " bytes at byte " + start + " of " + memory.byteSize());
      }
      return start;
    }

    /** A class that is none would be a place outside of some array later. */
    private void checkLabels(long start, long rows, int classes) throws IOException {
      for (long row = 0; row < rows; row++) {
        long at = start + row * Integer.BYTES;
        int label = memory.get(ValueLayout.JAVA_INT, at);
        if (label < 0 || label >= classes) {
          throw new IOException("label " + label + " of " + classes + " classes at byte " + at);
        }
      }
    }

    private List<String> names(String kind) {
      return Stream.iterate(0, i -> i + 1)
          .map(i -> metadata.get(PREFIX + kind + "." + i))
          .takeWhile(name -> name != null)
          .map(String::valueOf)
          .toList();
    }

    Content content() {
      List<String> classes = names("class");
      List<String> targets = names("target");
      Target target =
          !classes.isEmpty()
              ? new Target.Classes(classes)
              : targets.isEmpty() ? new Target.None() : new Target.Real(targets);
      Optional<Schema.ImageShape> image =
          Optional.ofNullable(metadata.get(PREFIX + "image"))
              .map(text -> text.split("x", -1))
              .map(
                  sizes ->
                      new Schema.ImageShape(
                          Integer.parseInt(sizes[0]),
                          Integer.parseInt(sizes[1]),
                          Integer.parseInt(sizes[2])));
      return new Content(
          new Schema(names("feature"), featureCount, target, image),
          Scaling.valueOf(metadata.getOrDefault(PREFIX + "scaling", "").toUpperCase(Locale.ROOT)),
          type,
          metadata.getOrDefault(PREFIX + "fingerprint", ""),
          Boolean.parseBoolean(metadata.get(PREFIX + "tested")));
    }

    ArrowTable table(DatasetRequest request) {
      Content content = content();
      int window = request.storage().window().orElse(rows);
      // Small blocks, so that a window has many of them.
      int blocks = window >= rows ? 1 : (int) Math.min(rows, 16L * Math.ceilDiv(rows, window));
      return new ArrowTable(
          column(type, featureCount, features),
          content.labelWidth() == 0
              ? Optional.empty()
              : Optional.of(column(content.labelType(), content.labelWidth(), labels)),
          Readiness.ALWAYS,
          blocks,
          window);
    }

    private Column column(ElementType elements, int width, long[] pieces) {
      return new Column(memory, elements, rows, width, LongBuffer.wrap(pieces), batchRows);
    }
  }
}
