package io.measureflow.cli.train;

import io.measureflow.cli.run.LearningCurves;
import io.measureflow.cli.run.MetricsFile;
import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.TrainingListener;
import io.measureflow.core.training.TrainingState;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Updates the learning curves of a run while it trains, on a thread of its own: after the first
 * epoch, since the toolkit takes a second to start, and then at most every ten seconds.
 */
final class CurvesInTraining implements TrainingListener {

  private static final long LEAST_NANOS_BETWEEN = 10_000_000_000L;

  private final Supplier<List<MetricsFile.Row>> rows;
  private final String title;
  private final Path file;
  private @Nullable Thread drawing;
  private long drawn;

  /**
   * Creates a listener, which draws nothing yet.
   *
   * @param rows the epochs so far
   */
  CurvesInTraining(Supplier<List<MetricsFile.Row>> rows, String title, Path file) {
    this.rows = rows;
    this.title = title;
    this.file = file;
  }

  @Override
  public void epoch(EpochReport report, TrainingState state, boolean best) {
    Thread last = drawing;
    if (last == null || (!last.isAlive() && System.nanoTime() - drawn > LEAST_NANOS_BETWEEN)) {
      List<MetricsFile.Row> epochs = List.copyOf(rows.get());
      drawn = System.nanoTime();
      drawing =
          Thread.ofPlatform()
              .daemon()
              .name("measureflow-curves")
              .start(() -> LearningCurves.draw(epochs, title, file));
    }
  }

  /** Draws the curves of all epochs and waits until they are on disk. */
  void finish() {
    await();
    LearningCurves.draw(rows.get(), title, file);
  }

  /** Waits for a drawing in progress, so that no partial file is left. */
  void await() {
    Thread last = drawing;
    if (last != null) {
      try {
        last.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
