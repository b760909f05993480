package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * One task of a program: a kernel and what it is given.
 *
 * @param operation what it computes, a word for messages
 * @param kernel the kernel and the arrays it works on
 * @param parameters where operands lie and how large they are
 * @param grid how many work items run it
 */
record Launch(String operation, Kernel kernel, IntArray parameters, Grid grid) {

  /** A static method and its arguments besides context and parameters. */
  sealed interface Kernel {}

  /** One on the memory of the program alone. */
  record OnMemory(Task3<KernelContext, IntArray, FloatArray> method) implements Kernel {}

  /** One that reads integers besides. */
  record WithLabels(Task4<KernelContext, IntArray, FloatArray, IntArray> method, IntArray labels)
      implements Kernel {}

  /** One between two arrays. */
  record Between(
      Task4<KernelContext, IntArray, FloatArray, FloatArray> method,
      FloatArray source,
      FloatArray target)
      implements Kernel {}

  /** One that fills the memory from rows that are held, by their numbers. */
  record Draw(
      Task5<KernelContext, IntArray, FloatArray, FloatArray, IntArray> method,
      FloatArray rows,
      IntArray numbers)
      implements Kernel {}

  static Launch of(String operation, Kernel kernel, int[] parameters, Grid grid) {
    return new Launch(operation, kernel, IntArray.fromArray(parameters), grid);
  }
}
