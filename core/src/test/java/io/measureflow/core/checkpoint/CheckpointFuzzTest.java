package io.measureflow.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.flows.Momentum;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingState;
import io.measureflow.fuzzing.FuzzReport;
import io.measureflow.fuzzing.FuzzTarget;
import io.measureflow.fuzzing.Fuzzer;
import io.measureflow.fuzzing.MemoryMeter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Mutated checkpoints are either read or refused. Runs are short by default; {@code
 * -Dfuzz.inputs=100000} makes them long, {@code -Dfuzz.seed} changes the seed, and {@link #main}
 * runs without Maven.
 */
@Isolated("counts what the JVM allocates")
class CheckpointFuzzTest {

  private static final int INPUTS = Integer.getInteger("fuzz.inputs", 2000);
  private static final long SEED = Long.getLong("fuzz.seed", 1);

  private static final Fuzzer.Limits LIMITS =
      new Fuzzer.Limits(Duration.ofSeconds(20), 8 << 20, 1 << 8);

  private static final String[] TOKENS = {
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "\\",
    "F32",
    "F64",
    "F16",
    "BF16",
    "I64",
    "null",
    "true",
    "1e99",
    "-1",
    "0",
    "18446744073709551615",
    "9223372036854775807",
    "2147483647",
    "layers.0.",
    "data_offsets",
    "shape",
    "__metadata__",
    "factored",
    "full",
    "rank\\\":3,\\\"",
    "tanh(64)",
    "leaky_relu(1e300)",
    "dense",
    "residual",
    "gm-conv",
    "shortcut\\\":[",
    "[{\\\"type\\\":",
    "kernel\\\":[2147483647,2],\\\"",
    "best.",
    "flow."
  };

  private static final Path FOUND = Path.of("src", "test", "resources", "fuzz");

  @TempDir Path folder;

  static List<FuzzTarget> targets() {
    List<byte[]> models = models();
    List<byte[]> runs = runs();
    return List.of(
        target("safetensors", models, file -> Safetensors.read(file).tensors().size()),
        target("checkpoint", models, file -> Checkpoint.load(file).model().parameters().size()),
        target(
            "training-checkpoint",
            runs,
            file ->
                TrainingCheckpoint.load(
                        file, Momentum.of(), Trainable.DEFAULT, Extensions.onClassPath())
                    .state()
                    .tensors()
                    .size()));
  }

  @FunctionalInterface
  private interface Loader {
    int load(Path file);
  }

  private static FuzzTarget target(String name, List<byte[]> corpus, Loader loader) {
    return FuzzTarget.of(
            name,
            corpus,
            List.of(TOKENS),
            (folder, input) -> {
              Path file = Files.write(folder.resolve("fuzzed.safetensors"), input);
              return String.valueOf(loader.load(file));
            })
        .dressed(CheckpointFuzzTest::withHeaderLength);
  }

  /** Sets the length of the header to the apparent end of the JSON. */
  private static byte[] withHeaderLength(byte[] bytes) {
    int end = bytes.length - 1;
    while (end > 8 && !(bytes[end] == '}' && bytes[end - 1] == '}')) {
      end--;
    }
    while (end + 1 < bytes.length && bytes[end + 1] == ' ') {
      end++;
    }
    if (end > 8) {
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, end + 1 - 8);
    }
    return bytes;
  }

  private static ModelSpec spec() {
    return new ModelSpec(
        List.of(
            new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, 2, 2, 2, 0),
            new DenseLayer(Activations.IDENTITY, true, 2, 1)));
  }

  private static List<byte[]> models() {
    var factored =
        new ModelSpec(
            List.of(
                new MixtureLayer(
                    Families.FACTORED,
                    Activation.of("tanh(16)", Extensions.onClassPath(), "here"),
                    false,
                    1,
                    1,
                    2,
                    1)));
    return Stream.of(spec(), factored, ModelJsonTest.everything())
        .map(
            spec ->
                written(
                    file ->
                        new Checkpoint(
                                new Model(
                                    spec, Initialization.parameters(spec, 5, Precision.FLOAT32)),
                                Optional.empty(),
                                Optional.empty())
                            .save(file)))
        .toList();
  }

  private static List<byte[]> runs() {
    var model = new Model(spec(), Initialization.parameters(spec(), 5, Precision.FLOAT64));
    var tensors = new LinkedHashMap<String, Tensor>(model.parameters());
    model
        .parameters()
        .forEach(
            (name, tensor) -> {
              Shape shape = tensor.shape();
              tensors.put("flow." + name + ".velocity", Tensor.of(shape, new double[shape.size()]));
            });
    return Stream.of(0, 2, 3)
        .map(
            best ->
                written(
                    file ->
                        new TrainingCheckpoint(
                                spec(),
                                new TrainingState(
                                    tensors,
                                    3,
                                    300,
                                    model.parameters(),
                                    best,
                                    best == 0 ? Double.POSITIVE_INFINITY : 0.25,
                                    best == 0 ? Double.NaN : 0.5),
                                "f")
                            .save(file, CheckpointTest.PREPROCESSING, CheckpointTest.provenance())))
        .toList();
  }

  @FunctionalInterface
  private interface Writer {
    void write(Path file);
  }

  private static byte[] written(Writer writer) {
    try {
      Path file = Files.createTempFile("valid", ".safetensors");
      try {
        writer.write(file);
        return Files.readAllBytes(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("targets")
  void mutatedFilesAreReadOrRefused(FuzzTarget target) {
    FuzzReport report = new Fuzzer(folder, MemoryMeter.NONE, LIMITS).run(target, SEED, INPUTS);
    assertTrue(report.findings().isEmpty(), report::details);
  }

  /** Inputs that once caused failures. */
  @ParameterizedTest
  @MethodSource("targets")
  void formerFailuresStayFixed(FuzzTarget target) throws IOException {
    var inputs = new ArrayList<byte[]>();
    Path found = FOUND.resolve(target.name());
    if (Files.isDirectory(found)) {
      try (Stream<Path> files = Files.list(found)) {
        for (Path file : files.sorted().toList()) {
          inputs.add(Files.readAllBytes(file));
        }
      }
    }
    FuzzReport report = new Fuzzer(folder, MemoryMeter.NONE, LIMITS).replay(target, inputs);
    assertTrue(report.findings().isEmpty(), report::details);
  }

  /**
   * Runs for longer.
   *
   * @param args the number of inputs, the seed, a folder for findings, and the targets, or none for
   *     all
   */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("fuzz");
    List<String> names = List.of(args).subList(3, args.length);
    for (FuzzTarget target : targets()) {
      if (names.isEmpty() || names.contains(target.name())) {
        FuzzReport report =
            new Fuzzer(folder, MemoryMeter.NONE, LIMITS)
                .run(target, Long.parseLong(args[1]), Integer.parseInt(args[0]));
        report.save(Path.of(args[2]));
        System.out.println(report.summary());
      }
    }
    System.exit(0); // A hanging thread would keep the process alive.
  }
}
