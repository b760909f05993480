package io.measureflow.datasets.cache;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Encoding;
import io.measureflow.api.data.Encoding.Category;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.datasets.arrow.ArrowFrames;
import io.measureflow.datasets.arrow.ReaderMemory;
import io.measureflow.datasets.store.ArrowMemory.Column;
import io.measureflow.datasets.store.ArrowTable;
import io.measureflow.datasets.store.ArrowTable.Readiness;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
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

/** A memory-mapped cache file with the positions of its columns. */
final class MappedFile {

  private static final int CONTINUATION = -1;
  private static final long SLACK = 1 << 24;

  private final Path path;
  private final MappedMemory owner;
  private final FileChannel channel;
  private final MemorySegment memory;
  private final Map<String, String> metadata;
  private final int featureCount;
  private final ElementType type;
  private final int rows;
  private final int batchRows;
  private final long[] features;
  private final long[] labels;

  /**
   * Maps a file.
   *
   * @param owner keeps the mapped memory
   */
  MappedFile(Path path, MappedMemory owner) throws IOException {
    this.path = path;
    this.owner = owner;
    channel = owner.open(path);
    // Closing the reader would close the channel.
    try (FileChannel own = FileChannel.open(path);
        BufferAllocator allocator = new ReaderMemory(SLACK);
        var reader = new ArrowFileReader(own, allocator)) {
      if (!ArrowFrames.isFile(channel)) {
        throw new IOException("no ARROW1 at the beginning");
      }
      ArrowFrames.check(channel);
      var schema = reader.getVectorSchemaRoot().getSchema();
      metadata = schema.getCustomMetadata();
      if (!ArrowCache.VERSION.equals(metadata.get(ArrowCache.PREFIX + "cache"))) {
        throw new IOException("no cache of version " + ArrowCache.VERSION);
      }
      Field lists = schema.getFields().getFirst();
      featureCount = ((ArrowType.FixedSizeList) lists.getType()).getListSize();
      boolean single =
          ((ArrowType.FloatingPoint) lists.getChildren().getFirst().getType()).getPrecision()
              == FloatingPointPrecision.SINGLE;
      type = single ? ElementType.FLOAT32 : ElementType.FLOAT64;
      batchRows = Integer.parseInt(metadata.getOrDefault(ArrowCache.PREFIX + "batch", "0"));
      memory = owner.map(channel);
      List<ArrowBlock> blocks = reader.getRecordBlocks();
      features = new long[blocks.size()];
      labels = new long[blocks.size()];
      Schema described = content().schema();
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
                                Math.multiplyExact(image.channels(), image.height()), image.width())
                            == count)
            .orElse(true);
    if (count < 1 || !named || !shaped) {
      throw new IOException(count + " features, which is not what their names or the image say");
    }
  }

  /** Finds the columns of a record batch and checks that they are inside the file. */
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
    ArrowCache.Content content = content();
    features[i] = place(batch.buffers(2), body, length, featureCount, type);
    if (labelBuffer >= 0) {
      labels[i] =
          place(
              batch.buffers(labelBuffer), body, length, content.labelWidth(), content.labelType());
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

  /** Checks labels, since an invalid one would be used as an array index later. */
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
        .map(i -> metadata.get(ArrowCache.PREFIX + kind + "." + i))
        .takeWhile(name -> name != null)
        .map(String::valueOf)
        .toList();
  }

  ArrowCache.Content content() {
    List<String> classes = names("class");
    List<String> targets = names("target");
    Target target =
        !classes.isEmpty()
            ? new Target.Classes(classes)
            : targets.isEmpty() ? new Target.None() : new Target.Real(targets);
    Optional<Schema.ImageShape> image =
        Optional.ofNullable(metadata.get(ArrowCache.PREFIX + "image"))
            .map(text -> text.split("x", -1))
            .map(
                sizes ->
                    new Schema.ImageShape(
                        Integer.parseInt(sizes[0]),
                        Integer.parseInt(sizes[1]),
                        Integer.parseInt(sizes[2])));
    return new ArrowCache.Content(
        new Schema(names("feature"), featureCount, target, image, encoding()),
        Scaling.valueOf(
            metadata.getOrDefault(ArrowCache.PREFIX + "scaling", "").toUpperCase(Locale.ROOT)),
        type,
        metadata.getOrDefault(ArrowCache.PREFIX + "fingerprint", ""),
        Boolean.parseBoolean(metadata.get(ArrowCache.PREFIX + "tested")));
  }

  private Encoding encoding() {
    List<String> columns = names("category");
    List<Category> categories =
        IntStream.range(0, columns.size())
            .mapToObj(
                i -> {
                  String category = "category." + i;
                  String first = ArrowCache.PREFIX + category + ".first";
                  return new Category(
                      columns.get(i),
                      names(category + ".value"),
                      Integer.parseInt(metadata.getOrDefault(first, "")));
                })
            .toList();
    return new Encoding(categories, names("date"));
  }

  MappedTable table(DatasetRequest request) {
    ArrowCache.Content content = content();
    int window = request.storage().window().orElse(rows);
    // Small blocks, so that a window contains many of them.
    int blocks = window >= rows ? 1 : (int) Math.min(rows, 16L * Math.ceilDiv(rows, window));
    var table =
        new ArrowTable(
            column(type, featureCount, features),
            content.labelWidth() == 0
                ? Optional.empty()
                : Optional.of(column(content.labelType(), content.labelWidth(), labels)),
            Readiness.ALWAYS,
            blocks,
            window);
    return new MappedTable(table, this);
  }

  private Column column(ElementType elements, int width, long[] pieces) {
    return new Column(memory, elements, rows, width, LongBuffer.wrap(pieces), batchRows);
  }

  /** Allocates memory with the lifetime of the mapping. */
  MemorySegment allocate(long bytes) {
    return owner.allocate(bytes);
  }

  /**
   * Reads from the mapped memory.
   *
   * @throws RunFailedException if the file was truncated meanwhile. The JVM reports that as an
   *     internal error, perhaps late; the rest of the last page reads as zeros
   */
  void read(Runnable reading) {
    try {
      reading.run();
      if (length() < memory.byteSize()) {
        throw damaged(Optional.empty());
      }
    } catch (InternalError e) {
      throw damaged(Optional.of(e));
    }
  }

  /** Returns the current length of the file, whatever its name is now. */
  private long length() {
    try {
      return channel.size();
    } catch (IOException e) {
      return memory.byteSize(); // An interrupted thread closes the channel.
    }
  }

  private RunFailedException damaged(Optional<InternalError> cause) {
    long length = length();
    boolean truncated = length < memory.byteSize();
    String found =
        truncated
            ? length + ": it was truncated while it was in use"
            : "that it cannot be read (" + cause.map(AtomicFile::reason).orElse("") + ")";
    String message =
        path
            + ": expected the "
            + memory.byteSize()
            + " bytes that were mapped, found "
            + found
            + ". "
            + remedy()
            + "; resume a training run with --resume.";
    return cause
        .map(e -> new RunFailedException(message, e))
        .orElseGet(() -> new RunFailedException(message));
  }

  /** Deletes the files of the dataset, so that they are created again. */
  private String remedy() {
    try {
      owner.delete();
      return "Run the command again, and the cache is created again";
    } catch (IOException e) {
      return "Delete the cache files of this name, and run the command again";
    }
  }
}
