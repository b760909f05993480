package io.measureflow.cli.convert;

import io.measureflow.TrainedModel;
import io.measureflow.api.measure.Family;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.core.conversion.NetworkLifting;
import io.measureflow.core.families.Families;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow lift}. */
public final class LiftCommand implements Command {

  private static final String FAMILY = "--family";
  private static final String SPREAD = "--spread";

  @Override
  public String name() {
    return "lift";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Turns the dense layers and convolutions of a network that have an activation into"
                + " measures of neurons, gm and gm-conv, with a component for each neuron. Batch"
                + " norms behind them are folded into them first. Without spread the predictions"
                + " stay the same (docs/networks.md).",
            "",
            "  measureflow lift --model NET.safetensors --output LIFTED.safetensors",
            "  measureflow lift --model RUN --family isotropic --spread 0.05 --output"
                + " L.safetensors",
            "  measureflow train --init LIFTED.safetensors --dataset cifar10 --data DIR");
    spec.addOption(Conversion.model());
    spec.addOption(Conversion.output());
    spec.addOption(
        Setting.option(
                FAMILY,
                "dirac|isotropic|diagonal",
                "The family of the components. Default: dirac, or isotropic with a spread.")
            .completionCandidates(
                List.of(Families.DIRAC.name(), Families.ISOTROPIC.name(), Families.DIAGONAL.name()))
            .build());
    spec.addOption(
        Setting.option(
                SPREAD,
                "S",
                "The standard deviation of each input weight, relative to the root mean square of"
                    + " the input weights of its neuron. Default: 0. A spread of 0 stays 0 in"
                    + " training.")
            .build());
  }

  @Override
  public int run(ParseResult arguments) {
    Wiring wiring = Wiring.defaults();
    double spread = Conversion.number(arguments, SPREAD).orElse(0);
    Optional<String> named = Setting.given(arguments, FAMILY);
    Family family =
        named
            .map(name -> wiring.extensions().of(Family.KIND).get(name, FAMILY))
            .orElse(spread == 0 ? Families.DIRAC : Families.ISOTROPIC);
    var lifting = new NetworkLifting(family, spread);
    TrainedModel model =
        TrainedModel.load(Conversion.modelFile(arguments), wiring.extensions()).lift(lifting);
    Conversion.write(arguments, model);
    return 0;
  }
}
