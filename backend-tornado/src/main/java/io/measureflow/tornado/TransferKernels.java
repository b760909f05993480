package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Copies between the memory of a program and arrays of the host. */
final class TransferKernels {

  private TransferKernels() {}

  /** Returns the parameters: n elements, source offset, target offset. */
  static int[] parameters(int n, int from, int to) {
    return new int[] {n, from, to};
  }

  /** target = source, by blocks. */
  static void blocks(KernelContext c, IntArray p, FloatArray source, FloatArray target) {
    int n = p.get(0);
    int chunk = (n + c.globalGroupSizeX - 1) / c.globalGroupSizeX;
    int from = c.globalIdx * chunk;
    copy(p, source, target, from, from + chunk < n ? from + chunk : n, 1);
  }

  /** target = source, by strides. */
  static void strided(KernelContext c, IntArray p, FloatArray source, FloatArray target) {
    copy(p, source, target, c.globalIdx, p.get(0), c.globalGroupSizeX);
  }

  /** Returns the parameters: n elements of a batch of rows of d numbers, target offset. */
  static int[] rowParameters(int n, int width, int to) {
    return new int[] {n, width, to};
  }

  /** memory = the rows with these indices, by blocks. */
  static void rowBlocks(
      KernelContext c, IntArray p, FloatArray memory, FloatArray rows, IntArray numbers) {
    int n = p.get(0);
    int chunk = (n + c.globalGroupSizeX - 1) / c.globalGroupSizeX;
    int from = c.globalIdx * chunk;
    draw(p, memory, rows, numbers, from, from + chunk < n ? from + chunk : n, 1);
  }

  /** memory = the rows with these indices, by strides. */
  static void rowStrided(
      KernelContext c, IntArray p, FloatArray memory, FloatArray rows, IntArray numbers) {
    draw(p, memory, rows, numbers, c.globalIdx, p.get(0), c.globalGroupSizeX);
  }

  static void draw(
      IntArray p,
      FloatArray memory,
      FloatArray rows,
      IntArray numbers,
      int first,
      int end,
      int step) {
    int width = p.get(1);
    int to = p.get(2);
    for (int i = first; i < end; i += step) {
      int row = i / width;
      memory.set(to + i, rows.get(numbers.get(row) * width + (i - row * width)));
    }
  }

  static void copy(IntArray p, FloatArray source, FloatArray target, int first, int end, int step) {
    int from = p.get(1);
    int to = p.get(2);
    for (int i = first; i < end; i += step) {
      target.set(to + i, source.get(from + i));
    }
  }
}
