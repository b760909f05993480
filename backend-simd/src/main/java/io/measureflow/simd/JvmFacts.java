package io.measureflow.simd;

import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;

/**
 * What decides which kernels are the fastest in a JVM.
 *
 * @param vectorModule whether module jdk.incubator.vector is resolved
 * @param compiler what compiles the kernels
 * @param fusedMultiplyAdd whether the JVM compiles {@code fma} to an instruction of the processor
 * @param vectorBits the width of vectors, 0 if there are none
 */
record JvmFacts(boolean vectorModule, Compiler compiler, boolean fusedMultiplyAdd, int vectorBits) {

  /** What turns bytecode into machine code. */
  enum Compiler {
    /** HotSpot's optimising compiler, which knows the Vector API. */
    C2,
    /** HotSpot's fast compiler alone: vectors are objects to it. */
    C1,
    /** A compiler that is plugged into HotSpot, such as Graal's. */
    JVMCI,
    /** An interpreter alone. */
    NONE,
    /** The JVM does not tell. */
    UNKNOWN
  }

  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  /** Those of the running JVM. */
  static JvmFacts ofThisJvm() {
    ModuleLayer own = JvmFacts.class.getModule().getLayer();
    ModuleLayer layer = own == null ? ModuleLayer.boot() : own;
    boolean vectorModule = layer.findModule(VECTOR_MODULE).isPresent();
    return new JvmFacts(
        vectorModule,
        findCompiler(),
        !"false".equals(option("UseFMA")),
        vectorModule ? widthOfVectors() : 0);
  }

  /** The width of vectors; 0 if the Vector API of this Java is another than the kernels know. */
  private static int widthOfVectors() {
    try {
      return VectorKernels.SPECIES.vectorBitSize();
    } catch (LinkageError e) {
      return 0;
    }
  }

  private static Compiler findCompiler() {
    // What HotSpot says of itself also where the module that knows its options is absent.
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
   * An option of HotSpot; null if there is none of this name. Its module, jdk.management, may be
   * absent: nothing here is linked with it.
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
