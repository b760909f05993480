package io.measureflow.simd;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a program in their order. Loops over the same elements that follow one another
 * are one command, and part of that of the product that makes those elements, so that what they
 * work on is still in the cache.
 */
final class CommandList {

  /** Elements of a cheap loop that are worth a task of their own: a few microseconds. */
  static final int CHUNK = 16384;

  /** The same for loops with an exponential in them. */
  static final int COSTLY_CHUNK = 2048;

  /** Elements that several loops work on in turn: 16 KiB of each array. */
  private static final int GROUP_CHUNK = 4096;

  private final WorkerPool pool;
  private final List<Command> commands = new ArrayList<>();

  /** Loops that will be one command, their size, and the elements of a task. */
  private final List<Loop> group = new ArrayList<>();

  private int size;
  private int chunk;

  /** The product that takes the loops along. */
  private @Nullable Product product;

  /** A product that hands parts of its result to a loop. */
  @FunctionalInterface
  interface Product {
    /**
     * Makes it a command.
     *
     * @param next what is done with the parts
     * @param chunk how many elements of that are worth a task of their own
     */
    Command with(Loop next, int chunk);
  }

  CommandList(WorkerPool pool) {
    this.pool = pool;
  }

  /** A command of its own. */
  void add(Command command) {
    flush();
    commands.add(command);
  }

  /**
   * A loop whose parts any thread may run.
   *
   * @param chunk how many of its indices are worth a task
   */
  void loop(int size, int chunk, Loop body) {
    flush();
    share(size, chunk, body);
  }

  /** A loop over rows of which each has {@code width} elements to work on. */
  void rowLoop(int rows, int width, int chunk, Loop body) {
    loop(rows, Math.max(1, chunk / Math.max(1, width)), body);
  }

  /**
   * A loop whose element i depends, among the elements of arrays of that size, on those numbered i
   * alone. Such loops that follow one another are handed out together, and run one after the other
   * over parts that stay in the cache.
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
   * A product whose parts the elementwise loops that follow may take.
   *
   * @param size of its result
   * @param chunk how many elements are worth a task where no loops follow
   */
  void product(int size, int chunk, Product product) {
    flush();
    this.size = size;
    this.chunk = chunk;
    this.product = product;
  }

  /** All commands. */
  List<Command> all() {
    flush();
    return List.copyOf(commands);
  }

  /**
   * Makes a command of the loops that wait for more of their kind, and of a product before them.
   */
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
