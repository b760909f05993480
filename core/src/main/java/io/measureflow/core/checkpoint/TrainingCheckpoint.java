package io.measureflow.core.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import io.measureflow.core.training.TrainingState;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * A {@link Checkpoint} from which a run can be resumed: it also contains the memory of the flow,
 * the best parameters so far, and the progress. Read as a {@link Checkpoint} it is the model after
 * the last epoch.
 *
 * @param spec the model
 * @param state the state of the run
 * @param fingerprint the hash of the training data
 */
public record TrainingCheckpoint(ModelSpec spec, TrainingState state, String fingerprint) {

  private static final String TRAINING = "measureflow.training";
  private static final String MEMORY = "flow.";
  private static final String BEST = "best.";
  private static final String EPOCH = "epoch";
  private static final String STEP = "step";
  private static final String BEST_EPOCH = "bestEpoch";
  private static final String BEST_LOSS = "bestLoss";
  private static final String FIRST_LOSS = "firstLoss";
  private static final String DATA = "data";
  private static final Set<String> KEYS =
      Set.of(EPOCH, STEP, BEST_EPOCH, BEST_LOSS, FIRST_LOSS, DATA);

  /**
   * Writes the file, atomically.
   *
   * @param preprocessing the preprocessing of the training rows
   * @throws io.measureflow.api.error.RunFailedException as {@link Checkpoint#save}
   */
  public void save(Path file, Preprocessing preprocessing, Provenance provenance) {
    var tensors = new LinkedHashMap<String, Tensor>(state.tensors());
    if (state.bestEpoch() > 0 && state.bestEpoch() < state.epoch()) {
      state.best().forEach((name, tensor) -> tensors.put(BEST + name, tensor));
    }
    Checkpoint.requireFinite(tensors);
    SequencedMap<String, String> metadata = Checkpoint.metadata(spec, preprocessing, provenance);
    metadata.put(TRAINING, progress());
    Safetensors.write(file, tensors, metadata);
  }

  private String progress() {
    ObjectNode progress =
        Json.object()
            .put(EPOCH, state.epoch())
            .put(STEP, state.step())
            .put(BEST_EPOCH, state.bestEpoch())
            .put(DATA, fingerprint);
    if (state.bestEpoch() > 0) {
      progress.put(BEST_LOSS, state.bestLoss());
    }
    if (!Double.isNaN(state.firstLoss())) {
      progress.put(FIRST_LOSS, state.firstLoss());
    }
    return Json.write(progress);
  }

  /**
   * Reads the file.
   *
   * @param flow the flow of the resumed run, which decides what memory is expected
   * @param trainable what the run trains
   * @param extensions where names are looked up
   * @throws InvalidRequestException as {@link Checkpoint#load}, or if the file contains only a
   *     model or a run with another flow
   */
  public static TrainingCheckpoint load(
      Path file, Flow flow, Trainable trainable, Extensions extensions) {
    Safetensors.Content content =
        Safetensors.read(
            file,
            name ->
                name.startsWith(Checkpoint.PARAMETERS)
                    || name.startsWith(MEMORY)
                    || name.startsWith(BEST));
    Model model = Checkpoint.model(file, content, extensions);
    String text = content.metadata().get(TRAINING);
    if (text == null) {
      throw InvalidRequestException.of(
          file + ", __metadata__",
          "the key " + TRAINING,
          "only " + content.metadata().keySet(),
          "The file contains a model but no run; start a new run from it instead.");
    }
    String where = file + ", " + TRAINING;
    ObjectNode progress = Json.parseObject(text, where);
    Json.requireKnown(progress, KEYS, where);
    int epoch = Json.integer(progress.path(EPOCH), where + ", " + EPOCH, 0);
    int bestEpoch = Json.integer(progress.path(BEST_EPOCH), where + ", " + BEST_EPOCH, 0);
    if (bestEpoch > epoch) {
      throw InvalidRequestException.of(
          where, "a bestEpoch of at most " + epoch, String.valueOf(bestEpoch), "Write it again.");
    }
    var tensors = new LinkedHashMap<String, Tensor>(model.parameters());
    tensors.putAll(memory(file, model.spec(), flow, trainable, content.tensors()));
    var state =
        new TrainingState(
            tensors,
            epoch,
            number(progress.path(STEP), where + ", " + STEP).longValue(),
            best(file, model, content.tensors(), epoch, bestEpoch),
            bestEpoch,
            bestEpoch == 0
                ? Double.POSITIVE_INFINITY
                : number(progress.path(BEST_LOSS), where + ", " + BEST_LOSS).doubleValue(),
            progress.has(FIRST_LOSS)
                ? number(progress.path(FIRST_LOSS), where + ", " + FIRST_LOSS).doubleValue()
                : Double.NaN);
    return new TrainingCheckpoint(
        model.spec(), state, Json.text(progress.path(DATA), where + ", " + DATA));
  }

  private static Number number(JsonNode node, String where) {
    if (node.isNumber()) {
      return node.numberValue();
    }
    throw InvalidRequestException.of(where, "a number", Json.shortened(node), "Write it again.");
  }

  private static SequencedMap<String, Tensor> memory(
      Path file, ModelSpec spec, Flow flow, Trainable trainable, Map<String, Tensor> tensors) {
    var memory = new LinkedHashMap<String, Tensor>();
    spec.byPath()
        .forEach(
            (path, layer) -> {
              for (ParameterSpec parameter : layer.parameters()) {
                if (trainable.includes(parameter)) {
                  String of = Model.parameterName(path, parameter.name());
                  for (String kind : flow.memory()) {
                    String name = TrainingPrograms.memoryName(of, kind);
                    memory.put(name, memory(file, name, parameter.shape(), flow, tensors));
                  }
                }
              }
            });
    return memory;
  }

  private static Tensor memory(
      Path file, String name, Shape shape, Flow flow, Map<String, Tensor> tensors) {
    Tensor tensor = tensors.get(name);
    if (tensor == null || !tensor.shape().equals(shape)) {
      throw InvalidRequestException.of(
          file + ", tensor " + name,
          "shape " + shape + ", the memory of flow " + flow.name(),
          tensor == null ? "no such tensor" : "shape " + tensor.shape(),
          "Use the flow that the run was started with.");
    }
    return tensor;
  }

  private static SequencedMap<String, Tensor> best(
      Path file, Model model, Map<String, Tensor> tensors, int epoch, int bestEpoch) {
    if (bestEpoch == 0) {
      return new LinkedHashMap<>();
    }
    if (bestEpoch == epoch) {
      return model.parameters();
    }
    var best = new LinkedHashMap<String, Tensor>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(BEST)) {
            best.put(name.substring(BEST.length()), tensor);
          }
        });
    return Model.of(model.spec(), best, file + ", the best parameters (" + BEST + "...)")
        .parameters();
  }
}
