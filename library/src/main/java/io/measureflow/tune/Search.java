package io.measureflow.tune;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * Random search with successive halving: all trials are trained for a few epochs, the best go on
 * for more. A search is a function of its trials and of their scores, so that one which ended early
 * continues from the results that it had.
 *
 * <pre>{@code
 * var space = SearchSpace.parse(List.of("rate=1e-4:1e-1:log", "components=16,64,256"));
 * var search = new Search(space.draw(27, 1), Halving.of(27, 3, 90));
 * Search.Result best =
 *     search.run(List.of(), (trial, settings, epochs) -> loss(trial, settings, epochs)).getFirst();
 * }</pre>
 *
 * @param trials the settings of each trial, by name; at least one trial
 * @param halving how many of them go on for how long
 */
public record Search(List<SequencedMap<String, String>> trials, Halving halving) {

  /** Copies the list. */
  public Search {
    trials = List.copyOf(trials);
    if (trials.isEmpty()) {
      throw new IllegalArgumentException("trials: expected at least one, found none");
    }
  }

  /** Trains a trial for a while, and judges it. */
  @FunctionalInterface
  public interface Trainer {

    /**
     * Trains until so many epochs are done, in all rounds together.
     *
     * @param trial the index of the trial, from 0; a trial that goes on has the same in each round
     * @param settings the settings of the trial
     * @param epochs the number of epochs, counted from the first round
     * @return the score, lower is better; NaN or infinite if the trial failed
     */
    double train(int trial, SequencedMap<String, String> settings, int epochs);
  }

  /**
   * How good a trial was in a round.
   *
   * @param round the index of the round, from 0
   * @param trial the index of the trial, from 0
   * @param epochs the number of epochs that it had been trained for
   * @param score its score, lower is better; NaN or infinite if it failed
   */
  public record Result(int round, int trial, int epochs, double score) {

    /** Whether there is a score. */
    public boolean succeeded() {
      return Double.isFinite(score);
    }
  }

  /** The best first; equal ones in the order of the trials; those that failed at the end. */
  private static final Comparator<Result> BY_SCORE =
      Comparator.comparing((Result result) -> !result.succeeded())
          .thenComparingDouble(result -> result.succeeded() ? result.score() : 0)
          .thenComparingInt(Result::trial);

  /**
   * Runs the search. In each round trials take part in the order of their scores in the last one
   * until as many as planned have succeeded: one that fails gives its place to the next.
   *
   * @param known the results of an earlier attempt, which are not computed again
   * @return the last result of each trial: those that came furthest first, and the best of these
   *     before the others; those that failed at the end
   */
  public List<Result> run(List<Result> known, Trainer trainer) {
    var results = new HashMap<Integer, Result>();
    List<Integer> candidates = IntStream.range(0, trials.size()).boxed().toList();
    for (int round = 0; round < halving.rounds().size(); round++) {
      Halving.Round plan = halving.rounds().get(round);
      var finished = new ArrayList<Result>();
      for (int trial : candidates) {
        // All trials are wanted in the first round, however many fail.
        if (round > 0 && count(finished) == plan.trials()) {
          break;
        }
        Result result = result(known, round, trial, plan.epochs(), trainer);
        finished.add(result);
        results.put(trial, result);
      }
      candidates =
          finished.stream().filter(Result::succeeded).sorted(BY_SCORE).map(Result::trial).toList();
    }
    return results.values().stream()
        .sorted(
            Comparator.comparing((Result result) -> !result.succeeded())
                .thenComparingInt(result -> -result.round())
                .thenComparing(BY_SCORE))
        .toList();
  }

  private static long count(List<Result> finished) {
    return finished.stream().filter(Result::succeeded).count();
  }

  private Result result(List<Result> known, int round, int trial, int epochs, Trainer trainer) {
    return known.stream()
        .filter(result -> result.round() == round && result.trial() == trial)
        .findFirst()
        .orElseGet(
            () ->
                new Result(round, trial, epochs, trainer.train(trial, trials.get(trial), epochs)));
  }
}
