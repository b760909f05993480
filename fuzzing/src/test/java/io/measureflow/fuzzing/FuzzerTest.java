package io.measureflow.fuzzing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.fuzzing.FuzzReport.Finding;
import io.measureflow.fuzzing.FuzzReport.Kind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Readers with known faults: each fault is found, and a correct reader has no findings. */
@Isolated("counts what the JVM allocates")
class FuzzerTest {

  private static final Path FOLDER = Path.of("folder");

  /** A format for this test: a length of four bytes, then as many bytes. */
  private static final byte[] VALID = {0, 0, 0, 4, 1, 2, 3, 4};

  private static FuzzTarget target(FuzzTarget.Reader reader) {
    return FuzzTarget.of("test", List.of(VALID), List.of("token"), reader);
  }

  private static FuzzReport run(FuzzTarget.Reader reader, MemoryMeter meter) {
    return run(reader, meter, Duration.ofSeconds(5));
  }

  private static FuzzReport run(FuzzTarget.Reader reader, MemoryMeter meter, Duration time) {
    var limits = new Fuzzer.Limits(time, 1 << 20, 16);
    return new Fuzzer(FOLDER, meter, limits).run(target(reader), 1, 2000);
  }

  private static int length(byte[] input) {
    if (input.length < 4) {
      throw refusal("short");
    }
    int length = ByteBuffer.wrap(input).getInt();
    if (length != input.length - 4) {
      throw refusal("length");
    }
    return length;
  }

  private static InvalidRequestException refusal(String found) {
    return InvalidRequestException.of(FOLDER + "/file", "a file", found, "Correct it.");
  }

  @Test
  void aSoundReaderIsLeftInPeace() {
    FuzzReport report = run((folder, input) -> String.valueOf(length(input)), MemoryMeter.NONE);
    assertEquals(List.of(), report.findings());
    assertEquals(2000, report.inputs());
    assertEquals(2000, report.accepted() + report.refused());
    assertTrue(report.accepted() > 100, report.summary());
    assertTrue(report.refused() > 100, report.summary());
  }

  /** Returns a reader with a fault that a wrong length triggers. */
  private static String faulty(Kind fault, byte[] input, AtomicLong held) throws Exception {
    try {
      return String.valueOf(length(input));
    } catch (InvalidRequestException lie) {
      switch (fault) {
        case EXCEPTION -> throw new IndexOutOfBoundsException();
        case MESSAGE -> throw InvalidRequestException.of("it", "a", "b", "c");
        case HANG -> new CountDownLatch(1).await(1, TimeUnit.HOURS);
        case MEMORY -> held.addAndGet(new byte[1 << 22].length);
        case LEAK -> {
          held.incrementAndGet();
          throw lie;
        }
      }
      throw lie;
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyFaultIsFound(Kind fault) {
    var held = new AtomicLong();
    var meter =
        new MemoryMeter() {
          @Override
          public long live() {
            return fault == Kind.LEAK ? held.get() : 0;
          }

          @Override
          public long peakSince(Runnable begin) {
            begin.run();
            return 0;
          }
        };
    // A hang is awaited to the end, once per finding; no other fault should look like one.
    Duration time = Duration.ofMillis(fault == Kind.HANG ? 100 : 5000);
    FuzzReport report = run((folder, input) -> faulty(fault, input, held), meter, time);
    assertFalse(report.findings().isEmpty());
    for (Finding finding : report.findings()) {
      assertEquals(fault, finding.kind(), finding::detail);
    }
  }

  @Test
  void theSameSeedGivesTheSameInputs() {
    var first = new ArrayList<byte[]>();
    var second = new ArrayList<byte[]>();
    for (List<byte[]> inputs : List.of(first, second)) {
      var random = new ByteMutator(new SplittableRandom(7), FuzzTarget.texts("ab"));
      for (int i = 0; i < 500; i++) {
        inputs.add(random.mutate(VALID, new byte[] {9, 8, 7}));
      }
    }
    for (int i = 0; i < first.size(); i++) {
      assertArrayEquals(first.get(i), second.get(i));
    }
  }
}
