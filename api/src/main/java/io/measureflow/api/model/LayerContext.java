package io.measureflow.api.model;

import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a layer writes its output with: the program, the values of its parameters, and, in training,
 * random numbers and its running statistics.
 */
public final class LayerContext {

  /** What all layers of one pass in training share. */
  private static final class Training {
    private final long seed;
    private final Supplier<Value> step;
    private final SequencedMap<Value, Value> statistics = new LinkedHashMap<>();
    private int draws;

    Training(long seed, Supplier<Value> step) {
      this.seed = seed;
      this.step = step;
    }
  }

  private final ProgramBuilder program;
  private final Function<String, NamedValues> parameters;
  private final String path;
  private final Optional<Training> training;

  private LayerContext(
      ProgramBuilder program,
      Function<String, NamedValues> parameters,
      String path,
      Optional<Training> training) {
    this.program = program;
    this.parameters = parameters;
    this.path = path;
    this.training = training;
  }

  /**
   * Creates the context of a model for prediction.
   *
   * @param parameters returns the parameters of a layer by its path, {@code layers.0}
   */
  public static LayerContext ofPrediction(
      ProgramBuilder program, Function<String, NamedValues> parameters) {
    return new LayerContext(program, parameters, "", Optional.empty());
  }

  /**
   * Creates the context of a model for training.
   *
   * @param parameters returns the parameters of a layer by its path, {@code layers.0}
   * @param seed the seed of random numbers
   * @param step returns the number of the step, a scalar, when the first layer draws
   */
  public static LayerContext ofTraining(
      ProgramBuilder program,
      Function<String, NamedValues> parameters,
      long seed,
      Supplier<Value> step) {
    return new LayerContext(program, parameters, "", Optional.of(new Training(seed, step)));
  }

  /** Returns the context of a layer within this one, or within the model. */
  public LayerContext within(String name) {
    return new LayerContext(
        program, parameters, path.isEmpty() ? name : path + "." + name, training);
  }

  /** Returns the program to write to. */
  public ProgramBuilder program() {
    return program;
  }

  /** Returns the values of the layer's parameters and running statistics. */
  public NamedValues parameters() {
    return parameters.apply(path);
  }

  /** Returns whether the output is that of training, and not of prediction. */
  public boolean isTraining() {
    return training.isPresent();
  }

  /**
   * Returns uniform random numbers between 0 and 1, which depend on the seed of the run, the step,
   * the place of the draw in the model, and the index of the element alone.
   *
   * @throws IllegalStateException if this is not training
   */
  public Value uniform(Shape shape) {
    Training draws = require();
    return program.uniform(draws.seed, draws.draws++, draws.step.get(), shape);
  }

  /**
   * Sets the value that a running statistic has after the step. Steps that compute the output
   * several times keep that of the first.
   *
   * @param name its name within the layer
   * @throws IllegalStateException if this is not training
   */
  public void setStatistic(String name, Value value) {
    require().statistics.put(parameters().get(name), value);
  }

  /** Returns the new values of running statistics, by the state that each replaces. */
  public SequencedMap<Value, Value> statistics() {
    return training
        .map(of -> Collections.unmodifiableSequencedMap(of.statistics))
        .orElseGet(Collections::emptyNavigableMap);
  }

  private Training require() {
    return training.orElseThrow(
        () -> new IllegalStateException("Layer " + path + ": expected training, found prediction"));
  }
}
