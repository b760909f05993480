package io.measureflow.tornado;

/**
 * How many work items run a task.
 *
 * @param groups the number of work groups, at least 1
 * @param local the number of work items of each
 */
record Grid(int groups, int local) {

  int global() {
    return groups * local;
  }
}
