package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Copies between the memory of a program and the arrays that go to and from the host. */
final class TransferKernels {

  private TransferKernels() {}

  /** The parameters: n elements, from an offset, to an offset. */
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

  static void copy(IntArray p, FloatArray source, FloatArray target, int first, int end, int step) {
    int from = p.get(1);
    int to = p.get(2);
    for (int i = first; i < end; i += step) {
      target.set(to + i, source.get(from + i));
    }
  }
}
