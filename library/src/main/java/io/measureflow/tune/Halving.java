package io.measureflow.tune;

import io.measureflow.api.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;

/**
 * The schedule of successive halving [jamieson2016]: many trials of few epochs, the best of which
 * go on for more, until the last round trains in full.
 *
 * @param rounds the rounds in order, at least one; the number of epochs rises from each to the next
 */
public record Halving(List<Round> rounds) {

  /**
   * A round.
   *
   * @param trials how many trials take part
   * @param epochs for how many epochs they have been trained at its end
   */
  public record Round(int trials, int epochs) {}

  /** Copies the list. */
  public Halving {
    rounds = List.copyOf(rounds);
  }

  /**
   * Plans a search whose first round takes as many epochs as lets each next one take {@code
   * reduction} times as many, up to the full number in the last.
   *
   * @param trials the number of trials of the first round, at least 1
   * @param reduction eta, at least 2: one of so many trials goes on, for so many times the epochs
   * @param epochs the number of epochs of a full run, at least 1
   */
  public static Halving of(int trials, int reduction, int epochs) {
    require("reduction", reduction, 2, Integer.MAX_VALUE);
    require("trials", trials, 1, Integer.MAX_VALUE);
    require("epochs", epochs, 1, Integer.MAX_VALUE);
    int further = 0;
    for (int left = trials; left >= reduction; left /= reduction) {
      further++;
    }
    double least = epochs / Math.pow(reduction, further);
    return plan(trials, reduction, least, epochs);
  }

  /**
   * Plans a search whose first round takes a given number of epochs. The last round trains in full
   * however few epochs the one before took.
   *
   * @param least the number of epochs of the first round, from 1 to {@code epochs}
   */
  public static Halving of(int trials, int reduction, int least, int epochs) {
    require("reduction", reduction, 2, Integer.MAX_VALUE);
    require("trials", trials, 1, Integer.MAX_VALUE);
    require("epochs", epochs, 1, Integer.MAX_VALUE);
    require("least", least, 1, epochs);
    return plan(trials, reduction, least, epochs);
  }

  private static Halving plan(int trials, int reduction, double least, int epochs) {
    var rounds = new ArrayList<Round>();
    int before = 0;
    double wanted = least;
    for (int left = trials; ; left /= reduction, wanted *= reduction) {
      boolean last = left < reduction;
      int planned = (int) Math.min(epochs, Math.max(before + 1L, Math.round(wanted)));
      before = last ? epochs : planned;
      rounds.add(new Round(left, before));
      if (before == epochs) {
        return new Halving(rounds);
      }
    }
  }

  private static void require(String what, int found, int least, int most) {
    if (found < least || found > most) {
      throw InvalidRequestException.of(
          what,
          most == Integer.MAX_VALUE
              ? "a whole number of at least " + least
              : "a whole number from " + least + " to " + most + ", the epochs of a full run",
          String.valueOf(found),
          "Choose another.");
    }
  }
}
