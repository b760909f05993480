package io.measureflow.lowering;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A step of a lowered program. */
public sealed interface Step {

  /** Returns the values that it reads. */
  List<Value> reads();

  /** Returns the values that it assigns. */
  List<Value> writes();

  /** Returns the states that it changes. */
  default List<Value> changes() {
    return List.of();
  }

  /**
   * A matrix product, or one for each pair of matrices of two stacks.
   *
   * @param count the number of products
   * @param rows the rows of each in memory
   * @param columns the columns of each in memory
   * @param inner the length of the sums
   */
  record Product(
      int count, int rows, int columns, int inner, Operand left, Operand right, Epilogue epilogue)
      implements Step {

    @Override
    public List<Value> reads() {
      var reads = new ArrayList<>(List.of(left.value(), right.value()));
      if (epilogue instanceof Epilogue.Update(Op.Update update, Epilogue.Factor factor)) {
        reads.addAll(update.inputs());
        reads.remove(gradient(update));
        if (factor instanceof Epilogue.Factor.Affine affine) {
          reads.add(affine.x());
        }
      }
      return List.copyOf(reads);
    }

    @Override
    public List<Value> writes() {
      return epilogue instanceof Epilogue.Store(Value out) ? List.of(out) : List.of();
    }

    @Override
    public List<Value> changes() {
      return epilogue instanceof Epilogue.Update update ? update.update().changed() : List.of();
    }

    /** Returns the product with another form of its right factor. */
    Product withRight(Operand form) {
      return new Product(count, rows, columns, inner, left, form, epilogue);
    }

    /** Returns the floating-point operations. */
    public double operations() {
      return 2.0 * count * rows * columns * inner;
    }

    @Override
    public String toString() {
      return "product %s[%d x %d x %d] %s . %s -> %s"
          .formatted(count == 1 ? "" : count + " x ", rows, columns, inner, left, right, epilogue);
    }
  }

  /**
   * Products of the windows of images: M X for each, with the windows as columns.
   *
   * @param products at least one
   */
  record Convolve(Windows windows, List<WindowProduct> products) implements Step {

    public Convolve {
      products = List.copyOf(products);
    }

    @Override
    public List<Value> reads() {
      return Stream.concat(
              Stream.of(windows.image()), products.stream().map(each -> each.factor().value()))
          .toList();
    }

    @Override
    public List<Value> writes() {
      return products.stream().map(WindowProduct::out).toList();
    }
  }

  /**
   * Products of the transposed windows of images, G X', the gradients of what {@link Convolve}
   * multiplies windows by.
   *
   * @param products at least one, whose factors are [rows, places] in memory
   */
  record ConvolveGradient(Windows windows, List<WindowProduct> products) implements Step {

    public ConvolveGradient {
      products = List.copyOf(products);
    }

    @Override
    public List<Value> reads() {
      return Stream.concat(
              Stream.of(windows.image()), products.stream().map(each -> each.factor().value()))
          .toList();
    }

    @Override
    public List<Value> writes() {
      return products.stream().map(WindowProduct::out).toList();
    }
  }

  /**
   * A product with the windows of images.
   *
   * @param squared whether the elements of the windows are squared
   * @param factor the other factor; of {@link Convolve} [rows, elements of a window], or the
   *     transpose
   * @param transposed whether the result is the transpose, X G'
   */
  record WindowProduct(boolean squared, Operand factor, boolean transposed, Value out) {}

  /**
   * The sum of products M' G whose elements are added to the pixels of their windows: the gradient
   * of what {@link Convolve} computes in the images.
   *
   * @param windows the windows, as of the result
   */
  record ConvolveAdjoint(Windows windows, List<Term> terms, Value out) implements Step {

    /**
     * A product.
     *
     * @param g [rows, places] in memory
     * @param factor M [rows, elements of a window], or the transpose
     * @param image what each pixel is multiplied by; empty for nothing
     * @param scale a number that it is multiplied by
     */
    public record Term(Value g, Operand factor, Optional<Value> image, double scale) {}

    public ConvolveAdjoint {
      terms = List.copyOf(terms);
    }

    @Override
    public List<Value> reads() {
      return terms.stream()
          .flatMap(
              term -> Stream.concat(Stream.of(term.g, term.factor.value()), term.image.stream()))
          .toList();
    }

    @Override
    public List<Value> writes() {
      return List.of(out);
    }
  }

  /** A pool of images that are [C, H, W, B] in memory, or its gradient. */
  record Pool(SpatialOp op, Value out) implements Step {
    @Override
    public List<Value> reads() {
      return op.inputs();
    }

    @Override
    public List<Value> writes() {
      return List.of(out);
    }
  }

  /**
   * Copies of a right factor in the order in which products read it: of its elements, of their
   * squares, or of both, which share the reading.
   *
   * @param source the factor, not squared
   * @param gradient whether only gradients that update a state read the copies
   */
  record Pack(
      Operand source,
      int inner,
      int columns,
      boolean gradient,
      Optional<Value> elements,
      Optional<Value> squares)
      implements Step {
    @Override
    public List<Value> reads() {
      return List.of(source.value());
    }

    @Override
    public List<Value> writes() {
      return Stream.concat(elements.stream(), squares.stream()).toList();
    }
  }

  /** An elementwise operation: each result depends on the elements of the operands at its index. */
  record Loop(Op.Elementwise op, List<Value> writes) implements Step {
    @Override
    public List<Value> reads() {
      return op.inputs();
    }
  }

  /**
   * A sum over dimensions.
   *
   * @param factor what each element is multiplied by, itself for squares; empty for nothing
   */
  record Sum(Value a, Optional<Value> factor, Value out) implements Step {
    @Override
    public List<Value> reads() {
      return Stream.concat(Stream.of(a), factor.stream()).distinct().toList();
    }

    /** Returns whether squares are added up. */
    public boolean squared() {
      return factor.isPresent() && factor.get().equals(a);
    }

    @Override
    public List<Value> writes() {
      return List.of(out);
    }
  }

  /**
   * Softmax cross-entropy of each row and its gradient, in one pass over the logits.
   *
   * @param losses receives the loss of each row, [B]
   * @param gradient receives the gradient of the mean; empty if nothing reads it
   */
  record CrossEntropy(Value logits, Value labels, Value losses, Optional<Value> gradient)
      implements Step {
    @Override
    public List<Value> reads() {
      return List.of(logits, labels);
    }

    @Override
    public List<Value> writes() {
      return Stream.concat(gradient.stream(), Stream.of(losses)).toList();
    }
  }

  /** The mean of the losses of rows. */
  record Mean(Value losses, Value out) implements Step {
    @Override
    public List<Value> reads() {
      return List.of(losses);
    }

    @Override
    public List<Value> writes() {
      return List.of(out);
    }
  }

  /** A copy of a state in the order of its own axes, made before all other steps. */
  record Copy(Value state, Value out) implements Step {
    @Override
    public List<Value> reads() {
      return List.of(state);
    }

    @Override
    public List<Value> writes() {
      return List.of(out);
    }
  }

  /** An operation that is computed as a whole. */
  record Whole(Instruction instruction) implements Step {
    @Override
    public List<Value> reads() {
      return instruction.op().inputs();
    }

    @Override
    public List<Value> writes() {
      return instruction.outputs();
    }
  }

  /** An update whose gradient has been stored. */
  record Change(Op.Update update) implements Step {
    @Override
    public List<Value> reads() {
      return update.inputs();
    }

    @Override
    public List<Value> writes() {
      return List.of();
    }

    @Override
    public List<Value> changes() {
      return update.changed();
    }
  }

  /** Returns the gradient of an update. */
  static Value gradient(Op.Update update) {
    return switch (update) {
      case Op.EulerStep step -> step.gradient();
      case Op.MomentumStep step -> step.gradient();
      case Op.AdamStep step -> step.gradient();
      case Op.Assign assign -> assign.value();
      case Op.LogNormalize normalize -> normalize.state();
    };
  }
}
