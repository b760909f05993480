package io.measureflow.core.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.measureflow.api.backend.Backend;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * How a result was made.
 *
 * @param configuration the resolved configuration, a JSON object
 * @param seed the seed of initialisation and order of rows
 * @param data the name of the dataset
 * @param fingerprint the hash of its content
 * @param backend the backend that computed it
 * @param versions the versions of the libraries involved, by name
 * @param time when the result was saved
 * @param seconds the training time in seconds
 * @param metrics the results, by name; values that are not finite are left out
 */
public record Provenance(
    String configuration,
    long seed,
    String data,
    String fingerprint,
    Backend.Description backend,
    SequencedMap<String, String> versions,
    Instant time,
    double seconds,
    SequencedMap<String, Double> metrics) {

  private static final String METRICS = "metrics";
  private static final String SECONDS = "training_seconds";
  private static final String DERIVED = "derived";

  /** Copies the maps. */
  public Provenance {
    versions = new LinkedHashMap<>(versions);
    metrics = new LinkedHashMap<>(metrics);
  }

  /** Returns the text of {@code measureflow.provenance}. */
  public String json() {
    ObjectNode root = Json.object();
    root.set("configuration", Json.parseObject(configuration, "configuration"));
    root.put("seed", seed);
    root.putObject("data").put("name", data).put("fingerprint", fingerprint);
    root.putObject("backend")
        .put("name", backend.name())
        .put("version", backend.version())
        .put("device", backend.device().id() + " (" + backend.device().description() + ")")
        .put("threads", backend.threads())
        .put("precision", backend.precision().key());
    ObjectNode versionsNode = root.putObject("versions");
    versions.forEach(versionsNode::put);
    root.put("time", time.toString());
    root.put(SECONDS, seconds);
    ObjectNode metricsNode = root.putObject(METRICS);
    for (Map.Entry<String, Double> metric : metrics.entrySet()) {
      if (Math.abs(metric.getValue()) < Double.POSITIVE_INFINITY) {
        metricsNode.put(metric.getKey(), metric.getValue());
      }
    }
    return Json.write(root);
  }

  /** Adds how a model was made from that of a provenance, and drops what no longer holds. */
  static String derived(String provenance, String how) {
    ObjectNode root = Json.parseObject(provenance, "measureflow.provenance");
    root.remove(List.of(METRICS, SECONDS));
    root.withArray(DERIVED).add(how);
    return Json.write(root);
  }
}
