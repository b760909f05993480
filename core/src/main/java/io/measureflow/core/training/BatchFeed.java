package io.measureflow.core.training;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Feeds the rows of a table to programs, batch by batch. Rows are gathered straight into the inputs
 * of the program, or prefetched by another thread and copied; if the program draws the rows itself,
 * it gets their indices.
 */
final class BatchFeed implements AutoCloseable {

  private final Table table;
  private final RowOrder order;
  private final int rows;
  private final int batch;
  private final boolean targets;
  private final Change change;
  private final int[] chosen;
  private final @Nullable ExecutorService thread;
  private @Nullable CompletableFuture<Gathered> ahead;
  private int from;
  private int gathered;

  /** What is done to the features of a batch after they were gathered. */
  @FunctionalInterface
  interface Change {

    /** Nothing. */
    Change NONE = (features, position) -> {};

    /**
     * Changes a batch in place.
     *
     * @param features [B, d]
     * @param position the number of rows before this batch
     */
    void apply(Tensor features, int position);
  }

  /** A prefetched batch on the heap. */
  private record Gathered(Tensor features, @Nullable Tensor targets) {}

  /**
   * @param targets whether the programs take targets as well
   */
  BatchFeed(Table table, RowOrder order, int batch, boolean targets, Prefetch prefetch) {
    this(table, order, batch, targets, prefetch, Change.NONE);
  }

  /**
   * @param targets whether the programs take targets as well
   * @param change what is done to features; needs programs that do not draw the rows themselves
   */
  BatchFeed(
      Table table, RowOrder order, int batch, boolean targets, Prefetch prefetch, Change change) {
    this.table = table;
    this.order = order;
    this.rows = table.rows();
    this.batch = batch;
    this.targets = targets;
    this.change = change;
    chosen = new int[Math.min(batch, rows)];
    boolean separate =
        switch (prefetch) {
          case AUTO -> !table.inMemory();
          case ON -> true;
          case OFF -> false;
        };
    thread =
        separate
            ? Executors.newSingleThreadExecutor(
                task -> Thread.ofPlatform().daemon().name("batches").unstarted(task))
            : null;
  }

  /** Returns the number of rows of the next batch, 0 after the last one. */
  int nextSize() {
    return Math.min(batch, rows - from);
  }

  /** Returns the number of rows of the batches so far. */
  int done() {
    return from;
  }

  /** Fills the inputs of a program for the next batch. */
  void fill(Executable executable) {
    int size = nextSize();
    Tensor features = executable.input(TrainingPrograms.FEATURES);
    Tensor labels = targets ? executable.input(TrainingPrograms.TARGETS) : null;
    if (features.type() == ElementType.INT32) {
      // The program draws the rows itself.
      order.next(chosen, size);
      MemorySegment.copy(chosen, 0, features.memory(), ValueLayout.JAVA_INT, 0, size);
      if (labels != null) {
        table.targets(chosen, 0, labels);
      }
      from += size;
      return;
    }
    if (thread == null) {
      gather(size, features, labels);
      from += size;
      return;
    }
    CompletableFuture<Gathered> pending = ahead;
    if (pending == null) {
      pending = begin(thread, memory(size, features, labels));
    }
    Gathered gathered = await(pending);
    // From here on the other thread may reuse the memory.
    features.copyFrom(gathered.features);
    if (labels != null && gathered.targets != null) {
      labels.copyFrom(gathered.targets);
    }
    from += size;
    int next = nextSize();
    ahead =
        next == 0 ? null : begin(thread, next == size ? gathered : memory(next, features, labels));
  }

  private CompletableFuture<Gathered> begin(ExecutorService on, Gathered memory) {
    return CompletableFuture.supplyAsync(
        () -> {
          gather(memory.features.shape().dimension(0), memory.features, memory.targets);
          return memory;
        },
        on);
  }

  /** Allocates memory for a batch, like the inputs of a program. */
  private static Gathered memory(int size, Tensor features, @Nullable Tensor labels) {
    return new Gathered(like(features, size), labels == null ? null : like(labels, size));
  }

  private static Tensor like(Tensor tensor, int size) {
    Shape shape = tensor.shape();
    return Tensor.zeros(
        shape.rank() == 1 ? Shape.of(size) : Shape.of(size, shape.dimension(1)), tensor.type());
  }

  private void gather(int size, Tensor features, @Nullable Tensor labels) {
    order.next(chosen, size);
    table.features(chosen, 0, features);
    change.apply(features, gathered);
    gathered += size;
    if (labels != null) {
      table.targets(chosen, 0, labels);
    }
  }

  private static Gathered await(CompletableFuture<Gathered> pending) {
    try {
      return pending.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw e;
      }
    }
  }

  /** Waits for the other thread, which must not read from a closed dataset. */
  @Override
  public void close() {
    if (thread != null) {
      thread.close();
    }
  }
}
