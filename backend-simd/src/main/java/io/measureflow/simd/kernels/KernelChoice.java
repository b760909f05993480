package io.measureflow.simd.kernels;

import io.measureflow.api.error.InvalidRequestException;
import org.jspecify.annotations.Nullable;

/**
 * The choice of kernels, with its reason. Unless HotSpot's C2 compiles them, explicit vectors are
 * objects, and many times slower than plain loops.
 *
 * @param vectors whether to use the kernels of the Vector API
 * @param reason why, for logs and descriptions
 * @param remedy how to get faster kernels; empty if there is nothing to do
 */
public record KernelChoice(boolean vectors, String reason, String remedy) {

  /** The system property that overrides the choice. */
  public static final String PROPERTY = "measureflow.simd.kernels";

  private static final int LEAST_BITS = 128;

  private static @Nullable KernelChoice here;

  /**
   * Returns the choice for the running JVM, made once.
   *
   * @throws InvalidRequestException if the system property requests unavailable kernels
   */
  public static synchronized KernelChoice here() {
    KernelChoice made = here;
    if (made == null) {
      made = of(JvmFacts.ofThisJvm(), System.getProperty(PROPERTY, "auto"));
      here = made;
    }
    return made;
  }

  /**
   * Returns the choice for a JVM.
   *
   * @param wish {@code scalar}, {@code vector}, or {@code auto} to decide by the facts
   * @throws InvalidRequestException if the wish is none of these, or is unavailable
   */
  public static KernelChoice of(JvmFacts facts, String wish) {
    String byHand = "asked for by " + PROPERTY;
    return switch (wish) {
      case "auto" -> of(facts);
      case "scalar" -> new KernelChoice(false, byHand, "");
      case "vector" -> {
        if (facts.vectorBits() == 0) {
          throw InvalidRequestException.of(
              "System property " + PROPERTY,
              "auto or scalar in a JVM without the Vector API",
              wish,
              "Start the JVM with --add-modules jdk.incubator.vector, or leave the property out.");
        }
        yield new KernelChoice(true, byHand, "");
      }
      default ->
          throw InvalidRequestException.of(
              "System property " + PROPERTY,
              "auto, scalar or vector",
              wish,
              "Correct it, or leave it out.");
    };
  }

  private static KernelChoice of(JvmFacts facts) {
    if (!facts.vectorModule()) {
      return scalar(
          "module jdk.incubator.vector is absent",
          "Start the JVM with --add-modules jdk.incubator.vector to compute several times faster.");
    }
    if (facts.vectorBits() == 0) {
      return scalar(
          "the Vector API of this Java is not the one that the kernels were compiled for",
          "Use the Java that this version was built with to compute several times faster.");
    }
    String problem =
        switch (facts.compiler()) {
          case NONE -> "the JVM interprets (-Xint)";
          case C1 -> "the JVM compiles with C1 alone (TieredStopAtLevel below 4, or quick-only)";
          case JVMCI -> "the JVM compiles with a JVMCI compiler in the place of C2";
          case C2, UNKNOWN -> "";
        };
    if (!problem.isEmpty()) {
      return scalar(
          problem,
          "Leave that option out for vectors, or try them all the same with -D"
              + PROPERTY
              + "=vector.");
    }
    if (facts.vectorBits() < LEAST_BITS) {
      return scalar(
          "vectors have " + facts.vectorBits() + " bits only",
          "Leave MaxVectorSize out if you set it.");
    }
    if (!facts.fusedMultiplyAdd()) {
      return scalar(
          "the JVM has no instruction for fused multiply-adds",
          "Leave UseFMA and UseAVX out if you set them.");
    }
    return new KernelChoice(
        true,
        facts.compiler() == JvmFacts.Compiler.C2
            ? "compiled by C2"
            : "the JVM does not tell its compiler",
        "");
  }

  private static KernelChoice scalar(String reason, String remedy) {
    return new KernelChoice(false, reason, remedy);
  }

  /** Returns the kernels. */
  public Kernels kernels() {
    return vectors ? new VectorKernels() : new ScalarKernels();
  }

  /** Returns the kernels in use and, unless that is the normal case, the reason. */
  public String description() {
    String kernels = kernels().description();
    return vectors ? kernels : kernels + " (" + reason + ")";
  }
}
