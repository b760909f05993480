package io.measureflow.cli.bench.product;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * OpenBLAS, called in place: products read and write the arrays of the JVM. The library stays
 * loaded until the JVM ends, as its threads do.
 */
public final class OpenBlas {

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
  private static final int ROW_MAJOR = 101;
  private static final int PLAIN = 111;
  private static final int TRANSPOSED = 112;

  /** The library on Linux, macOS and Windows, as JavaCPP and distributions name it. */
  private static final List<String> NAMES =
      List.of("libopenblas.so.0", "libopenblas.0.dylib", "libopenblas.dll");

  /**
   * The binary logarithm of the clock cycles for which idle threads spin: a third of a millisecond,
   * longer than the pause between two products and much shorter than one between two turns. Its own
   * default, 26, kept processors busy during the turns of others.
   */
  private static final String SPINNING = "20";

  private static final int CACHE_DEPTH = 6;
  private static final long LONGEST_TEXT = 256;

  private final SymbolLookup library;
  private final MethodHandle sgemm;
  private final MethodHandle setThreads;

  /**
   * @param loading loads the library, which stays loaded
   */
  private OpenBlas(Function<Arena, SymbolLookup> loading) {
    limitSpinning();
    library = loading.apply(Arena.global());
    var pointer = ValueLayout.ADDRESS;
    sgemm =
        function(
            "cblas_sgemm",
            FunctionDescriptor.ofVoid(
                INT, INT, INT, INT, INT, INT, FLOAT, pointer, INT, pointer, INT, FLOAT, pointer,
                INT),
            // Arrays of the heap may be passed: no collection of garbage meanwhile.
            Linker.Option.critical(true));
    setThreads = function("openblas_set_num_threads", FunctionDescriptor.ofVoid(INT));
  }

  /**
   * Loads the library of a file.
   *
   * @param option where the path comes from, for messages
   * @throws InvalidRequestException if there is no such library, or it lacks the functions
   */
  @SuppressWarnings("restricted")
  public static OpenBlas load(String option, Path file) {
    if (!Files.isRegularFile(file)) {
      throw InvalidRequestException.of(
          option,
          "the shared library of OpenBLAS",
          file + ", which is no file",
          "Correct the path.");
    }
    try {
      return new OpenBlas(arena -> SymbolLookup.libraryLookup(file.toAbsolutePath(), arena));
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(
          InvalidRequestException.of(
                  option,
                  "the shared library of OpenBLAS",
                  file + ", which cannot be used (" + e.getMessage() + ")",
                  "Pass libopenblas.so.0 or its equivalent, for this kind of processor.")
              .getMessage(),
          e);
    }
  }

  /**
   * Loads the library that JavaCPP has unpacked for ND4J, the newest if there are several, or that
   * of the system.
   *
   * @param home the user's home folder
   */
  @SuppressWarnings("restricted")
  public static Optional<OpenBlas> find(Path home) {
    for (Path file : unpacked(home.resolve(".javacpp").resolve("cache"))) {
      try {
        return Optional.of(load(file.toString(), file));
      } catch (InvalidRequestException e) {
        // For another kind of processor; the next may be the right one.
      }
    }
    for (String name : NAMES) {
      try {
        return Optional.of(new OpenBlas(arena -> SymbolLookup.libraryLookup(name, arena)));
      } catch (IllegalArgumentException e) {
        // Not installed.
      }
    }
    return Optional.empty();
  }

  /** Sets what the library reads as it is loaded, unless the user has; not on Windows. */
  @SuppressWarnings("restricted")
  private static void limitSpinning() {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
    if (setenv.isEmpty()) {
      return;
    }
    var pointer = ValueLayout.ADDRESS;
    try (Arena arena = Arena.ofConfined()) {
      int status =
          (int)
              linker
                  .downcallHandle(setenv.get(), FunctionDescriptor.of(INT, pointer, pointer, INT))
                  .invokeExact(
                      arena.allocateFrom("OPENBLAS_THREAD_TIMEOUT"),
                      arena.allocateFrom(SPINNING),
                      0);
      if (status != 0) {
        throw new IllegalStateException("setenv: expected 0, found " + status);
      }
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Returns the libraries that a cache of JavaCPP holds, the newest version first. */
  static List<Path> unpacked(Path cache) {
    if (!Files.isDirectory(cache)) {
      return List.of();
    }
    try (Stream<Path> files =
        Files.find(
            cache,
            CACHE_DEPTH,
            (file, _) ->
                NAMES.contains(String.valueOf(file.getFileName()))
                    && cache.relativize(file).toString().startsWith("openblas-"))) {
      return files.sorted(Comparator.<Path>naturalOrder().reversed()).toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  @SuppressWarnings("restricted")
  private MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    MemorySegment address =
        library
            .find(name)
            .orElseThrow(() -> new IllegalArgumentException("it has no function " + name));
    return Linker.nativeLinker().downcallHandle(address, descriptor, options);
  }

  /** Returns the kernels that it has chosen for this processor, such as {@code SkylakeX}. */
  public String coreName() {
    return text("openblas_get_corename");
  }

  /** Returns its version and how it was built. */
  public String build() {
    return text("openblas_get_config");
  }

  @SuppressWarnings("restricted")
  private String text(String name) {
    if (library.find(name).isEmpty()) {
      return "unknown";
    }
    MethodHandle function =
        function(
            name,
            FunctionDescriptor.of(
                ValueLayout.ADDRESS.withTargetLayout(
                    MemoryLayout.sequenceLayout(LONGEST_TEXT, ValueLayout.JAVA_BYTE))));
    try {
      return ((MemorySegment) function.invokeExact()).getString(0).strip();
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Sets the number of threads of all products from here on. */
  void setThreads(int threads) {
    try {
      setThreads.invokeExact(threads);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Returns a run of a product on arrays of the heap, or on other memory. */
  Runnable product(Product of, MemorySegment a, MemorySegment b, MemorySegment c) {
    int transposeA = of.transposeA() ? TRANSPOSED : PLAIN;
    int transposeB = of.transposeB() ? TRANSPOSED : PLAIN;
    int strideA = of.transposeA() ? of.m() : of.k();
    int strideB = of.transposeB() ? of.k() : of.n();
    return () -> {
      try {
        sgemm.invokeExact(
            ROW_MAJOR,
            transposeA,
            transposeB,
            of.m(),
            of.n(),
            of.k(),
            1f,
            a,
            strideA,
            b,
            strideB,
            0f,
            c,
            of.n());
      } catch (Throwable e) {
        throw failed(e);
      }
    };
  }

  private static RunFailedException failed(Throwable e) {
    return new RunFailedException("OpenBLAS failed: " + e, e);
  }
}
