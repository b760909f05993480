package io.measureflow.simd.threads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {

  @Test
  void everyTaskRunsOnce() {
    for (int threads = 1; threads <= 4; threads++) {
      try (var pool = new WorkerPool(threads)) {
        assertEquals(threads, pool.threads());
        for (int count : new int[] {0, 1, 2, 3, 17, 1000}) {
          for (int repeat = 0; repeat < 200; repeat++) {
            var runs = new AtomicIntegerArray(count);
            pool.run(count, runs::incrementAndGet);
            for (int i = 0; i < count; i++) {
              assertEquals(1, runs.get(i));
            }
          }
        }
      }
    }
  }

  @Test
  void threadsBeginWithTheirOwnShares() {
    int threads = 4;
    int each = 3;
    try (var pool = new WorkerPool(threads)) {
      for (int repeat = 0; repeat < 500; repeat++) {
        // No thread continues before every thread has a task, so none can have taken another's.
        var begun = new CountDownLatch(threads);
        int[] firstTask = new int[threads];
        Arrays.fill(firstTask, -1);
        pool.run(
            threads * each,
            index -> {
              int thread = WorkerPool.numberOfThread();
              if (firstTask[thread] < 0) {
                firstTask[thread] = index;
                begun.countDown();
                awaitQuietly(begun);
              }
            });
        assertArrayEquals(new int[] {0, 3, 6, 9}, firstTask);
      }
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatTasksWroteIsVisible() {
    int[] numbers = new int[64];
    try (var pool = new WorkerPool(3)) {
      for (int repeat = 1; repeat <= 20_000; repeat++) {
        pool.run(numbers.length, index -> numbers[index]++);
        for (int number : numbers) {
          assertEquals(repeat, number);
        }
      }
    }
  }

  @Test
  void parkedWorkersWakeUp() {
    try (var pool = new WorkerPool(4)) {
      for (int repeat = 0; repeat < 20; repeat++) {
        LockSupport.parkNanos(2_000_000);
        var runs = new AtomicIntegerArray(100);
        pool.run(100, runs::incrementAndGet);
        for (int i = 0; i < 100; i++) {
          assertEquals(1, runs.get(i));
        }
      }
    }
  }

  @Test
  void workersAreNamedDaemonsAndEndWithThePool() {
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    try (var pool = new WorkerPool(3)) {
      for (int repeat = 0; repeat < 10_000 && seen.size() < 3; repeat++) {
        pool.run(
            30,
            index -> {
              seen.add(Thread.currentThread());
              LockSupport.parkNanos(1000);
            });
      }
      assertTrue(seen.remove(Thread.currentThread()));
      assertEquals(2, seen.size());
      for (Thread thread : seen) {
        assertTrue(thread.isDaemon());
        assertTrue(thread.getName().matches("measureflow-simd-[12]"), thread.getName());
      }
    }
    for (Thread thread : seen) {
      assertEquals(Thread.State.TERMINATED, thread.getState());
    }
  }

  @Test
  void exceptionsReachTheCallerAndThePoolGoesOn() {
    for (int threads = 1; threads <= 3; threads++) {
      try (var pool = new WorkerPool(threads)) {
        var mistake = new IllegalArgumentException("task 7");
        var thrown =
            assertThrows(
                IllegalArgumentException.class,
                () ->
                    pool.run(
                        20,
                        index -> {
                          if (index == 7) {
                            throw mistake;
                          }
                        }));
        assertSame(mistake, thrown);
        assertThrows(
            StackOverflowError.class,
            () ->
                pool.run(
                    9,
                    index -> {
                      throw new StackOverflowError();
                    }));
        var runs = new AtomicIntegerArray(50);
        pool.run(50, runs::incrementAndGet);
        assertEquals(1, runs.get(49));
      }
    }
  }

  @Test
  void useAfterCloseIsRefused() {
    var pool = new WorkerPool(2);
    pool.close();
    pool.close();
    assertThrows(IllegalStateException.class, () -> pool.run(3, index -> {}));
    assertThrows(IllegalArgumentException.class, () -> new WorkerPool(0));
  }
}
