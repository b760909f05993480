package io.measureflow.conformance;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One thread closes a backend, a workspace or a program while another one runs it: the runs end
 * with an {@link IllegalStateException}, never with a crash of the JVM.
 */
enum Closing {
  BACKEND {
    @Override
    void close(Backend backend, Workspace workspace, Executable executable) {
      backend.close();
    }
  },
  WORKSPACE {
    @Override
    void close(Backend backend, Workspace workspace, Executable executable) {
      workspace.close();
    }
  },
  PROGRAM {
    @Override
    void close(Backend backend, Workspace workspace, Executable executable) {
      executable.close();
    }
  };

  private static final int ROUNDS = 40;
  private static final int RUNS_BEFORE = 3;

  abstract void close(Backend backend, Workspace workspace, Executable executable);

  /** A step with a product that is worth several threads, loops and an update. */
  private static Program step() {
    var builder = new ProgramBuilder("step");
    Value x = builder.input("x", Shape.of(128, 128));
    Value w = builder.state("w", Shape.of(128, 128));
    Value product = builder.matMul(builder.exp(builder.affine(x, 0.01, 0)), false, w, true);
    builder.output("product", product);
    builder.update(new Op.Assign(w, builder.affine(product, 1e-3, 0)));
    return builder.build();
  }

  /**
   * Runs and closes again and again, at another place of a run each time.
   *
   * @param open opens a backend
   */
  void check(Supplier<Backend> open) throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      try (Backend backend = open.get();
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
        long until = System.nanoTime() + round * 20_000L;
        while (System.nanoTime() < until) {
          Thread.onSpinWait();
        }
        close(backend, workspace, executable);
        runner.join();
        assertInstanceOf(IllegalStateException.class, end.get());
        assertThrows(IllegalStateException.class, executable::run);
      }
    }
  }
}
