package io.measureflow.datasets.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Checks that every test of this module frees all Arrow memory, including memory that no allocator
 * reported as leaked. Registered by a JUnit service file.
 */
public final class ArrowLeakCheck implements BeforeEachCallback, AfterEachCallback {

  private static final Namespace NAMESPACE = Namespace.create(ArrowLeakCheck.class);
  private static final String LIVE = "live";

  @Override
  public void beforeEach(ExtensionContext context) {
    context.getStore(NAMESPACE).put(LIVE, ArrowAllocations.live());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    check(context.getStore(NAMESPACE).getOrDefault(LIVE, Long.class, 0L));
  }

  /** Fails if the allocated memory differs from {@code before}. */
  public static void check(long before) {
    assertEquals(before, ArrowAllocations.live(), "bytes of Arrow memory that were not freed");
  }
}
