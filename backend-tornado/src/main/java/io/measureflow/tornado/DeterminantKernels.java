package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Determinants and inverses of stacks of square matrices, one work item per matrix, by elimination
 * with partial pivoting [golub2013]. Rows are first divided by their largest entries, so that
 * pivots are comparable whatever the scales of the rows.
 */
final class DeterminantKernels {

  private DeterminantKernels() {}

  /**
   * Returns the parameters of both kernels.
   *
   * @param scratch room for another copy of the stack, and for two numbers per row
   */
  static int[] parameters(int count, int size, int a, int out, int scratch) {
    return new int[] {count, size, a, out, scratch, scratch + count * size * size};
  }

  /** Returns the size of the scratch memory. */
  static int scratch(int count, int size) {
    return count * size * size + 2 * count * size;
  }

  /** Copies matrix k with rows scaled to a largest entry of 1; returns false if a row is zero. */
  private static boolean load(IntArray p, FloatArray m, int k) {
    int size = p.get(1);
    int from = p.get(2) + k * size * size;
    int to = p.get(4) + k * size * size;
    int scales = p.get(5) + 2 * k * size;
    boolean regular = true;
    for (int i = 0; i < size; i++) {
      float largest = 0;
      for (int j = 0; j < size; j++) {
        float entry = m.get(from + i * size + j);
        entry = entry < 0 ? -entry : entry;
        largest = entry > largest || Float.isNaN(entry) ? entry : largest;
      }
      regular = regular && largest != 0;
      m.set(scales + i, largest);
      for (int j = 0; j < size; j++) {
        m.set(to + i * size + j, m.get(from + i * size + j) / largest);
      }
    }
    return regular;
  }

  private static int pivot(FloatArray m, int start, int size, int column) {
    int best = column;
    float largest = -1;
    for (int row = column; row < size; row++) {
      float entry = m.get(start + row * size + column);
      entry = entry < 0 ? -entry : entry;
      best = entry > largest ? row : best;
      largest = entry > largest ? entry : largest;
    }
    return best;
  }

  private static void swap(FloatArray m, int i, int j) {
    float kept = m.get(i);
    m.set(i, m.get(j));
    m.set(j, kept);
  }

  /** out_k = log |det a_k|; minus infinity for a singular matrix. */
  static void logarithms(KernelContext c, IntArray p, FloatArray m) {
    logarithms(p, m, c.globalIdx, c.globalGroupSizeX);
  }

  static void logarithms(IntArray p, FloatArray m, int first, int step) {
    int size = p.get(1);
    for (int k = first; k < p.get(0); k += step) {
      boolean regular = load(p, m, k);
      int start = p.get(4) + k * size * size;
      float sum = 0;
      float lost = 0;
      for (int column = 0; column < size; column++) {
        int best = pivot(m, start, size, column);
        int top = start + column * size;
        for (int j = column; j < size; j++) {
          swap(m, top + j, start + best * size + j);
        }
        float pivot = m.get(top + column);
        regular = regular && pivot != 0;
        for (int row = column + 1; row < size; row++) {
          int at = start + row * size;
          float factor = m.get(at + column) / pivot;
          for (int j = column + 1; j < size; j++) {
            m.set(at + j, m.get(at + j) - factor * m.get(top + j));
          }
        }
        pivot = pivot < 0 ? -pivot : pivot;
        float scale = TornadoMath.log(m.get(p.get(5) + 2 * k * size + column));
        float term = TornadoMath.log(pivot) - lost;
        float next = sum + term;
        lost = next - sum - term;
        term = scale - lost;
        sum = next + term;
        lost = sum - next - term;
      }
      m.set(p.get(3) + k, regular ? sum : TornadoMath.log(0f));
    }
  }

  /** out_k = the transposed inverse of a_k; all NaN for a singular matrix. */
  static void inverses(KernelContext c, IntArray p, FloatArray m) {
    // In plain Java, without a device, there are no work items, and this loop processes everything.
    int step = c.globalGroupSizeX > 0 ? c.globalGroupSizeX : 1;
    for (int k = c.globalIdx; k < p.get(0); k += step) {
      boolean scaled = load(p, m, k);
      boolean regular = invert(p, m, k);
      store(p, m, k, scaled && regular);
    }
  }

  /** Computes {@link #inverses} refined in double precision to full accuracy. */
  static void refinedInverses(KernelContext c, IntArray p, FloatArray m) {
    int step = c.globalGroupSizeX > 0 ? c.globalGroupSizeX : 1;
    for (int k = c.globalIdx; k < p.get(0); k += step) {
      boolean scaled = load(p, m, k);
      boolean regular = invert(p, m, k);
      store(p, m, k, scaled && regular);
      refine(p, m, k);
    }
  }

  /**
   * Inverts by Gauss-Jordan elimination in place, which leaves the columns of the inverse in the
   * order of the row exchanges; returns false for a singular matrix.
   */
  private static boolean invert(IntArray p, FloatArray m, int k) {
    int size = p.get(1);
    int start = p.get(4) + k * size * size;
    int order = p.get(5) + 2 * k * size + size;
    boolean regular = true;
    for (int i = 0; i < size; i++) {
      m.set(order + i, i);
    }
    for (int column = 0; column < size; column++) {
      int best = pivot(m, start, size, column);
      int top = start + column * size;
      for (int j = 0; j < size; j++) {
        swap(m, top + j, start + best * size + j);
      }
      swap(m, order + column, order + best);
      float pivot = m.get(top + column);
      regular = regular && pivot != 0;
      m.set(top + column, 1);
      for (int j = 0; j < size; j++) {
        m.set(top + j, m.get(top + j) / pivot);
      }
      for (int row = 0; row < size; row++) {
        int at = start + row * size;
        float factor = row == column ? 0 : m.get(at + column);
        m.set(at + column, row == column ? m.get(at + column) : 0);
        for (int j = 0; j < size; j++) {
          m.set(at + j, m.get(at + j) - factor * m.get(top + j));
        }
      }
    }
    return regular;
  }

  private static void store(IntArray p, FloatArray m, int k, boolean regular) {
    int size = p.get(1);
    int start = p.get(4) + k * size * size;
    int scales = p.get(5) + 2 * k * size;
    int out = p.get(3) + k * size * size;
    for (int column = 0; column < size; column++) {
      int row = (int) m.get(scales + size + column);
      for (int i = 0; i < size; i++) {
        float entry = m.get(start + i * size + column) / m.get(scales + row);
        // NaN, but not as a constant, which TornadoVM would write in a form that OpenCL lacks.
        float none = TornadoMath.sqrt(-1 - entry * entry);
        m.set(out + row * size + i, regular ? entry : none);
      }
    }
  }

  /**
   * One step of Newton's iteration for the transposed inverse Y, Y + Y (I - A' Y), which removes
   * most of the rounding error. Non-finite entries stay non-finite.
   */
  private static void refine(IntArray p, FloatArray m, int k) {
    int size = p.get(1);
    int a = p.get(2) + k * size * size;
    int y = p.get(3) + k * size * size;
    int rest = p.get(4) + k * size * size;
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        // (I - A' Y) at i, j, for A' Y = I.
        double sum = i == j ? -1 : 0;
        for (int x = 0; x < size; x++) {
          sum += (double) m.get(a + x * size + i) * m.get(y + x * size + j);
        }
        m.set(rest + i * size + j, (float) -sum);
      }
    }
    // Row i of Y becomes Y (I - A' Y); it is copied to the memory of the scales before it changes.
    int room = p.get(5) + 2 * k * size;
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        double sum = m.get(y + i * size + j);
        for (int x = 0; x < size; x++) {
          sum += (double) m.get(y + i * size + x) * m.get(rest + x * size + j);
        }
        m.set(room + j, (float) sum);
      }
      for (int j = 0; j < size; j++) {
        m.set(y + i * size + j, m.get(room + j));
      }
    }
  }
}
