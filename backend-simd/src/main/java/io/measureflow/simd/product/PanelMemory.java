package io.measureflow.simd.product;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/**
 * Packed right factors outside the heap, where vectors can be aligned to cache lines: almost every
 * 64-byte load from an array of the heap spans two of them.
 *
 * <p>Panels are addressed within {@link #ALL}. A segment that is a parameter has, for C2, all the
 * kinds of segments that the JVM has seen anywhere, and code for it was half as fast after calls
 * with segments of the heap; a constant has one kind. So sizes are checked here, once per product,
 * and whoever uses an address keeps its segment open.
 */
public final class PanelMemory {

  /** All memory outside the heap. */
  @SuppressWarnings("restricted") // Sizes are checked where panels are made.
  public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  public static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** A page, so that panels spread over few of them. */
  private static final long ALIGNMENT = 4096;

  private PanelMemory() {}

  /** Allocates room for elements, filled with zeros. */
  public static MemorySegment allocate(Arena arena, long elements) {
    return arena.allocate(Math.max(1, elements) * Float.BYTES, ALIGNMENT);
  }
}
