package io.measureflow.lowering;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Op.UnaryFunction;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pass before the orientation of values: finds the windows of images that products alone read, so
 * that these take them from the images and nothing writes them, and the sums of products that are
 * added up to the pixels of images.
 */
final class PatchProducts {

  /**
   * A product whose elements are added to the pixels of their windows.
   *
   * @param product g W, or g W'
   * @param image what each pixel is multiplied by; empty for nothing
   * @param factor a number that it is multiplied by
   */
  record Term(Op.MatMul product, Optional<Value> image, double factor) {}

  private final DefUse defUse;

  /** The windows by the values that are rows of them, or their squares. */
  private final Map<Value, Windows> windows = new HashMap<>();

  /** The values that must have the channels outermost in memory, by the images of the windows. */
  private final Map<Value, Set<Value>> requirements = new HashMap<>();

  private final Map<Value, Adjoint> adjoints = new HashMap<>();
  private final Set<Instruction> absorbed = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * A sum to pixels.
   *
   * @param used what computes it, and writes nothing of its own
   */
  private record Adjoint(List<Term> terms, List<Instruction> used) {}

  private PatchProducts(DefUse defUse) {
    this.defUse = defUse;
  }

  /**
   * Finds products in a program.
   *
   * @param refused images whose windows are written, and sums to pixels that are computed by
   *     themselves
   */
  static PatchProducts of(Program program, DefUse defUse, Set<Value> refused) {
    var pass = new PatchProducts(defUse);
    // First, because factors that are windows themselves count as readers of them.
    for (Instruction instruction : program.instructions()) {
      if (instruction.op() instanceof SpatialOp.PatchesAdjoint adjoint
          && !refused.contains(instruction.outputs().getFirst())) {
        pass.findAdjoint(adjoint, instruction.outputs().getFirst());
      }
    }
    for (Instruction instruction : program.instructions()) {
      if (instruction.op() instanceof SpatialOp.Patches patches && !refused.contains(patches.a())) {
        pass.findWindows(instruction);
      }
    }
    pass.finish();
    return pass;
  }

  /** Returns the windows that a value is, as a factor of products. */
  Optional<Windows> windows(Value value) {
    return Optional.ofNullable(windows.get(value));
  }

  /** Returns whether a product is g' X or X' g, with the windows X as rows. */
  boolean isGradient(Op.MatMul product) {
    return windows.containsKey(product.b())
        || (windows.containsKey(product.a()) && product.transposeA());
  }

  /**
   * Returns the terms that are added up to the pixels of this value; empty if it is no such sum.
   */
  Optional<List<Term>> adjoint(Value value) {
    return Optional.ofNullable(adjoints.get(value)).map(Adjoint::terms);
  }

  /**
   * Returns the values that must have the channels outermost in memory, by what is to be refused
   * otherwise.
   */
  Map<Value, Set<Value>> requirements() {
    var all = new HashMap<>(requirements);
    adjoints.forEach(
        (out, adjoint) -> {
          var required = new HashSet<>(Set.of(out));
          for (Term term : adjoint.terms()) {
            required.add(term.product().a());
            term.image().ifPresent(required::add);
          }
          all.put(out, required);
        });
    return all;
  }

  /** Returns whether an instruction writes nothing of its own. */
  boolean isAbsorbed(Instruction instruction) {
    return absorbed.contains(instruction);
  }

  // ---- sums to pixels ----

  private void findAdjoint(SpatialOp.PatchesAdjoint adjoint, Value out) {
    var terms = new ArrayList<Term>();
    var used = new ArrayList<Instruction>();
    Value sum = adjoint.a();
    Instruction definition = definition(sum, used);
    int width = sum.shape().dimension(1);
    if (definition != null
        && definition.op() instanceof Op.SliceColumns slice
        && slice.from() == 0
        && slice.to() == width
        && slice.a().shape().dimension(1) == width + 1) {
      sum = slice.a();
      definition = definition(sum, used);
    }
    if (definition != null && terms(definition, adjoint, terms, used)) {
      adjoints.put(out, new Adjoint(List.copyOf(terms), List.copyOf(used)));
    }
  }

  /** Returns the instruction that computes a value that nothing else reads, and notes it. */
  private @Nullable Instruction definition(Value value, List<Instruction> used) {
    Instruction definition = defUse.isReadOnce(value) ? defUse.definition(value) : null;
    if (definition != null) {
      used.add(definition);
    }
    return definition;
  }

  private boolean terms(
      Instruction sum, SpatialOp.PatchesAdjoint adjoint, List<Term> terms, List<Instruction> used) {
    if (sum.op() instanceof Op.MatMul product && isTerm(product)) {
      terms.add(new Term(product, Optional.empty(), 1));
      return true;
    }
    if (!(sum.op() instanceof Op.Binary binary) || !binary.a().shape().equals(binary.b().shape())) {
      return false;
    }
    Instruction a = definition(binary.a(), used);
    Instruction b = definition(binary.b(), used);
    if (a == null || b == null) {
      return false;
    }
    return switch (binary.function()) {
      case ADD -> terms(a, adjoint, terms, used) && terms(b, adjoint, terms, used);
      case MULTIPLY -> product(a, b, adjoint, terms) || product(b, a, adjoint, terms);
      case SUBTRACT, DIVIDE, MAXIMUM, MINIMUM -> false;
    };
  }

  /** Adds a product times the windows themselves. */
  private boolean product(
      Instruction scaled, Instruction product, SpatialOp.PatchesAdjoint adjoint, List<Term> terms) {
    if (!(scaled.op() instanceof Op.Affine affine)
        || affine.shift() != 0
        || !(product.op() instanceof Op.MatMul matMul)
        || !isTerm(matMul)) {
      return false;
    }
    SpatialOp.Patches patches = patches(affine.a());
    if (patches == null || !patches.window().equals(adjoint.window())) {
      return false;
    }
    terms.add(new Term(matMul, Optional.of(patches.a()), affine.scale()));
    return true;
  }

  private static boolean isTerm(Op.MatMul product) {
    return product.count() == 1 && !product.transposeA();
  }

  /** Returns the windows that a value is, with ones or without. */
  private SpatialOp.@Nullable Patches patches(Value value) {
    Instruction definition = defUse.definition(value);
    if (definition != null && definition.op() instanceof Op.AppendOnes ones) {
      definition = defUse.definition(ones.a());
    }
    return definition != null && definition.op() instanceof SpatialOp.Patches patches
        ? patches
        : null;
  }

  /** Forgets the sums whose factors are windows that are written after all. */
  private void finish() {
    adjoints
        .values()
        .removeIf(
            adjoint ->
                !adjoint.terms().stream()
                    .allMatch(
                        term ->
                            term.image().isEmpty()
                                || requirements.containsKey(term.image().get())));
    adjoints.values().forEach(adjoint -> absorbed.addAll(adjoint.used()));
  }

  // ---- windows ----

  private void findWindows(Instruction instruction) {
    var patches = (SpatialOp.Patches) instruction.op();
    Value plain = instruction.outputs().getFirst();
    var found = new HashMap<Value, Windows>();
    var used = new ArrayList<Instruction>(List.of(instruction));
    if (factor(plain, patches, false, found, used)) {
      windows.putAll(found);
      absorbed.addAll(used);
      var required = requirements.computeIfAbsent(patches.a(), image -> new HashSet<>());
      required.add(patches.a());
      for (Value factor : found.keySet()) {
        for (Instruction reader : defUse.readers(factor)) {
          if (reader.op() instanceof Op.MatMul op) {
            // X W is read with the channels outermost, and so is g in g' X.
            boolean forward = op.a().equals(factor) && !op.transposeA();
            required.add(
                forward ? reader.outputs().getFirst() : op.a().equals(factor) ? op.b() : op.a());
          } else if (reader.op() instanceof Op.VarianceProduct) {
            required.add(reader.outputs().getFirst());
          }
        }
      }
    }
  }

  /** Returns whether products alone read a value, and notes it and what is computed of it. */
  private boolean factor(
      Value value,
      SpatialOp.Patches patches,
      boolean ones,
      Map<Value, Windows> found,
      List<Instruction> used) {
    if (defUse.isOutput(value) || value.shape().size() == 0) {
      return false;
    }
    found.put(value, new Windows(patches.a(), patches.window(), ones));
    for (Instruction reader : defUse.readers(value)) {
      boolean fits =
          switch (reader.op()) {
            case Op.MatMul op -> isProduct(op, value);
            case Op.VarianceProduct op -> op.x().equals(value) && !op.s().equals(value);
            case Op.AppendOnes _ -> {
              used.add(reader);
              yield !ones && factor(reader.outputs().getFirst(), patches, true, found, used);
            }
            case Op.Unary op -> {
              Value square = reader.outputs().getFirst();
              used.add(reader);
              found.put(square, new Windows(patches.a(), patches.window(), ones));
              yield op.function() == UnaryFunction.SQUARE
                  && !defUse.isOutput(square)
                  && defUse.readers(square).stream()
                      .allMatch(
                          of -> of.op() instanceof Op.MatMul product && isProduct(product, square));
            }
            case Op.Affine _ ->
                adjoints.values().stream().anyMatch(adjoint -> adjoint.used().contains(reader));
            default -> false;
          };
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether a product is X W, X W', g' X or X' g. */
  private static boolean isProduct(Op.MatMul op, Value value) {
    boolean left = op.a().equals(value);
    boolean right = op.b().equals(value);
    return op.count() == 1
        && left != right
        && (left ? !op.transposeA() || !op.transposeB() : op.transposeA() && !op.transposeB());
  }
}
