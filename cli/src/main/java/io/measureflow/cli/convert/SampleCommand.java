package io.measureflow.cli.convert;

import io.measureflow.TrainedModel;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.core.conversion.NetworkSampling;
import io.measureflow.core.conversion.NetworkSampling.Draws;
import io.measureflow.core.conversion.NetworkSampling.Neurons;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow sample}. */
public final class SampleCommand implements Command {

  private static final String NEURONS = "--neurons";
  private static final String DRAWS = "--draws";
  private static final String SEED = "--seed";

  @Override
  public String name() {
    return "sample";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Turns the measures of a network into ordinary layers of neurons drawn from them: gm"
                + " into two dense layers, gm-conv into a convolution and one of 1x1"
                + " (docs/networks.md).",
            "",
            "  measureflow sample --model RUN --output NET.safetensors",
            "  measureflow sample --model RUN --neurons 4x --output NET.safetensors",
            "  measureflow evaluate --model NET.safetensors");
    spec.addOption(Conversion.model());
    spec.addOption(Conversion.output());
    spec.addOption(
        Setting.option(
                NEURONS,
                "N|Nx",
                "The number of neurons of each layer, or with an x, that for each of its"
                    + " components. Default: 1x.")
            .build());
    spec.addOption(
        Setting.option(
                DRAWS,
                "stratified|independent",
                "stratified: from each component as many as its share, at least one, if there are"
                    + " enough; independent: from the whole measure. Default: stratified.")
            .completionCandidates(names())
            .build());
    spec.addOption(Setting.option(SEED, "N", "The seed of the draws. Default: 1.").build());
  }

  private static List<String> names() {
    return Arrays.stream(Draws.values())
        .map(draws -> draws.name().toLowerCase(Locale.ROOT))
        .toList();
  }

  @Override
  public int run(ParseResult arguments) {
    Wiring wiring = Wiring.defaults();
    Neurons neurons =
        Setting.given(arguments, NEURONS).map(SampleCommand::neurons).orElse(Neurons.ONE_EACH);
    Draws draws =
        Setting.given(arguments, DRAWS).map(SampleCommand::draws).orElse(Draws.STRATIFIED);
    long seed = Setting.given(arguments, SEED).map(text -> whole(SEED, text)).orElse(1L);
    Conversion.write(
        arguments,
        TrainedModel.load(Conversion.modelFile(arguments), wiring.extensions())
            .sample(new NetworkSampling(neurons, draws), seed));
    return 0;
  }

  private static Neurons neurons(String text) {
    boolean each = text.endsWith("x");
    String number = each ? text.substring(0, text.length() - 1) : text;
    try {
      int count = Integer.parseInt(number);
      if (count >= 1) {
        return new Neurons(count, each);
      }
    } catch (NumberFormatException e) {
      // Refused below, with what was typed.
    }
    throw InvalidRequestException.of(
        NEURONS,
        "a whole number of at least 1, or one with an x",
        "'" + text + "'",
        "Write, for example, 256 for each layer, or 4x for 4 of each component.");
  }

  private static Draws draws(String text) {
    if (!names().contains(text)) {
      throw InvalidRequestException.of(
          DRAWS, "one of " + String.join(", ", names()), "'" + text + "'", "Choose one of them.");
    }
    return Draws.valueOf(text.toUpperCase(Locale.ROOT));
  }

  private static long whole(String option, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new InvalidRequestException(
          option + ": expected a whole number, found '" + text + "'. Correct the number.", e);
    }
  }
}
