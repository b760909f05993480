package io.measureflow.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Philox;
import io.measureflow.api.program.Window;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Compares the kernels of networks, as plain Java without a device, with plain loops. */
final class NetworkKernelsTest {

  /** The number of work items, which take turns. */
  private static final int ITEMS = 3;

  private interface Kernel {
    void run(IntArray p, FloatArray m, int first, int step);
  }

  private static void run(Kernel kernel, int[] p, FloatArray m) {
    IntArray parameters = IntArray.fromArray(p);
    for (int item = 0; item < ITEMS; item++) {
      kernel.run(parameters, m, item, ITEMS);
    }
  }

  private static FloatArray random(int size, long seed) {
    var random = new SplittableRandom(seed);
    var array = new FloatArray(size);
    for (int i = 0; i < size; i++) {
      // Few different numbers, so that there are ties.
      array.set(i, random.nextInt(-4, 5) / 4f);
    }
    return array;
  }

  @Test
  void selections() {
    FloatArray m = random(40, 1);
    m.set(3, Float.NaN);
    int[] p = MapKernels.select(10, 0, 10, 20, 30);
    for (int item = 0; item < ITEMS; item++) {
      MapKernels.select(IntArray.fromArray(p), m, item, 10, ITEMS);
    }
    for (int i = 0; i < 10; i++) {
      assertEquals(m.get(i) > 0 ? m.get(10 + i) : m.get(20 + i), m.get(30 + i));
    }
  }

  /** From [2, 3, 4, 5] to [2, 1, 4, 1]. */
  @Test
  void maximaOverDimensions() {
    FloatArray m = random(400, 2);
    m.set(57, Float.NaN);
    int[] strides = {60, 20, 5, 1};
    int[] kept = {2, 1, 4, 1};
    int[] reduced = {1, 3, 1, 5};
    run(MaximumKernels::each, SumKernels.parameters(kept, strides, reduced, strides, 0, 120, 0), m);
    run(
        MaximumKernels::marks,
        SumKernels.parameters(kept, strides, reduced, strides, 0, 200, 0),
        m);
    for (int o = 0; o < 8; o++) {
      int first = -1;
      for (int j = 0; j < 3; j++) {
        for (int l = 0; l < 5; l++) {
          int at = o / 4 * 60 + j * 20 + o % 4 * 5 + l;
          // Float.compare orders a NaN above all numbers.
          if (first < 0 || Float.compare(m.get(at) + 0f, m.get(first) + 0f) > 0) {
            first = at;
          }
        }
      }
      assertEquals(m.get(first), m.get(120 + o));
      for (int j = 0; j < 3; j++) {
        for (int l = 0; l < 5; l++) {
          int at = o / 4 * 60 + j * 20 + o % 4 * 5 + l;
          assertEquals(at == first ? 1 : 0, m.get(200 + at));
        }
      }
    }
  }

  @Test
  void rowsByIndex() {
    FloatArray m = random(300, 3);
    IntArray indices = IntArray.fromElements(2, 0, 2, 1, 2);
    int width = 4;
    for (int item = 0; item < ITEMS; item++) {
      int[] oneHot = IndexKernels.parameters(15, 3, 5, 0, 100);
      IndexKernels.oneHot(IntArray.fromArray(oneHot), m, indices, item, ITEMS);
      int[] gather = IndexKernels.parameters(20, width, 5, 0, 150);
      IndexKernels.gather(IntArray.fromArray(gather), m, indices, item, ITEMS);
      int[] scatter = IndexKernels.parameters(16, width, 5, 0, 200);
      IndexKernels.scatterAdd(IntArray.fromArray(scatter), m, indices, item, ITEMS);
    }
    float[] sums = new float[16];
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < 3; j++) {
        assertEquals(indices.get(i) == j ? 1 : 0, m.get(100 + 3 * i + j));
      }
      for (int j = 0; j < width; j++) {
        assertEquals(m.get(indices.get(i) * width + j), m.get(150 + i * width + j));
        sums[indices.get(i) * width + j] += m.get(i * width + j);
      }
    }
    for (int i = 0; i < 16; i++) {
      assertEquals(sums[i], m.get(200 + i));
    }
  }

  @Test
  void randomNumbersAreThoseOfPhilox() {
    for (Op.Distribution distribution : Op.Distribution.values()) {
      for (long seed : new long[] {0, -1, 0x0123456789abcdefL, Long.MIN_VALUE}) {
        for (int stream : new int[] {0, -1, Integer.MIN_VALUE}) {
          int n = 1001;
          var m = new FloatArray(n + 1);
          m.set(n, 12345);
          int normal = distribution == Op.Distribution.NORMAL ? 1 : 0;
          run(RandomKernels::draw, RandomKernels.parameters(n, seed, stream, n, normal, 0), m);
          double[] expected = new double[n];
          Philox.fill(distribution, seed, stream, 12345, 0, n, expected);
          for (int i = 0; i < n; i++) {
            double allowed = normal == 1 ? 1e-6 * Math.abs(expected[i]) : 0;
            double found = m.get(i);
            String what = distribution + " " + i + " of " + seed + ", " + stream;
            assertTrue(Math.abs(expected[i] - found) <= allowed, what);
          }
        }
      }
    }
  }

  @Test
  void imagesAgreeWithLoopsOverWindows() {
    for (Window w :
        new Window[] {
          new Window(5, 7, 3, 3, 1, 1, 1, 1),
          new Window(7, 9, 3, 2, 2, 2, 1, 0),
          new Window(9, 7, 5, 3, 2, 1, 2, 1),
          new Window(7, 7, 2, 2, 3, 3, 0, 0),
          new Window(3, 3, 1, 1, 1, 1, 0, 0)
        }) {
      for (int channels : new int[] {1, 3}) {
        images(w, 3, channels);
      }
    }
  }

  private static void images(Window w, int batch, int channels) {
    int images = batch * w.pixels() * channels;
    int places = batch * w.places() * channels;
    int patches = places * w.kernelSize();
    // Operands: images, a number per place and channel, patches. Then the results.
    int g = images;
    int windows = g + places;
    int out = windows + patches;
    FloatArray m = random(out + 3 * images + 2 * places + patches, channels);
    int maxima = out + patches;
    int means = maxima + places;
    int ofPatches = means + places;
    int ofMaxima = ofPatches + images;
    int ofMeans = ofMaxima + images;
    run(ImageKernels::patches, ImageKernels.parameters(patches, w, batch * channels, 0, 0, out), m);
    run(
        ImageKernels::maxPool,
        ImageKernels.parameters(places, w, batch * channels, 0, 0, maxima),
        m);
    run(
        ImageKernels::averagePool,
        ImageKernels.parameters(places, w, batch * channels, 0, 0, means),
        m);
    run(
        ImageKernels::patchesAdjoint,
        ImageKernels.parameters(images, w, batch * channels, windows, 0, ofPatches),
        m);
    run(
        ImageKernels::maxPoolGradient,
        ImageKernels.parameters(images, w, batch * channels, 0, g, ofMaxima),
        m);
    run(
        ImageKernels::averagePoolAdjoint,
        ImageKernels.parameters(images, w, batch * channels, g, 0, ofMeans),
        m);
    double[] patchSums = new double[images];
    double[] maximumSums = new double[images];
    double[] meanSums = new double[images];
    int size = w.kernelSize();
    for (int e = 0; e < places; e++) {
      int place = e / channels;
      int channel = e % channels;
      int image = place % batch;
      int top = place / batch / w.outputWidth() * w.strideHeight() - w.paddingHeight();
      int left = place / batch % w.outputWidth() * w.strideWidth() - w.paddingWidth();
      int best = -1;
      double sum = 0;
      for (int k = 0; k < size; k++) {
        int row = top + k / w.kernelWidth();
        int column = left + k % w.kernelWidth();
        boolean inside = row >= 0 && row < w.height() && column >= 0 && column < w.width();
        int at = ((row * w.width() + column) * batch + image) * channels + channel;
        assertEquals(inside ? m.get(at) : 0, m.get(out + e * size + k));
        if (inside) {
          sum += m.get(at);
          best = best < 0 || m.get(at) > m.get(best) ? at : best;
          patchSums[at] += m.get(windows + e * size + k);
          meanSums[at] += m.get(g + e) / size;
        }
      }
      assertEquals(m.get(best), m.get(maxima + e));
      assertEquals(sum / size, m.get(means + e), 1e-6);
      maximumSums[best] += m.get(g + e);
    }
    for (int i = 0; i < images; i++) {
      assertEquals(patchSums[i], m.get(ofPatches + i), 1e-5);
      assertEquals(maximumSums[i], m.get(ofMaxima + i), 1e-5);
      assertEquals(meanSums[i], m.get(ofMeans + i), 1e-5);
    }
  }
}
