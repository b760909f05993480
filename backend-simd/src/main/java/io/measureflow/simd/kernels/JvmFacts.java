package io.measureflow.simd.kernels;

import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;

/**
 * The properties of a JVM that decide which kernels are the fastest.
 *
 * @param vectorModule whether module jdk.incubator.vector is resolved
 * @param compiler the compiler of the kernels
 * @param fusedMultiplyAdd whether the JVM compiles {@code fma} to a processor instruction
 * @param vectorBits the width of vectors, 0 if there are none
 */
public record JvmFacts(
    boolean vectorModule, Compiler compiler, boolean fusedMultiplyAdd, int vectorBits) {

  /** The compiler of machine code. */
  enum Compiler {
    /** HotSpot's optimizing compiler, which supports the Vector API. */
    C2,
    /** HotSpot's fast compiler alone: vectors are objects to it. */
    C1,
    /** A compiler plugged into HotSpot, such as Graal. */
    JVMCI,
    /** Only an interpreter. */
    NONE,
    /** Unknown. */
    UNKNOWN
  }

  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  /** Returns the facts about the running JVM. */
  public static JvmFacts ofThisJvm() {
    ModuleLayer own = JvmFacts.class.getModule().getLayer();
    ModuleLayer layer = own == null ? ModuleLayer.boot() : own;
    boolean vectorModule = layer.findModule(VECTOR_MODULE).isPresent();
    return new JvmFacts(
        vectorModule,
        findCompiler(),
        !"false".equals(option("UseFMA")),
        vectorModule ? widthOfVectors() : 0);
  }

  /** Returns the width of vectors; 0 if the kernels do not match the Vector API of this Java. */
  private static int widthOfVectors() {
    try {
      return VectorKernels.SPECIES.vectorBitSize();
    } catch (LinkageError e) {
      return 0;
    }
  }

  private static Compiler findCompiler() {
    // HotSpot's name and version are available even without the module that has its options.
    String info = System.getProperty("java.vm.info", "");
    if (info.startsWith("interpreted")) {
      return Compiler.NONE;
    }
    if (info.contains("emulated-client")) {
      return Compiler.C1;
    }
    String level = option("TieredStopAtLevel");
    if (level == null) {
      return Compiler.UNKNOWN;
    }
    if ("true".equals(option("UseJVMCICompiler"))) {
      return Compiler.JVMCI;
    }
    boolean tiered = "true".equals(option("TieredCompilation"));
    boolean quickOnly = "quick-only".equals(option("CompilationMode"));
    return quickOnly || (tiered && Integer.parseInt(level) < 4) ? Compiler.C1 : Compiler.C2;
  }

  /**
   * Returns an option of HotSpot; null if there is none of this name. Accessed by reflection, as
   * its module, jdk.management, may be absent.
   */
  private static @Nullable String option(String name) {
    try {
      Class<?> factory = Class.forName("java.lang.management.ManagementFactory");
      Class<?> type = Class.forName("com.sun.management.HotSpotDiagnosticMXBean");
      Object bean = factory.getMethod("getPlatformMXBean", Class.class).invoke(null, type);
      if (bean == null) {
        return null;
      }
      Object option = type.getMethod("getVMOption", String.class).invoke(bean, name);
      return (String)
          Class.forName("com.sun.management.VMOption").getMethod("getValue").invoke(option);
    } catch (ClassNotFoundException
        | NoSuchMethodException
        | IllegalAccessException
        | InvocationTargetException e) {
      return null;
    }
  }
}
