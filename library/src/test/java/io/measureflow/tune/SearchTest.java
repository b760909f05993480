package io.measureflow.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class SearchTest {

  private static Search search(int trials, int epochs) {
    var settings = new ArrayList<SequencedMap<String, String>>();
    for (int trial = 0; trial < trials; trial++) {
      settings.add(new LinkedHashMap<>(Map.of("x", String.valueOf(trial))));
    }
    return new Search(settings, Halving.of(trials, 3, epochs));
  }

  /** The trial with the number 4 is the best one, and what is further from it is worse. */
  private static double score(int trial) {
    return Math.abs(trial - 4.25);
  }

  @Test
  void theBestGoOn() {
    var trained = new ArrayList<String>();
    List<Search.Result> results =
        search(9, 9)
            .run(
                List.of(),
                (trial, settings, epochs) -> {
                  assertEquals(String.valueOf(trial), settings.get("x"));
                  trained.add(trial + "@" + epochs);
                  return score(trial);
                });
    assertEquals(
        List.of(
            "0@1", "1@1", "2@1", "3@1", "4@1", "5@1", "6@1", "7@1", "8@1", "4@3", "5@3", "3@3",
            "4@9"),
        trained);
    assertEquals(new Search.Result(2, 4, 9, 0.25), results.getFirst());
    assertEquals(
        List.of(4, 5, 3, 6, 2, 7, 1, 8, 0), results.stream().map(Search.Result::trial).toList());
  }

  @Test
  void theOneThatFailsGivesItsPlaceToTheNext() {
    List<Search.Result> results =
        search(9, 9)
            .run(
                List.of(),
                (trial, settings, epochs) ->
                    (trial == 4 && epochs == 9) || trial == 3 ? Double.NaN : score(trial));
    // 4, 5 and 6 reach the second round; 4 fails in the third, and 5 is trained in full.
    assertEquals(new Search.Result(2, 5, 9, 0.75), results.getFirst());
    assertEquals(List.of(4, 3), results.subList(7, 9).stream().map(Search.Result::trial).toList());
  }

  @Test
  void aSearchInWhichAllFailEnds() {
    List<Search.Result> results = search(9, 9).run(List.of(), (trial, settings, epochs) -> 1.0 / 0);
    assertEquals(9, results.size());
    results.forEach(result -> assertFalse(result.succeeded()));
  }

  @Test
  void whatIsKnownIsNotTrainedAgain() {
    var all = new ArrayList<Search.Result>();
    List<Search.Result> whole =
        search(9, 9).run(List.of(), (trial, settings, epochs) -> score(trial));
    for (int done = 0; done <= 13; done++) {
      var trained = new ArrayList<Integer>();
      List<Search.Result> known = List.copyOf(all);
      assertEquals(
          whole,
          search(9, 9)
              .run(
                  known,
                  (trial, settings, epochs) -> {
                    trained.add(trial);
                    if (trained.size() == 1) {
                      int round = epochs == 1 ? 0 : epochs == 3 ? 1 : 2;
                      all.add(new Search.Result(round, trial, epochs, score(trial)));
                    }
                    return score(trial);
                  }));
      assertEquals(13 - done, trained.size());
    }
  }
}
