package io.measureflow.simd.operations;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Philox;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.threads.WorkerPool;

/**
 * Draws of {@link Op.Random}. Normal numbers are computed by vectors; the angle is reduced before
 * it is rounded, so that sines and cosines keep their relative accuracy.
 */
public final class RandomNumbers {

  /** The elements per task: an even number of blocks. */
  private static final int TASK_ELEMENTS = 2048;

  private static final int PAIRS = TASK_ELEMENTS / 2;

  private static final float TWO_PI = (float) (2 * Math.PI);

  private final Kernels kernels;
  private final Op.Random op;
  private final float[] step;
  private final float[] out;
  private final Room[] rooms;

  /** The memory of a thread. */
  private static final class Room {
    private final int[] words = new int[Philox.WORDS];
    private final float[] uniform = new float[TASK_ELEMENTS];
    private final float[] radius = new float[PAIRS];
    private final float[] angle = new float[PAIRS];
    private final float[] sine = new float[PAIRS];
    private final float[] cosine = new float[PAIRS];
    private final int[] quarter = new int[PAIRS];
  }

  private RandomNumbers(Kernels kernels, int threads, Op.Random op, float[] step, float[] out) {
    this.kernels = kernels;
    this.op = op;
    this.step = step;
    this.out = out;
    rooms = new Room[threads];
    for (int thread = 0; thread < threads; thread++) {
      rooms[thread] = new Room();
    }
  }

  /** Creates a command that draws the numbers of the step in {@code step[0]}. */
  public static Command of(
      Kernels kernels, WorkerPool pool, Op.Random op, float[] step, float[] out) {
    var numbers = new RandomNumbers(kernels, pool.threads(), op, step, out);
    int count = Math.ceilDiv(out.length, TASK_ELEMENTS);
    WorkerPool.Tasks tasks = task -> numbers.draw(task * TASK_ELEMENTS);
    return () -> pool.run(count, tasks);
  }

  private void draw(int from) {
    Room room = rooms[WorkerPool.numberOfThread()];
    int count = Math.min(TASK_ELEMENTS, out.length - from);
    int number = (int) step[0];
    for (int i = 0; i < count; i += Philox.WORDS) {
      Philox.block(op.seed(), (from + i) / Philox.WORDS, number, op.stream(), room.words);
      for (int j = 0; j < Philox.WORDS; j++) {
        room.uniform[i + j] = (float) Philox.uniform(room.words[j]);
      }
    }
    switch (op.distribution()) {
      case UNIFORM -> System.arraycopy(room.uniform, 0, out, from, count);
      case NORMAL -> normal(room, from, count);
    }
  }

  /** Computes sqrt(-2 log u) times the cosine and the sine of 2 pi v. */
  private void normal(Room room, int from, int count) {
    int pairs = Math.ceilDiv(count, 2);
    for (int i = 0; i < pairs; i++) {
      room.radius[i] = room.uniform[2 * i];
      float turn = room.uniform[2 * i + 1];
      int quarter = (int) (4 * turn + 0.5f);
      // Exact: both are multiples of 2^-24.
      room.angle[i] = TWO_PI * (turn - 0.25f * quarter);
      room.quarter[i] = quarter;
    }
    kernels.log(room.radius, 0, pairs, room.radius);
    for (int i = 0; i < pairs; i++) {
      room.radius[i] = (float) Math.sqrt(-2 * room.radius[i]);
    }
    kernels.sin(room.angle, 0, pairs, room.sine);
    kernels.cos(room.angle, 0, pairs, room.cosine);
    for (int i = 0; i < pairs; i++) {
      boolean swapped = (room.quarter[i] & 1) == 1;
      float cosine = swapped ? room.sine[i] : room.cosine[i];
      float sine = swapped ? room.cosine[i] : room.sine[i];
      // A turn by quarters: (c, s), (-s, c), (-c, -s), (s, -c).
      int quarter = room.quarter[i] & 3;
      float first = quarter == 1 || quarter == 2 ? -cosine : cosine;
      float second = quarter >= 2 ? -sine : sine;
      int at = from + 2 * i;
      out[at] = room.radius[i] * first;
      if (at + 1 < out.length) {
        out[at + 1] = room.radius[i] * second;
      }
    }
  }
}
