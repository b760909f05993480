package io.measureflow.simd.image;

import java.util.ArrayList;
import java.util.List;

/** The blocks of some weights, each to be packed by one thread. */
public final class WeightBlocks {

  private record Block(Weights weights, int block) {}

  private final List<Block> blocks = new ArrayList<>();

  WeightBlocks(List<Weights> all) {
    for (Weights weights : all) {
      for (int block = 0; block < weights.blocks(); block++) {
        blocks.add(new Block(weights, block));
      }
    }
  }

  /** Returns the number of blocks. */
  public int count() {
    return blocks.size();
  }

  /** Packs a block. */
  public void pack(int index) {
    Block block = blocks.get(index);
    block.weights.pack(block.block);
  }
}
