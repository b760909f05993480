package io.measureflow.lowering;

import io.measureflow.api.program.Value;
import java.util.List;
import java.util.Map;

/**
 * Steps that are computed band by band along one axis, all bands independently.
 *
 * @param steps in order; a single one may be shared out in other ways, too
 * @param extent the length of the axis; 0 for a single step without bands
 * @param splits how values are shared out, by the value that owns the memory
 */
public record Region(List<Step> steps, int extent, Map<Value, Split> splits) {

  public Region {
    steps = List.copyOf(steps);
    splits = Map.copyOf(splits);
  }
}
