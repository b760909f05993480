package io.measureflow.core.checkpoint;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.model.Model;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A model in a safetensors file. Its tensors are named {@code layers.<i>.<name>}; the metadata
 * contain the format version, the description of the model, its preprocessing, and its provenance.
 * A file written by another program with only the tensors and the first two metadata loads as well.
 *
 * @param model the model
 * @param preprocessing the preprocessing of its training rows; empty if unknown
 * @param provenance how it was made, as JSON; empty if unknown
 */
public record Checkpoint(
    Model model, Optional<Preprocessing> preprocessing, Optional<String> provenance) {

  /**
   * The prefix of the names of all parameters. Other tensors in a file are not part of the model.
   */
  static final String PARAMETERS = "layers.";

  private static final String FORMAT = "measureflow.format";
  private static final String FORMAT_VERSION = "1";
  private static final String MODEL = "measureflow.model";
  private static final String PROVENANCE = "measureflow.provenance";
  private static final String DATA = "measureflow.data";

  /**
   * Writes the file atomically.
   *
   * @throws RunFailedException if a parameter is not finite or the file cannot be written; an
   *     earlier file is unchanged
   */
  public void save(Path file) {
    requireFinite(model.parameters());
    SequencedMap<String, String> metadata = metadata(model.spec());
    preprocessing.ifPresent(said -> metadata.put(DATA, PreprocessingJson.write(said)));
    provenance.ifPresent(said -> metadata.put(PROVENANCE, said));
    Safetensors.write(file, model.parameters(), metadata);
  }

  /**
   * Returns a checkpoint of a model that was made from this one: with the same preprocessing, and
   * with the provenance of this one except what was measured.
   *
   * @param how how it was made, in words
   */
  public Checkpoint derived(Model other, String how) {
    return new Checkpoint(
        other, preprocessing, provenance.map(text -> Provenance.derived(text, how)));
  }

  /**
   * Reads a model.
   *
   * @throws InvalidRequestException if the file is malformed, a tensor is missing, unexpected or
   *     has a shape other than the model's, or an entry is not finite
   */
  public static Checkpoint load(Path file) {
    return load(file, Extensions.onClassPath());
  }

  /**
   * Reads a model, looking up names among the given extensions.
   *
   * @param extensions where names are looked up
   */
  public static Checkpoint load(Path file, Extensions extensions) {
    Safetensors.Content content = Safetensors.read(file, name -> name.startsWith(PARAMETERS));
    Model model = model(file, content, extensions);
    Optional<Preprocessing> preprocessing =
        Optional.ofNullable(content.metadata().get(DATA))
            .map(text -> preprocessing(text, file + ", " + DATA, model));
    return new Checkpoint(
        model, preprocessing, Optional.ofNullable(content.metadata().get(PROVENANCE)));
  }

  private static Preprocessing preprocessing(String text, String where, Model model) {
    Preprocessing preprocessing = PreprocessingJson.read(text, where);
    if (preprocessing.featureCount() != model.spec().inputs()) {
      throw InvalidRequestException.of(
          where,
          model.spec().inputs() + " features, the inputs of the model",
          String.valueOf(preprocessing.featureCount()),
          "Correct the description of the data.");
    }
    return preprocessing;
  }

  private static SequencedMap<String, String> metadata(ModelSpec spec) {
    var metadata = new LinkedHashMap<String, String>();
    metadata.put(FORMAT, FORMAT_VERSION);
    metadata.put(MODEL, ModelJson.write(spec));
    return metadata;
  }

  static SequencedMap<String, String> metadata(
      ModelSpec spec, Preprocessing preprocessing, Provenance provenance) {
    SequencedMap<String, String> metadata = metadata(spec);
    metadata.put(DATA, PreprocessingJson.write(preprocessing));
    metadata.put(PROVENANCE, provenance.json());
    return metadata;
  }

  /** Builds the model that a file describes, with its parameters. */
  static Model model(Path file, Safetensors.Content content, Extensions extensions) {
    String format = metadata(file, content, FORMAT);
    if (!format.equals(FORMAT_VERSION)) {
      throw InvalidRequestException.of(
          file + ", " + FORMAT,
          FORMAT_VERSION,
          "'" + format + "'",
          "Use the version of MeasureFlow that wrote the file.");
    }
    ModelSpec spec =
        ModelJson.read(metadata(file, content, MODEL), file + ", " + MODEL, extensions);
    requireReadable(file, content.tensors());
    Model model = Model.of(spec, content.tensors(), file.toString());
    for (Map.Entry<String, Tensor> tensor : content.tensors().entrySet()) {
      if (tensor.getKey().startsWith(PARAMETERS)
          && !model.parameters().containsKey(tensor.getKey())) {
        throw InvalidRequestException.of(
            file + ", tensor " + tensor.getKey(),
            "only the parameters of the model, " + model.parameters().keySet(),
            "one of shape " + tensor.getValue().shape() + " that it does not have",
            "Remove the tensor, or correct the description of the model.");
      }
    }
    return model;
  }

  private static String metadata(Path file, Safetensors.Content content, String key) {
    String value = content.metadata().get(key);
    if (value == null) {
      throw InvalidRequestException.of(
          file + ", __metadata__",
          "the key " + key,
          content.metadata().isEmpty() ? "no metadata" : "only " + content.metadata().keySet(),
          "Save the tensors with the metadata measureflow.format and measureflow.model.");
    }
    return value;
  }

  /** Checks tensors that were read: every entry must be finite. */
  private static void requireReadable(Path file, SequencedMap<String, Tensor> tensors) {
    nonFinite(tensors)
        .ifPresent(
            found -> {
              throw InvalidRequestException.of(
                  file + ", " + found.where(),
                  "a finite number",
                  found.value(),
                  "The model is unusable; load an earlier checkpoint.");
            });
  }

  /** Checks tensors before writing: a diverged model must not replace a good one. */
  static void requireFinite(SequencedMap<String, Tensor> tensors) {
    nonFinite(tensors)
        .ifPresent(
            found -> {
              throw new RunFailedException(
                  "Training diverged: "
                      + found.where()
                      + ": expected a finite number, found "
                      + found.value()
                      + ". The last checkpoint was kept. Choose a lower learning"
                      + " rate.");
            });
  }

  private record NonFinite(String where, String value) {}

  private static Optional<NonFinite> nonFinite(SequencedMap<String, Tensor> tensors) {
    for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
      Tensor tensor = named.getValue();
      int size = tensor.shape().size();
      for (int i = 0; i < size; i++) {
        double value = tensor.get(i);
        if (!(Math.abs(value) < Double.POSITIVE_INFINITY)) {
          return Optional.of(
              new NonFinite(
                  "tensor " + named.getKey() + ", index " + index(tensor, i),
                  String.valueOf(value)));
        }
      }
    }
    return Optional.empty();
  }

  /** Returns the position of an element as one number per dimension. */
  private static String index(Tensor tensor, int position) {
    int rank = tensor.shape().rank();
    int[] index = new int[rank];
    int rest = position;
    for (int axis = rank - 1; axis >= 0; axis--) {
      index[axis] = rest % tensor.shape().dimension(axis);
      rest /= tensor.shape().dimension(axis);
    }
    return Arrays.toString(index);
  }
}
