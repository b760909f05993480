package io.measureflow.datasets.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Every test of this module gives back all of Arrow's memory, also what nobody closed and no
 * allocator complained of. JUnit finds it by its service file.
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

  /** Fails if more or less is allocated than {@code before}. */
  public static void check(long before) {
    assertEquals(before, ArrowAllocations.live(), "bytes of Arrow memory that were not given back");
  }
}
