package io.measureflow.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;

/** What the operations of networks promise beyond agreement with their definitions. */
final class NetworkChecks {

  private NetworkChecks() {}

  // ---- random numbers ----

  /** Step, stream and seed each lead to other numbers; the same three to the same ones. */
  static void drawsAreDistinct(Backend backend) {
    Shape shape = Shape.of(64);
    var program = new ProgramBuilder("draws");
    Value step = program.input("step", Shape.SCALAR);
    List<Long> seeds = List.of(1L, 2L, 1L + (1L << 32));
    List<Integer> streams = List.of(0, 1);
    for (long seed : seeds) {
      for (int stream : streams) {
        program.output(
            "uniform " + seed + " " + stream, program.uniform(seed, stream, step, shape));
        program.output("normal " + seed + " " + stream, program.normal(seed, stream, step, shape));
      }
    }
    Program built = program.build();
    Gaps.requireNone(backend, built);
    Set<Double> numbers = new HashSet<>();
    var first = new ArrayList<List<Double>>();
    try (Workspace workspace = backend.newWorkspace();
        Executable executable = workspace.compile(built)) {
      for (int at : new int[] {0, 1, 7, 1 << 24, 0}) {
        executable.input("step").set(0, at);
        executable.run();
        int before = numbers.size();
        var drawn = new ArrayList<List<Double>>();
        for (String name : built.outputs().keySet()) {
          List<Double> found = list(executable.output(name));
          drawn.add(found);
          numbers.addAll(found);
        }
        if (first.isEmpty()) {
          first.addAll(drawn);
        } else if (at == 0) {
          assertEquals(first, drawn);
          assertEquals(before, numbers.size());
        } else {
          // A few of thousands of numbers of 23 bits may be equal by chance.
          int expected = built.outputs().size() * shape.size();
          assertTrue(numbers.size() - before > expected - 4, "step " + at);
        }
      }
    }
  }

  private static List<Double> list(Tensor tensor) {
    var all = new ArrayList<Double>();
    for (double number : tensor.toDoubles()) {
      all.add(number);
    }
    return all;
  }

  /** Means and variances, and the covariance of neighbours, within five standard errors. */
  static void drawsHaveTheirMoments(Backend backend) {
    int size = 1 << 18;
    var program = new ProgramBuilder("moments");
    Value step = program.input("step", Shape.SCALAR);
    program.output("uniform", program.uniform(7, 1, step, Shape.of(size)));
    program.output("normal", program.normal(7, 1, step, Shape.of(size)));
    Program built = program.build();
    Gaps.requireNone(backend, built);
    try (Workspace workspace = backend.newWorkspace();
        Executable executable = workspace.compile(built)) {
      executable.input("step").set(0, 3);
      executable.run();
      double[] uniform = executable.output("uniform").toDoubles();
      double[] normal = executable.output("normal").toDoubles();
      for (double u : uniform) {
        assertTrue(u > 0 && u < 1, "uniform " + u);
      }
      moments("uniform", uniform, 0.5, 1 / 12.0, 1 / 80.0);
      moments("normal", normal, 0, 1, 3);
    }
  }

  /**
   * @param fourth the fourth central moment
   */
  private static void moments(
      String name, double[] numbers, double mean, double variance, double fourth) {
    double sum = 0;
    double squares = 0;
    double neighbours = 0;
    for (int i = 0; i < numbers.length; i++) {
      double d = numbers[i] - mean;
      sum += d;
      squares += d * d;
      neighbours += i == 0 ? 0 : d * (numbers[i - 1] - mean);
    }
    int n = numbers.length;
    within(name + ", mean", sum / n, Math.sqrt(variance / n));
    within(
        name + ", variance", squares / n - variance, Math.sqrt((fourth - variance * variance) / n));
    within(name + ", covariance", neighbours / n, variance / Math.sqrt(n));
  }

  private static void within(String what, double difference, double error) {
    assertTrue(Math.abs(difference) <= 5 * error, () -> what + " differs by " + difference);
  }

  // ---- indices ----

  static void wrongIndicesAreRefused(Backend backend) {
    refusesThree(backend, p -> p.oneHot(p.integerInput("indices", 2), 3));
    refusesThree(
        backend, p -> p.gather(p.input("a", Shape.of(3, 4)), p.integerInput("indices", 2)));
    refusesThree(
        backend,
        p ->
            p.emit(
                new Op.ScatterAdd(p.input("a", Shape.of(2, 4)), p.integerInput("indices", 2), 3)));
  }

  private static void refusesThree(Backend backend, Function<ProgramBuilder, Value> writer) {
    var program = new ProgramBuilder("indices");
    program.output("out", writer.apply(program));
    Program built = program.build();
    Gaps.requireNone(backend, built);
    try (Workspace workspace = backend.newWorkspace();
        Executable executable = workspace.compile(built)) {
      for (int wrong : new int[] {3, -1, Integer.MAX_VALUE}) {
        executable.input("indices").set(1, wrong);
        var error = assertThrows(IllegalArgumentException.class, executable::run);
        assertTrue(error.toString().contains(String.valueOf(wrong)), error.toString());
      }
      executable.input("indices").set(1, 2);
      executable.run();
    }
  }

  // ---- threads ----

  /** Every case has the same bits for all these numbers of threads. */
  static void givesTheSameBits(IntFunction<Backend> open, int[] threadCounts) {
    var expected = new ArrayList<Tensor>();
    for (int threads : threadCounts) {
      var found = new ArrayList<Tensor>();
      try (Backend backend = open.apply(threads)) {
        for (OperationCases.Case c : NetworkCases.all()) {
          found.addAll(results(backend, c));
        }
      }
      if (expected.isEmpty()) {
        expected.addAll(found);
      }
      for (int i = 0; i < expected.size(); i++) {
        assertEquals(
            -1,
            expected.get(i).memory().mismatch(found.get(i).memory()),
            "result " + i + " with " + threads);
      }
    }
  }

  private static List<Tensor> results(Backend backend, OperationCases.Case c) {
    Program program = c.program();
    Gaps.requireNone(backend, program);
    var results = new ArrayList<Tensor>();
    try (Workspace workspace = backend.newWorkspace();
        Executable executable = workspace.compile(program)) {
      c.values()
          .forEach(
              (name, elements) -> {
                if (program.states().stream().anyMatch(state -> state.name().equals(name))) {
                  Shape shape = workspace.read(name).shape();
                  workspace.write(name, Tensor.of(shape, elements));
                } else {
                  Tensor input = executable.input(name);
                  for (int i = 0; i < elements.length; i++) {
                    input.set(i, elements[i]);
                  }
                }
              });
      executable.run();
      for (String output : program.outputs().keySet()) {
        Tensor found = executable.output(output);
        results.add(Tensor.of(found.shape(), found.toDoubles()));
      }
    }
    return results;
  }
}
