package io.measureflow.tornado;

/**
 * The number of work items of a task.
 *
 * @param groups the number of work groups, at least 1
 * @param local the number of work items per group
 */
record Grid(int groups, int local) {

  int global() {
    return groups * local;
  }
}
