package io.measureflow.fuzzing;

/** Memory outside of the heap that a reader holds, where something counts it. */
public interface MemoryMeter {

  /** Counts nothing. */
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

  /** The bytes that are held now. */
  long live();

  /** Runs something and returns the most bytes that were held meanwhile. */
  long peakSince(Runnable begin);
}
