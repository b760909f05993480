package io.measureflow.api.model;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.measure.Family;

/** The description of a layer, as a checkpoint keeps it, from which the layer is made. */
public sealed interface LayerSpec {

  /** The width of the rows that it takes, d. */
  int inputs();

  /** The width of the rows that it gives, p. */
  int outputs();

  /** Whether it sees a constant 1 besides its inputs. */
  boolean bias();

  /** The activation function. */
  Activation activation();

  /**
   * A mixture layer: an integral over a mixture of components of one family.
   *
   * @param family the family of the components
   * @param activation sigma
   * @param bias whether the input gets a constant 1 as its last column
   * @param inputs d
   * @param outputs p
   * @param components K
   * @param rank r; 0 for families without one, or whose rank follows from the other sizes
   */
  record GaussianMixture(
      Family family,
      Activation activation,
      boolean bias,
      int inputs,
      int outputs,
      int components,
      int rank)
      implements LayerSpec {
    /** Checks the sizes. */
    public GaussianMixture {
      check("inputs", inputs, 1);
      check("outputs", outputs, 1);
      check("components", components, 1);
      check("rank", rank, 0);
    }

    @Override
    public String toString() {
      return "GaussianMixture["
          + family.name()
          + ", "
          + activation.key()
          + (bias ? ", bias, " : ", ")
          + inputs
          + " -> "
          + outputs
          + ", K = "
          + components
          + (rank > 0 ? ", rank " + rank : "")
          + "]";
    }
  }

  /**
   * An ordinary affine layer, sigma(weight x + bias).
   *
   * @param activation applied to the sum; the identity for a plain affine map
   * @param bias whether a bias is added
   * @param inputs d
   * @param outputs p
   */
  record Dense(Activation activation, boolean bias, int inputs, int outputs) implements LayerSpec {
    /** Checks the sizes. */
    public Dense {
      check("inputs", inputs, 1);
      check("outputs", outputs, 1);
    }
  }

  private static void check(String what, int found, int least) {
    if (found < least) {
      throw new IllegalArgumentException(
          "Layer " + what + ": expected at least " + least + ", found " + found);
    }
  }
}
