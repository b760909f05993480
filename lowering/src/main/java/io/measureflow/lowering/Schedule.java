package io.measureflow.lowering;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The last pass for a processor with threads: steps in regions of bands, and regions in phases, as
 * few as dependences allow, since threads wait for each other between phases.
 */
public final class Schedule {

  /** Steps with fewer elements are not worth sharing out on their own. */
  private static final int SMALL = 1 << 13;

  /** Elements that are in no cache. */
  private static final int LARGE = 1 << 17;

  /** The number of steps for which other ways to share them out are tried. */
  private static final int MOST_TRIED = 200;

  private final LoweredProgram lowered;

  /** Steps in program order with their places. */
  private final IdentityHashMap<Step, Integer> places = new IdentityHashMap<>();

  private final List<Open> regions = new ArrayList<>();
  private final TreeMap<Integer, List<Step>> firsts = new TreeMap<>();

  /** Where a value, by its memory, is assigned. */
  private final Map<Value, Place> writers = new HashMap<>();

  /**
   * Cheap elementwise steps that no step has needed yet, by what they write. Computed where they
   * are read first, they are never in memory far from there; their operand is, for others.
   */
  private final Map<Value, Step.Loop> waiting = new HashMap<>();

  /** Where a value is read. */
  private final Map<Value, List<Place>> readers = new HashMap<>();

  /**
   * Where a step has been placed.
   *
   * @param region its region; null for one of the first steps of a phase
   */
  private record Place(@Nullable Open region, int level) {}

  /** A region that may grow. */
  private static final class Open {
    private List<Step> steps;
    private Splits splits;
    private final int level;
    private Open mergedInto = this;

    private Open(List<Step> steps, Splits splits, int level) {
      this.steps = steps;
      this.splits = splits;
      this.level = level;
    }

    private int level() {
      return level;
    }

    private Open current() {
      Open at = this;
      while (at.mergedInto != at) {
        at = at.mergedInto;
      }
      return at;
    }
  }

  private Schedule(LoweredProgram lowered) {
    this.lowered = lowered;
  }

  /** Returns the phases of a program. */
  public static List<Phase> of(LoweredProgram lowered) {
    var schedule = new Schedule(lowered);
    int place = 0;
    for (Step step : lowered.steps()) {
      schedule.places.put(step, place++);
      if (schedule.canWait(step)) {
        schedule.waiting.put(lowered.memory(step.writes().getFirst()), (Step.Loop) step);
      } else {
        schedule.addWithWaiting(step);
      }
    }
    List.copyOf(schedule.waiting.values()).forEach(schedule::add);
    return schedule.phases();
  }

  /** Returns whether a step is cheap, long, and of a value that nothing changes. */
  private boolean canWait(Step step) {
    if (!(step instanceof Step.Loop loop)
        || loop.writes().getFirst().shape().size() < LARGE
        || !writers.containsKey(lowered.memory(loop.reads().getFirst()))) {
      return false;
    }
    return switch (loop.op()) {
      case Op.Affine _ -> true;
      case Op.Unary unary ->
          switch (unary.function()) {
            case NEGATE, SQUARE, POSITIVE, HEAVISIDE -> true;
            default -> false;
          };
      default -> false;
    };
  }

  /** Adds a step behind those that have been waiting for a reader. */
  private void addWithWaiting(Step step) {
    for (Value read : step.reads()) {
      Step.Loop first = waiting.remove(lowered.memory(read));
      if (first != null) {
        addWithWaiting(first, step);
      }
    }
    add(step);
  }

  private void addWithWaiting(Step.Loop step, Step reader) {
    for (Value read : step.reads()) {
      Step.Loop first = waiting.remove(lowered.memory(read));
      if (first != null) {
        addWithWaiting(first, reader);
      }
    }
    var all = new ArrayList<>(dependences(step));
    if (reader instanceof Step.Loop || reader instanceof Step.Sum) {
      all.addAll(dependences(reader));
    }
    add(step, all);
  }

  private void add(Step step) {
    add(step, dependences(step));
  }

  private void add(Step step, List<Place> dependences) {
    // The regions whose results the step needs, or whose reading it must not overtake.
    Set<Open> before = new HashSet<>();
    int firstLevel = 0;
    for (Place place : dependences) {
      if (place.region == null) {
        firstLevel = Math.max(firstLevel, place.level);
      } else {
        before.add(place.region.current());
      }
    }
    if (!attach(step, before, firstLevel)) {
      int after = before.stream().mapToInt(region -> region.level + 1).max().orElse(0);
      int level = Math.max(firstLevel, after);
      Splits splits = isLarge(step) ? alone(step) : null;
      if (splits != null) {
        var region = new Open(new ArrayList<>(List.of(step)), splits, level);
        regions.add(region);
        record(step, new Place(region, level));
      } else {
        firsts.computeIfAbsent(level, l -> new ArrayList<>()).add(step);
        record(step, new Place(null, level));
      }
    }
  }

  /** Returns the splits of a step that begins a region; null if it has no bands. */
  private @Nullable Splits alone(Step step) {
    if (step instanceof Step.Pack) {
      return new Splits(lowered, 0);
    }
    for (int extent : Splits.extents(lowered, step)) {
      var splits = new Splits(lowered, extent);
      if (extent > Orientation.FEW_ROWS && splits.tryAdd(step)) {
        return splits;
      }
    }
    return null;
  }

  /** Returns where what a step depends on has been placed. */
  private List<Place> dependences(Step step) {
    var places = new ArrayList<Place>();
    for (Value read : step.reads()) {
      Place writer = writers.get(lowered.memory(read));
      if (writer != null) {
        places.add(writer);
      }
    }
    for (Value changed : step.changes()) {
      Value memory = lowered.memory(changed);
      places.addAll(readers.getOrDefault(memory, List.of()));
      Place writer = writers.get(memory);
      if (writer != null) {
        places.add(writer);
      }
    }
    return places;
  }

  private void record(Step step, Place place) {
    for (Value read : step.reads()) {
      readers.computeIfAbsent(lowered.memory(read), v -> new ArrayList<>()).add(place);
    }
    for (Value written : step.writes()) {
      writers.put(lowered.memory(written), place);
    }
    for (Value changed : step.changes()) {
      writers.put(lowered.memory(changed), place);
    }
  }

  /**
   * Adds a step to the regions of the last phase that it depends on, joined to one, if it can be
   * computed band by band with them.
   */
  private boolean attach(Step step, Set<Open> before, int firstLevel) {
    int level = before.stream().mapToInt(Open::level).max().orElse(-1);
    if (level < firstLevel || level < 0) {
      return false;
    }
    List<Open> last = before.stream().filter(region -> region.level == level).toList();
    Open joined = last.getFirst();
    if (last.size() == 1 && joined.splits.tryAdd(step)) {
      joined.steps.add(step);
      record(step, new Place(joined, level));
      return true;
    }
    if (last.stream().mapToInt(region -> region.steps.size()).sum() > MOST_TRIED) {
      return false;
    }
    var steps = new ArrayList<Step>();
    last.forEach(region -> steps.addAll(region.steps));
    steps.sort(Comparator.comparing(places::get));
    steps.add(step);
    var extents = new LinkedHashSet<Integer>();
    last.forEach(region -> extents.add(region.splits.extent()));
    extents.addAll(Splits.extents(lowered, step));
    for (int extent : extents) {
      var splits = new Splits(lowered, extent);
      if (extent > 0 && splits.addAll(steps)) {
        joined.steps = steps;
        joined.splits = splits;
        for (Open region : last) {
          if (region != joined) {
            region.mergedInto = joined;
            regions.remove(region);
          }
        }
        record(step, new Place(joined, level));
        return true;
      }
    }
    return false;
  }

  private boolean isLarge(Step step) {
    return switch (step) {
      case Step.Product product -> product.operations() >= SMALL;
      case Step.Loop loop -> loop.writes().getFirst().shape().size() >= SMALL;
      case Step.Sum sum -> sum.a().shape().size() >= SMALL;
      case Step.CrossEntropy entropy -> entropy.logits().shape().size() >= SMALL;
      case Step.Change change -> change.update().state().shape().size() >= SMALL;
      case Step.Pack _ -> true;
      case Step.Convolve _,
          Step.ConvolveGradient _,
          Step.ConvolveAdjoint _,
          Step.Pool _,
          Step.Mean _,
          Step.Copy _,
          Step.Whole _ ->
          false;
    };
  }

  private List<Phase> phases() {
    int levels = firsts.isEmpty() ? 0 : firsts.lastKey() + 1;
    for (Open region : regions) {
      levels = Math.max(levels, region.level + 1);
    }
    var phases = new ArrayList<Phase>();
    for (int level = 0; level < levels; level++) {
      int here = level;
      List<Region> parts =
          regions.stream()
              .filter(region -> region.level == here)
              .map(
                  region -> new Region(region.steps, region.splits.extent(), region.splits.toMap()))
              .toList();
      phases.add(new Phase(firsts.getOrDefault(level, List.of()), parts));
    }
    return List.copyOf(phases);
  }
}
