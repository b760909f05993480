package io.measureflow.nd4j;

import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * An ND4J operation bound to its arrays. On the processor a run is a single native call without
 * allocation on the Java heap; elsewhere ND4J's executioner moves the data first.
 */
final class NativeOp implements Command, AutoCloseable {

  private final NativeOps natives = NativeOpsHolder.getInstance().getDeviceNativeOps();
  private final boolean direct = Nd4j.getEnvironment().isCPU();
  private final CustomOp op;
  private final long hash;
  private final OpContext context;
  private final Pointer pointer;

  private NativeOp(String name, INDArray[] operands, INDArray result, long[] settings) {
    op = DynamicCustomOp.builder(name).build();
    hash = op.opHash();
    context = Nd4j.getExecutioner().buildContext();
    context.setInputArrays(operands);
    context.setOutputArrays(result);
    context.setIArguments(settings);
    pointer = context.contextPointer();
  }

  /** out = a b, either factor transposed first; stacks of matrices pair by pair. */
  static NativeOp product(
      INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray out) {
    return new NativeOp(
        "matmul",
        new INDArray[] {a, b},
        out,
        new long[] {transposeA ? 1 : 0, transposeB ? 1 : 0, 0});
  }

  @Override
  public void run() {
    if (!direct) {
      Nd4j.exec(op, context);
      return;
    }
    if (natives.execCustomOp2(null, hash, pointer) != 0) {
      throw new IllegalStateException(
          "ND4J operation " + op.opName() + " failed: " + natives.lastErrorMessage());
    }
  }

  @Override
  public void close() {
    try {
      context.close();
    } catch (Exception e) {
      throw new IllegalStateException("ND4J could not free an operation", e);
    }
  }
}
