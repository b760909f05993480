package io.measureflow.experiments.dynamics;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.data.Table;
import io.measureflow.core.flows.Wasserstein;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Follows a Wasserstein gradient flow step by step, on batches that depend on the seed alone, so
 * that models of any shape see the same rows in the same order.
 *
 * @param rows the training rows
 * @param batch the number of rows per step
 * @param rate the learning rate h
 * @param seed determines the rows of every step
 */
record Trajectory(Table rows, int batch, double rate, long seed) {

  /** Receives the model at given steps. */
  @FunctionalInterface
  interface Observer {

    /**
     * Called after a number of steps.
     *
     * @param loss the mean loss of the batches since the previous call, NaN at the start
     */
    void at(int step, Model model, double loss);
  }

  /**
   * Follows the flow.
   *
   * @param steps the steps after which the observer is called, ascending; 0 is the start
   */
  void follow(Backend backend, Model start, List<Integer> steps, Observer observer) {
    try (Workspace workspace = backend.newWorkspace();
        Executable program =
            workspace.compile(
                TrainingPrograms.step(
                    start.spec(),
                    Objective.of(Losses.SOFTMAX_CROSS_ENTROPY),
                    Wasserstein.of(),
                    Trainable.DEFAULT,
                    false,
                    0,
                    batch))) {
      start.parameters().forEach(workspace::write);
      var random = new SplittableRandom(seed);
      int[] order = new int[batch];
      int done = 0;
      for (int step : steps) {
        double loss = 0;
        int since = done;
        for (; done < step; done++) {
          for (int i = 0; i < batch; i++) {
            order[i] = random.nextInt(rows.rows());
          }
          rows.features(order, 0, program.input(TrainingPrograms.FEATURES));
          rows.targets(order, 0, program.input(TrainingPrograms.TARGETS));
          program.input(TrainingPrograms.RATE).set(0, rate);
          program.input(TrainingPrograms.STEP).set(0, done + 1.0);
          program.run();
          loss += program.output(TrainingPrograms.LOSS).get(0);
        }
        var tensors = new LinkedHashMap<String, Tensor>();
        workspace.states().forEach(name -> tensors.put(name, workspace.read(name)));
        observer.at(step, Model.of(start.spec(), tensors, "trajectory"), loss / (done - since));
      }
    }
  }
}
