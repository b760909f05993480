package io.measureflow.nd4j;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests closing backends, workspaces and programs while another thread runs them. */
class ClosingTest {

  private static final int ROUNDS = 40;
  private static final int RUNS_BEFORE = 3;

  private static Backend open(int threads) {
    return new Nd4jBackendProvider().open(BackendSettings.of(threads, Precision.FLOAT32));
  }

  /** Returns a step with a large product, loops on several threads, and an update. */
  private static Program step() {
    var builder = new ProgramBuilder("step");
    Value x = builder.input("x", Shape.of(256, 256));
    Value w = builder.state("w", Shape.of(256, 256));
    Value product = builder.matMul(builder.exp(builder.affine(x, 0.01, 0)), false, w, true);
    builder.output("product", product);
    builder.update(new Op.Assign(w, builder.affine(product, 1e-3, 0)));
    return builder.build();
  }

  private interface Closing {
    void close(Backend backend, Workspace workspace, Executable executable);
  }

  @Test
  void closingABackendWaitsForTheRunUnderWay() throws Exception {
    check((backend, workspace, executable) -> backend.close());
  }

  @Test
  void closingAWorkspaceWaitsForTheRunUnderWay() throws Exception {
    check((backend, workspace, executable) -> workspace.close());
  }

  @Test
  void closingAProgramWaitsForTheRunUnderWay() throws Exception {
    check((backend, workspace, executable) -> executable.close());
  }

  private static void check(Closing closing) throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      try (Backend backend = open(2);
          Workspace workspace = backend.newWorkspace();
          Executable executable = workspace.compile(step())) {
        var running = new CountDownLatch(RUNS_BEFORE);
        var end = new AtomicReference<@Nullable Throwable>();
        Thread runner =
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        while (true) {
                          executable.run();
                          running.countDown();
                        }
                      } catch (RuntimeException | Error e) {
                        end.set(e);
                        while (running.getCount() > 0) {
                          running.countDown();
                        }
                      }
                    });
        running.await();
        // At a different point of a run each time.
        long until = System.nanoTime() + round * 20_000L;
        while (System.nanoTime() < until) {
          Thread.onSpinWait();
        }
        closing.close(backend, workspace, executable);
        runner.join();
        assertInstanceOf(IllegalStateException.class, end.get());
        assertThrows(IllegalStateException.class, executable::run);
      }
    }
  }

  @Test
  void tooManyThreadsAreRefused() {
    var thrown = assertThrows(InvalidRequestException.class, () -> open(1_000_000));
    assertTrue(
        String.valueOf(thrown.getMessage()).contains("found 1000000. Request as many threads"),
        thrown::getMessage);
    open(3).close();
  }
}
