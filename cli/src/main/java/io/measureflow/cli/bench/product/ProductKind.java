package io.measureflow.cli.bench.product;

import io.measureflow.api.error.InvalidRequestException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The products of a step of a mixture layer: X are the features [batch, inputs], M the means [K,
 * inputs], G values or gradients of components [batch, K], A their outputs [K, outputs], Y the
 * gradient with respect to the logits [batch, outputs], U the factors of all components [inputs, K
 * rank], V the gradient of X U; and square products in all transpositions.
 */
public enum ProductKind {
  /** X M', the means (and variances) of all components. */
  XMT("XMt"),
  /** G' X, the gradient with respect to the means. */
  GTX("GtX"),
  /** G A, the logits. */
  GA("GA"),
  /** G' Y, the gradient with respect to the outputs of the components. */
  GTY("GtY"),
  /** Y A', the gradient with respect to the values of the components. */
  YAT("YAt"),
  /** X U, the factors' products of a factored layer. */
  XU("XU"),
  /** X' V, the gradient with respect to the factors. */
  XTV("XtV"),
  /** Square, neither factor transposed. */
  NN("NN"),
  /** Square, the second factor transposed. */
  NT("NT"),
  /** Square, the first factor transposed. */
  TN("TN"),
  /** Square, both factors transposed. */
  TT("TT");

  private final String label;

  ProductKind(String label) {
    this.label = label;
  }

  /**
   * The sizes of a step.
   *
   * @param batch the rows of a batch
   * @param inputs the number of features
   * @param outputs the number of classes
   * @param rank the rank of the factors
   */
  public record StepSizes(int batch, int inputs, int outputs, int rank) {}

  /** Returns the names of all kinds, separated by commas. */
  public static String names() {
    return Arrays.stream(values()).map(kind -> kind.label).collect(Collectors.joining(","));
  }

  /**
   * Returns the kind of a name, in any case.
   *
   * @param option where the name comes from, for the message
   * @throws InvalidRequestException if there is none
   */
  public static ProductKind named(String option, String name) {
    return Arrays.stream(values())
        .filter(kind -> kind.label.equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                InvalidRequestException.of(
                    option,
                    "names of " + names().replace(",", ", "),
                    "'" + name + "'",
                    "Correct the name."));
  }

  /**
   * Returns the products of some kinds.
   *
   * @param components the numbers of components, for products of steps
   * @param squares the sizes of square products
   */
  public static List<Product> products(
      List<ProductKind> kinds, List<Integer> components, StepSizes sizes, List<Integer> squares) {
    return kinds.stream()
        .flatMap(
            kind ->
                (kind.isSquare() ? squares : components)
                    .stream().map(size -> kind.product(size, sizes)))
        .toList();
  }

  private boolean isSquare() {
    return compareTo(NN) >= 0;
  }

  private Product product(int size, StepSizes of) {
    return switch (this) {
      case XMT -> new Product(label, of.batch(), size, of.inputs(), false, true);
      case GTX -> new Product(label, size, of.inputs(), of.batch(), true, false);
      case GA -> new Product(label, of.batch(), of.outputs(), size, false, false);
      case GTY -> new Product(label, size, of.outputs(), of.batch(), true, false);
      case YAT -> new Product(label, of.batch(), size, of.outputs(), false, true);
      case XU -> new Product(label, of.batch(), size * of.rank(), of.inputs(), false, false);
      case XTV -> new Product(label, of.inputs(), size * of.rank(), of.batch(), true, false);
      case NN -> new Product(label, size, size, size, false, false);
      case NT -> new Product(label, size, size, size, false, true);
      case TN -> new Product(label, size, size, size, true, false);
      case TT -> new Product(label, size, size, size, true, true);
    };
  }
}
