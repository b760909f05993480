package io.measureflow.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.measureflow.api.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Schedules, worked out by hand. */
class HalvingTest {

  private static String text(Halving halving) {
    var rounds = new ArrayList<String>();
    halving.rounds().forEach(round -> rounds.add(round.trials() + "@" + round.epochs()));
    return String.join(" ", rounds);
  }

  @Test
  void eachRoundKeepsOneOfEtaTrialsForEtaTimesTheEpochs() {
    assertEquals("27@3 9@9 3@27 1@81", text(Halving.of(27, 3, 81)));
    assertEquals("27@1 9@3 3@9 1@27", text(Halving.of(27, 3, 27)));
    assertEquals("8@10 4@20 2@40 1@80", text(Halving.of(8, 2, 80)));
    assertEquals("27@2 9@6 3@18 1@54", text(Halving.of(27, 3, 2, 54)));
    assertEquals("100@5 33@16 11@48 3@144 1@432", text(Halving.of(100, 3, 432)));
  }

  @Test
  void theLastRoundTrainsInFull() {
    assertEquals("1@40", text(Halving.of(1, 3, 40)));
    assertEquals("2@40", text(Halving.of(2, 3, 40)));
    assertEquals("3@1 1@100", text(Halving.of(3, 3, 1, 100)));
    assertEquals("27@50 9@100", text(Halving.of(27, 3, 50, 100)));
    assertEquals("27@100", text(Halving.of(27, 3, 100, 100)));
  }

  @Test
  void roundsDifferHoweverFewEpochsThereAre() {
    assertEquals("27@1 9@2 3@4 1@12", text(Halving.of(27, 3, 12)));
    assertEquals("27@1 9@2 3@3", text(Halving.of(27, 3, 3)));
    assertEquals("27@1", text(Halving.of(27, 3, 1)));
  }

  @Test
  void whatIsNoScheduleIsRefused() {
    for (int[] wrong :
        List.of(
            new int[] {0, 3, 1, 9},
            new int[] {9, 1, 1, 9},
            new int[] {9, 3, 0, 9},
            new int[] {9, 3, 10, 9})) {
      assertThrows(
          InvalidRequestException.class, () -> Halving.of(wrong[0], wrong[1], wrong[2], wrong[3]));
    }
    assertThrows(InvalidRequestException.class, () -> Halving.of(9, 3, 0));
  }
}
