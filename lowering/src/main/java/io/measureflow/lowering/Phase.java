package io.measureflow.lowering;

import java.util.List;

/**
 * What is computed between two barriers.
 *
 * @param first steps that are computed one after the other, before the regions
 * @param regions regions, all independent of each other
 */
public record Phase(List<Step> first, List<Region> regions) {

  public Phase {
    first = List.copyOf(first);
    regions = List.copyOf(regions);
  }
}
