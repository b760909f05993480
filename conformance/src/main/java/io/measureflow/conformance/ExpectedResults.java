package io.measureflow.conformance;

import io.measureflow.api.program.Program;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The results of the {@link Oracle} for a case, for each of its runs. Computed once per JVM, as
 * several backends and precisions are compared with them.
 */
final class ExpectedResults {

  /** Runs of a program whose states carry over. */
  static final int RUNS = 3;

  // By identity: cases are shared, and comparing them would compare whole programs.
  private static final Map<OperationCases.Case, ExpectedResults> KNOWN =
      Collections.synchronizedMap(new IdentityHashMap<>());

  /** By run; a program without states has a single entry, as its runs are equal. */
  private final List<Map<Value, double[]>> runs = new ArrayList<>();

  private ExpectedResults(OperationCases.Case c) {
    Program program = c.program();
    var oracle = new Oracle(program, c.values());
    int different = program.states().isEmpty() ? 1 : RUNS;
    for (int run = 0; run < different; run++) {
      oracle.run(program);
      var results = new IdentityHashMap<Value, double[]>();
      program.outputs().values().forEach(v -> results.put(v, oracle.of(v)));
      program.states().forEach(v -> results.put(v, oracle.of(v).clone()));
      runs.add(results);
    }
  }

  static ExpectedResults of(OperationCases.Case c) {
    return KNOWN.computeIfAbsent(c, ExpectedResults::new);
  }

  /**
   * Returns the elements of an output or state of the case's program.
   *
   * @param run from 1 to {@link #RUNS}
   */
  double[] after(int run, Value value) {
    double[] elements = runs.get(Math.min(run, runs.size()) - 1).get(value);
    if (elements == null) {
      throw new IllegalArgumentException(value + " is neither an output nor a state");
    }
    return elements;
  }
}
