package io.measureflow.cli.bench.timing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.OptionalDouble;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** What processors can do at the moment, in multiply-adds of vectors that need no memory. */
public final class PeakRate {

  private static final int BURSTS = 40;
  private static final int TIMES = 20_000;

  private PeakRate() {}

  /**
   * Returns the best rate of some short bursts, in GFLOP/s; empty if the JVM was started without
   * the module of the vectors.
   */
  public static OptionalDouble gigaflops() {
    return gigaflops(1);
  }

  /** Returns the best rate of some threads at once, all of them together. */
  public static OptionalDouble gigaflops(int threads) {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return OptionalDouble.empty();
    }
    double[] rates = new double[threads];
    var others = new ArrayList<Thread>();
    for (int i = 1; i < threads; i++) {
      int number = i;
      others.add(Thread.ofPlatform().daemon().start(() -> rates[number] = best()));
    }
    rates[0] = best();
    for (Thread other : others) {
      try {
        other.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return OptionalDouble.empty();
      }
    }
    return OptionalDouble.of(Arrays.stream(rates).sum());
  }

  private static double best() {
    long least = Long.MAX_VALUE;
    for (int burst = 0; burst < BURSTS; burst++) {
      long start = System.nanoTime();
      Vectors.sink = Vectors.multiplyAdds();
      least = Math.min(least, System.nanoTime() - start);
    }
    return 2.0 * TIMES * Vectors.SUMS * Vectors.SPECIES.length() / least;
  }

  /** A class of its own, which is not loaded where there are no vectors. */
  private static final class Vectors {

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /** Sums that do not depend on each other: more than two units with a latency of five need. */
    private static final int SUMS = 12;

    @SuppressWarnings("UnusedVariable") // Written, so that the sums are not optimised away.
    private static volatile float sink;

    private static float multiplyAdds() {
      FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
      FloatVector y = FloatVector.broadcast(SPECIES, 0.001f);
      FloatVector a = x;
      FloatVector b = y;
      FloatVector c = x;
      FloatVector d = y;
      FloatVector e = x;
      FloatVector f = y;
      FloatVector g = x;
      FloatVector h = y;
      FloatVector i = x;
      FloatVector j = y;
      FloatVector k = x;
      FloatVector l = y;
      for (int t = 0; t < TIMES; t++) {
        a = a.fma(x, y);
        b = b.fma(x, y);
        c = c.fma(x, y);
        d = d.fma(x, y);
        e = e.fma(x, y);
        f = f.fma(x, y);
        g = g.fma(x, y);
        h = h.fma(x, y);
        i = i.fma(x, y);
        j = j.fma(x, y);
        k = k.fma(x, y);
        l = l.fma(x, y);
      }
      FloatVector first = a.add(b).add(c).add(d).add(e).add(f);
      return first.add(g).add(h).add(i).add(j).add(k).add(l).lane(0);
    }
  }
}
