package io.measureflow.simd;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a program in order. Consecutive loops over the same elements are merged into one
 * command, or into the product that computes those elements, so that their data are still in the
 * cache.
 */
final class CommandList {

  /** The elements of a cheap loop per task: a few microseconds of work. */
  static final int CHUNK = 16384;

  /** The elements per task of loops with an exponential. */
  static final int COSTLY_CHUNK = 2048;

  /** The elements per pass of merged loops: 16 KiB of each array. */
  private static final int GROUP_CHUNK = 4096;

  private final WorkerPool pool;
  private final List<Command> commands = new ArrayList<>();

  /** Loops to be merged into one command, their size, and the elements per task. */
  private final List<Loop> group = new ArrayList<>();

  private int size;
  private int chunk;

  /** The product into which the loops are merged. */
  private @Nullable Product product;

  /** A product that passes parts of its result to a loop. */
  @FunctionalInterface
  interface Product {
    /**
     * Creates a command.
     *
     * @param next the loop over the parts
     * @param chunk the elements per task of the loop
     */
    Command with(Loop next, int chunk);
  }

  CommandList(WorkerPool pool) {
    this.pool = pool;
  }

  /** Adds a command that is not merged. */
  void add(Command command) {
    flush();
    commands.add(command);
  }

  /**
   * Adds a loop whose parts may run on any thread.
   *
   * @param chunk the indices per task
   */
  void loop(int size, int chunk, Loop body) {
    flush();
    share(size, chunk, body);
  }

  /** Adds a loop over rows with {@code width} elements each. */
  void rowLoop(int rows, int width, int chunk, Loop body) {
    loop(rows, Math.max(1, chunk / Math.max(1, width)), body);
  }

  /**
   * Adds a loop whose element i depends only on the elements i of arrays of the same size.
   * Consecutive loops of this kind are distributed together and run one after the other over parts
   * that stay in the cache.
   */
  void elementwise(int size, int chunk, Loop body) {
    if (size != this.size) {
      flush();
    }
    boolean first = group.isEmpty() && product == null;
    this.size = size;
    this.chunk = first ? chunk : Math.min(this.chunk, Math.min(chunk, GROUP_CHUNK));
    group.add(body);
  }

  /**
   * Adds a product, into which subsequent elementwise loops may be merged.
   *
   * @param size the size of its result
   * @param chunk the elements per task if no loops follow
   */
  void product(int size, int chunk, Product product) {
    flush();
    this.size = size;
    this.chunk = chunk;
    this.product = product;
  }

  /** Returns all commands. */
  List<Command> all() {
    flush();
    return List.copyOf(commands);
  }

  /** Creates a command from the pending loops and the product before them. */
  private void flush() {
    Loop[] bodies = group.toArray(Loop[]::new);
    Loop all =
        (from, to) -> {
          for (Loop body : bodies) {
            body.run(from, to);
          }
        };
    if (product != null) {
      commands.add(product.with(all, chunk));
      product = null;
    } else if (bodies.length > 0) {
      share(size, chunk, all);
    }
    group.clear();
  }

  private void share(int size, int chunk, Loop body) {
    if (size == 0) {
      return;
    }
    if (size <= chunk) {
      commands.add(() -> body.run(0, size));
      return;
    }
    WorkerPool.Tasks tasks =
        task -> body.run(task * chunk, (int) Math.min(size, (task + 1L) * chunk));
    int count = Math.ceilDiv(size, chunk);
    commands.add(() -> pool.run(count, tasks));
  }
}
