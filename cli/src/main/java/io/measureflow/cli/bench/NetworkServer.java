package io.measureflow.cli.bench;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.flows.Adam;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Model;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Our networks as a process that is asked as the peers are ({@code serve.py}). */
final class NetworkServer {

  /** The learning rate, that of the peers. */
  private static final double RATE = 0.001;

  private final Backend backend;
  private final Extensions extensions;
  private double residentBefore;

  private NetworkServer(Backend backend, Extensions extensions) {
    this.backend = backend;
    this.extensions = extensions;
  }

  /** Serves until the input ends. */
  static void serve(
      Backend backend, Extensions extensions, BufferedReader requests, PrintStream replies)
      throws IOException {
    new NetworkServer(backend, extensions).serve(requests, replies);
  }

  private void serve(BufferedReader requests, PrintStream replies) throws IOException {
    replies.println("hello " + backend.description().name());
    OwnStep step = null;
    try {
      for (String line = requests.readLine(); line != null; line = requests.readLine()) {
        List<String> words = List.of(line.strip().split(" ", -1));
        String reply;
        try {
          if (words.getFirst().equals("prepare")) {
            if (step != null) {
              step.close();
              step = null;
            }
            step = prepared(words.subList(1, words.size() - 1));
            step.run(Double.parseDouble(words.getLast()));
            reply = "ready";
          } else if (step == null) {
            reply = "failed nothing is prepared";
          } else {
            reply = reply(step, words);
          }
        } catch (RuntimeException e) {
          reply = "failed " + String.valueOf(e.getMessage()).replaceAll("\\R.*", "");
        }
        replies.println(reply);
        replies.flush();
      }
    } finally {
      if (step != null) {
        step.close();
      }
    }
  }

  private OwnStep prepared(List<String> words) {
    residentBefore = ProcessMemory.resident();
    NetworkCase network = NetworkCase.of(words);
    var timed = new StepCase(network.network(), network.model(extensions));
    return network.isTraining()
        ? OwnStep.training(
            backend, timed, Adam.of(), Losses.SOFTMAX_CROSS_ENTROPY, RATE, network.sizes())
        : OwnStep.prediction(backend, timed, network.sizes());
  }

  private String reply(OwnStep step, List<String> words) {
    if (words.getFirst().equals("burst")) {
      return "median " + step.burst(Double.parseDouble(words.get(1)));
    }
    if (!words.getFirst().equals("value")) {
      return "failed unknown request " + words.getFirst();
    }
    double value =
        switch (words.get(1)) {
          case "parameters" -> Model.parameterCount(step.model().byPath().values());
          case "operations" -> step.operations();
          case "memory_before" -> residentBefore;
          case "memory_peak" -> ProcessMemory.peak();
          case "loss" -> step.loss(Path.of(String.join(" ", words.subList(2, words.size()))));
          default ->
              throw new RunFailedException(
                  String.format(Locale.ROOT, "there is no value %s", words.get(1)));
        };
    return "value " + value;
  }
}
