package io.measureflow.datasets.table;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.columns.RowSink;
import io.measureflow.datasets.columns.TableLabels;
import io.measureflow.datasets.columns.TablePlan;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.io.Numbers;
import io.measureflow.datasets.store.ArrowTable;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;

/**
 * Rows that stay in their file. A block of rows (a row group or a record batch) is decoded when one
 * of its rows is requested, and kept as long as it is among the most recently used blocks that a
 * window of rows needs.
 */
final class StreamedTable implements Table, AutoCloseable {

  /** The default window, in rows. */
  static final int WINDOW = 1 << 18;

  private final TableFile file;
  private final TablePlan plan;
  private final Target target;
  private final DatasetRequest request;
  private final ElementType type;
  private final ElementType labelType;
  private final int width;
  private final int labelWidth;
  private final int window;

  /** The first row of each block, followed by the number of rows. */
  private final int[] starts;

  private final Recent<Block> blocks;
  private final Recent<MemorySegment> labels;
  private volatile boolean closed;

  /** A decoded block. */
  private record Block(MemorySegment features, MemorySegment labels) {}

  /**
   * Counts the rows of each block.
   *
   * @param target the target of the training rows
   */
  StreamedTable(TableFile file, TablePlan plan, Target target, DatasetRequest request) {
    this.file = file;
    this.plan = plan;
    this.target = target;
    this.request = request;
    type = request.precision().elementType();
    width = plan.width();
    labelType = target instanceof Target.Classes ? ElementType.INT32 : type;
    labelWidth = target instanceof Target.Real(List<String> names) ? names.size() : 1;
    window = request.storage().window().orElse(WINDOW);
    starts = new int[file.blocks() + 1];
    int largest = 1;
    for (int block = 0; block < file.blocks(); block++) {
      int rows = count(block);
      largest = Math.max(largest, rows);
      long end = (long) starts[block] + rows;
      if (end > Integer.MAX_VALUE) {
        throw InvalidRequestException.of(
            file.path().toString(), "fewer than 2^31 rows", "more", "Split the file.");
      }
      starts[block + 1] = (int) end;
    }
    if (rows() == 0) {
      throw InvalidRequestException.of(
          file.path().toString(), "at least one row", "none", "Check how the file was written.");
    }
    // The blocks of a window, and the last one of the window before.
    int kept = (int) Math.min(Integer.MAX_VALUE, (long) window + 2L * largest);
    blocks = new Recent<>(kept, this::decode);
    labels = new Recent<>(2 * largest, this::decodeLabels);
  }

  private int count(int block) {
    TablePlan looked = plan;
    if (request.columns().missing() != Missing.DROP) {
      looked = plan.labelled() ? plan.labelsAlone() : plan.firstInputAlone();
    }
    var counter = new Filler(0, 0);
    new RowSink.Feed(looked, request).drain(file, block, counter);
    return counter.row + 1;
  }

  private Block decode(int block) {
    int rows = starts[block + 1] - starts[block];
    var filler = new Filler(rows, width);
    new RowSink.Feed(plan, request).drain(file, block, filler);
    return new Block(filler.features, filler.labels);
  }

  private MemorySegment decodeLabels(int block) {
    if (request.columns().missing() == Missing.DROP) {
      return blocks.get(block, starts).labels;
    }
    var filler = new Filler(starts[block + 1] - starts[block], 0);
    new RowSink.Feed(plan.labelsAlone(), request).drain(file, block, filler);
    return filler.labels;
  }

  /** Receives the rows of a block; without memory it only counts them. */
  private final class Filler implements RowSink {
    private final int rows;
    private final MemorySegment features;
    private final MemorySegment labels;
    private final ToDoubleFunction<String> coding;
    private final Map<String, Double> coded = new HashMap<>();
    private int row = -1;

    Filler(int rows, int width) {
      this.rows = rows;
      features = heap(type, (long) rows * width);
      labels = heap(labelType, plan.labelled() ? (long) rows * labelWidth : 0);
      coding = plan.labelled() ? TableLabels.coding(target, plan) : name -> 0;
    }

    private static MemorySegment heap(ElementType type, long size) {
      int length = Math.toIntExact(size);
      return switch (type) {
        case FLOAT32 -> MemorySegment.ofArray(new float[length]);
        case FLOAT64 -> MemorySegment.ofArray(new double[length]);
        case INT32 -> MemorySegment.ofArray(new int[length]);
      };
    }

    @Override
    public void row(double[] values, int at) {
      row++;
      if (rows > 0 && row >= rows) {
        throw new IllegalStateException("more rows than the block had at first");
      }
      if (features.byteSize() > 0) {
        Numbers.set(features, type, (long) row * width, values, at, width);
      }
    }

    @Override
    public void label(String text, long line) {
      if (rows > 0) {
        double value = coded.computeIfAbsent(text.strip(), name -> code(name, line));
        Numbers.set(labels, labelType, row, value);
      }
    }

    private double code(String name, long line) {
      double value = coding.applyAsDouble(name);
      if (!Double.isFinite(value)) {
        throw TableLabels.unknown(plan.path(), line, plan.labelNames().getFirst(), name, target);
      }
      return value;
    }

    @Override
    public void target(int index, double value) {
      if (rows > 0) {
        Numbers.set(labels, labelType, (long) row * labelWidth + index, value);
      }
    }
  }

  /** A cache of the most recently used values, up to a number of rows. */
  private static final class Recent<T> {
    private final LinkedHashMap<Integer, T> values = new LinkedHashMap<>(16, 0.75f, true);
    private final int most;
    private final IntFunction<T> reading;
    private long rows;

    Recent(int most, IntFunction<T> reading) {
      this.most = most;
      this.reading = reading;
    }

    T get(int block, int[] starts) {
      T known = values.get(block);
      if (known != null) {
        return known;
      }
      int size = starts[block + 1] - starts[block];
      var oldest = values.entrySet().iterator();
      while (rows + size > most && oldest.hasNext()) {
        int old = oldest.next().getKey();
        rows -= starts[old + 1] - starts[old];
        oldest.remove();
      }
      T value = reading.apply(block);
      values.put(block, value);
      rows += size;
      return value;
    }

    boolean has(int block) {
      return values.containsKey(block);
    }
  }

  @Override
  public int rows() {
    return starts[starts.length - 1];
  }

  @Override
  public int blocks() {
    return starts.length - 1;
  }

  @Override
  public int blockStart(int block) {
    return starts[block];
  }

  @Override
  public int window() {
    return window;
  }

  @Override
  public boolean inMemory() {
    return false;
  }

  private int block(int row) {
    int found = Arrays.binarySearch(starts, row);
    if (found < 0) {
      return -found - 2;
    }
    // Blocks may be empty: the last block that begins at this row has it.
    while (starts[found + 1] == row) {
      found++;
    }
    return found;
  }

  @Override
  public synchronized void features(int[] order, int from, Tensor batch) {
    requireOpen();
    int count = ArrowTable.check("Features", type, width, rows(), order, from, batch);
    for (int i = 0; i < count; i++) {
      int block = block(order[from + i]);
      MemorySegment memory = blocks.get(block, starts).features;
      copy(memory, type, order[from + i] - starts[block], width, batch, i);
    }
  }

  @Override
  public synchronized void targets(int[] order, int from, Tensor batch) {
    requireOpen();
    if (!plan.labelled()) {
      throw new IllegalStateException("The rows were loaded for prediction, without targets.");
    }
    int count = ArrowTable.check("Targets", labelType, labelWidth, rows(), order, from, batch);
    for (int i = 0; i < count; i++) {
      int block = block(order[from + i]);
      MemorySegment memory =
          blocks.has(block) ? blocks.get(block, starts).labels : labels.get(block, starts);
      copy(memory, labelType, order[from + i] - starts[block], labelWidth, batch, i);
    }
  }

  private static void copy(
      MemorySegment source, ElementType type, int row, int width, Tensor batch, int i) {
    long bytes = (long) width * type.bytes();
    if (type == batch.type()) {
      MemorySegment.copy(source, row * bytes, batch.memory(), i * bytes, bytes);
    } else {
      ArrowTable.convert(source, type, row * bytes, width, batch, i);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The dataset is closed.");
    }
  }

  /** Waits for readers in progress, and prevents new ones. */
  @Override
  public synchronized void close() {
    closed = true;
  }
}
