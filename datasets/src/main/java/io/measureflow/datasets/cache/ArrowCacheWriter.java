package io.measureflow.datasets.cache;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.Table;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.api.program.Shape;
import io.measureflow.datasets.columns.RowSink;
import io.measureflow.datasets.columns.TableLabels;
import io.measureflow.datasets.columns.TablePlan;
import io.measureflow.datasets.io.Numbers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Writes rows into a cache file: an Arrow IPC file with record batches of equal length, one column
 * of lists of features and one of labels. Needs memory for one batch.
 */
public final class ArrowCacheWriter implements RowSink, AutoCloseable {

  private static final int MOST_BATCH_ROWS = 1 << 16;
  private static final long MOST_BATCH_BYTES = 1 << 24;

  private final Path path;
  private final Path source;
  private final ArrowCache.Content content;
  private final AtomicFile output;
  private final BufferAllocator allocator = new RootAllocator();
  private final VectorSchemaRoot root;
  private final Writer writer;
  private final ArrowBuf features;
  private final ArrowBuf labels;
  private final MemorySegment featureMemory;
  private final MemorySegment labelMemory;
  private final ToDoubleFunction<String> coding;
  private final Map<String, Double> coded = new HashMap<>();
  private final List<String> labelNames;
  private final int width;
  private final int labelWidth;
  private final int batchRows;
  private int inBatch;
  private long count;

  /** Gives access to the method that writes a batch assembled by hand. */
  private static final class Writer extends ArrowFileWriter {

    Writer(VectorSchemaRoot root, WritableByteChannel out) {
      super(root, new DictionaryProvider.MapDictionaryProvider(), out);
    }

    void write(ArrowRecordBatch batch) throws IOException {
      writeRecordBatch(batch);
    }
  }

  /** Opens a file for the rows of a table file. */
  public ArrowCacheWriter(Path path, ArrowCache.Content content, TablePlan plan) {
    this(
        path,
        plan.path(),
        content,
        plan.labelNames(),
        plan.labelled() ? TableLabels.coding(content.schema().target(), plan) : name -> 0);
  }

  /** Opens a file for the rows of another table. */
  public ArrowCacheWriter(Path path, ArrowCache.Content content) {
    this(path, path, content, List.of(), name -> 0);
  }

  private ArrowCacheWriter(
      Path path,
      Path source,
      ArrowCache.Content content,
      List<String> labelNames,
      ToDoubleFunction<String> coding) {
    this.path = path;
    this.source = source;
    this.content = content;
    this.labelNames = labelNames;
    this.coding = coding;
    width = content.schema().featureCount();
    labelWidth = content.labelWidth();
    long rowBytes =
        (long) width * content.type().bytes() + (long) labelWidth * content.labelType().bytes();
    batchRows = Math.clamp(MOST_BATCH_BYTES / rowBytes, 1, MOST_BATCH_ROWS);
    output = AtomicFile.open(path);
    Schema schema = content.arrowSchema(batchRows);
    root = VectorSchemaRoot.create(schema, allocator);
    writer = new Writer(root, output);
    features = allocator.buffer((long) batchRows * width * content.type().bytes());
    labels = allocator.buffer((long) batchRows * labelWidth * content.labelType().bytes());
    featureMemory = memory(features);
    labelMemory = memory(labels);
    try {
      writer.start();
    } catch (IOException e) {
      close();
      throw AtomicFile.failed(path, e);
    }
  }

  @SuppressWarnings("restricted") // Exactly the memory of a buffer, used while it is allocated.
  private static MemorySegment memory(ArrowBuf buffer) {
    return MemorySegment.ofAddress(buffer.memoryAddress()).reinterpret(buffer.capacity());
  }

  /** Returns the number of rows so far. */
  public long count() {
    return count;
  }

  @Override
  public void row(double[] values, int at) {
    if (inBatch == batchRows) {
      flush();
    }
    Numbers.set(featureMemory, content.type(), (long) inBatch * width, values, at, width);
    inBatch++;
    count++;
  }

  @Override
  public void label(String text, long line) {
    double value =
        coded.computeIfAbsent(
            text.strip(),
            name -> {
              double code = coding.applyAsDouble(name);
              if (!Double.isFinite(code)) {
                throw TableLabels.unknown(
                    source, line, labelNames.getFirst(), name, content.schema().target());
              }
              return code;
            });
    Numbers.set(labelMemory, content.labelType(), inBatch - 1L, value);
  }

  @Override
  public void target(int index, double value) {
    Numbers.set(labelMemory, content.labelType(), (inBatch - 1L) * labelWidth + index, value);
  }

  /** Appends all rows of a table. */
  public void append(Table table) {
    boolean labelled = !(content.schema().target() instanceof Target.None);
    for (int from = 0; from < table.rows(); from += batchRows) {
      int rows = Math.min(batchRows, table.rows() - from);
      int[] order = new int[rows];
      for (int i = 0; i < rows; i++) {
        order[i] = from + i;
      }
      table.features(order, 0, tensor(Shape.of(rows, width), content.type(), featureMemory));
      if (labelled) {
        boolean classes = content.labelType() == ElementType.INT32;
        table.targets(
            order,
            0,
            tensor(
                classes ? Shape.of(rows) : Shape.of(rows, labelWidth),
                content.labelType(),
                labelMemory));
      }
      inBatch = rows;
      count += rows;
      flush();
    }
  }

  private static Tensor tensor(Shape shape, ElementType type, MemorySegment memory) {
    return new Tensor(shape, type, memory.asSlice(0, (long) shape.size() * type.bytes()));
  }

  private void flush() {
    if (inBatch == 0) {
      return;
    }
    var nodes = new ArrayList<ArrowFieldNode>();
    var buffers = new ArrayList<ArrowBuf>();
    column(features, content.type(), width, nodes, buffers);
    if (labelWidth > 0) {
      column(labels, content.labelType(), labelWidth, nodes, buffers);
    }
    try (var batch = new ArrowRecordBatch(inBatch, nodes, buffers)) {
      writer.write(batch);
    } catch (IOException e) {
      throw AtomicFile.failed(path, e);
    }
    inBatch = 0;
  }

  /** Integers become a plain column, reals a column of lists; nothing is null. */
  private void column(
      ArrowBuf buffer,
      ElementType type,
      int numbers,
      List<ArrowFieldNode> nodes,
      List<ArrowBuf> buffers) {
    long elements = (long) inBatch * numbers;
    buffer.writerIndex(elements * type.bytes());
    if (type != ElementType.INT32) {
      nodes.add(new ArrowFieldNode(inBatch, 0));
      buffers.add(allocator.getEmpty());
    }
    nodes.add(new ArrowFieldNode(elements, 0));
    buffers.add(allocator.getEmpty());
    buffers.add(buffer);
  }

  /** Completes the file and moves it into place. */
  public void commit() {
    flush();
    try {
      writer.end();
      output.commit();
    } catch (IOException e) {
      throw AtomicFile.failed(path, e);
    }
  }

  /** Closes the file. Without a commit, no file is left. */
  @Override
  public void close() {
    features.close();
    labels.close();
    root.close();
    allocator.close();
    try {
      output.close();
    } catch (IOException e) {
      throw AtomicFile.failed(path, e);
    }
  }
}
