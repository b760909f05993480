package io.measureflow.core.layers;

/** Checks of the sizes of layers. */
final class Sizes {

  private Sizes() {}

  static void check(String what, int found, int least) {
    if (found < least) {
      throw new IllegalArgumentException(
          "Layer " + what + ": expected at least " + least + ", found " + found);
    }
  }
}
