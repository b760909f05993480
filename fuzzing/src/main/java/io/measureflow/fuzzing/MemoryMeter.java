package io.measureflow.fuzzing;

/** Measures the memory outside the heap that a reader holds. */
public interface MemoryMeter {

  /** Measures nothing. */
  MemoryMeter NONE =
      new MemoryMeter() {
        @Override
        public long live() {
          return 0;
        }

        @Override
        public long peakSince(Runnable begin) {
          begin.run();
          return 0;
        }
      };

  /** Returns the bytes currently held. */
  long live();

  /** Runs something and returns the maximum number of bytes held meanwhile. */
  long peakSince(Runnable begin);
}
