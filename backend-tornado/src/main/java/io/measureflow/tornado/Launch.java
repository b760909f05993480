package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * One task of a program: a kernel and its arguments.
 *
 * @param operation the name of the operation, for messages
 * @param kernel the kernel and its arrays
 * @param parameters the offsets and sizes of operands
 * @param grid the number of work items
 */
record Launch(String operation, Kernel kernel, IntArray parameters, Grid grid) {

  /** A static method and its arguments, besides context and parameters. */
  sealed interface Kernel {}

  /** A kernel on the memory of the program alone. */
  record OnMemory(Task3<KernelContext, IntArray, FloatArray> method) implements Kernel {}

  /** A kernel that also reads integers. */
  record WithLabels(Task4<KernelContext, IntArray, FloatArray, IntArray> method, IntArray labels)
      implements Kernel {}

  /** A kernel between two arrays. */
  record Between(
      Task4<KernelContext, IntArray, FloatArray, FloatArray> method,
      FloatArray source,
      FloatArray target)
      implements Kernel {}

  /** A kernel that fills the memory from the rows of a resident table, by row index. */
  record Draw(
      Task5<KernelContext, IntArray, FloatArray, FloatArray, IntArray> method,
      FloatArray rows,
      IntArray numbers)
      implements Kernel {}

  static Launch of(String operation, Kernel kernel, int[] parameters, Grid grid) {
    return new Launch(operation, kernel, IntArray.fromArray(parameters), grid);
  }
}
