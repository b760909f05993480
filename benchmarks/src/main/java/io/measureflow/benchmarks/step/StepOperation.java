package io.measureflow.benchmarks.step;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;

/**
 * The operations that a {@link MixtureStep} spends its time in, each as a separate program with K
 * components: x are the features [128, 784], m and s parameters [K, 784], h values of components
 * [128, K], out their outputs [K, 10], and delta the gradient with respect to the logits [128, 10].
 */
public enum StepOperation {
  /** x m', the means of all components. */
  MEANS {
    @Override
    void write(ProgramBuilder program, int components) {
      Value m = program.state("m", parameters(components));
      program.output(RESULT, program.matMul(features(program), false, m, true));
    }
  },
  /** g' x, the gradient with respect to the parameters of the means. */
  MEANS_GRADIENT {
    @Override
    void write(ProgramBuilder program, int components) {
      Value g = program.input("g", batchValues(components));
      program.output(RESULT, program.matMul(g, true, features(program), false));
    }
  },
  /** (x o x)(s o s)', the variances of all components. */
  VARIANCES {
    @Override
    void write(ProgramBuilder program, int components) {
      Value s = program.state("s", parameters(components));
      program.output(RESULT, program.varianceProduct(features(program), s));
    }
  },
  /** The moments of relu of orders 0 to 2. */
  MOMENTS {
    @Override
    void write(ProgramBuilder program, int components) {
      Value mean = program.input("mean", batchValues(components));
      Value variance = program.input("variance", batchValues(components));
      for (int order = 0; order <= 2; order++) {
        program.output(RESULT + order, program.reluMoment(mean, variance, order));
      }
    }
  },
  /** h out, the logits. */
  LOGITS {
    @Override
    void write(ProgramBuilder program, int components) {
      Value h = program.input("h", batchValues(components));
      Value out = program.state("out", outputs(components));
      program.output(RESULT, program.matMul(h, false, out, false));
    }
  },
  /** h' delta, the gradient with respect to the outputs of the components. */
  OUTPUTS_GRADIENT {
    @Override
    void write(ProgramBuilder program, int components) {
      Value h = program.input("h", batchValues(components));
      program.output(RESULT, program.matMul(h, true, delta(program), false));
    }
  },
  /** delta out', the gradient with respect to the values of the components. */
  VALUES_GRADIENT {
    @Override
    void write(ProgramBuilder program, int components) {
      Value out = program.state("out", outputs(components));
      program.output(RESULT, program.matMul(delta(program), false, out, true));
    }
  },
  /** Softmax cross-entropy, independent of K. */
  CROSS_ENTROPY {
    @Override
    void write(ProgramBuilder program, int components) {
      Value labels = program.integerInput("labels", MixtureStep.BATCH);
      program.output(RESULT, program.softmaxCrossEntropy(delta(program), labels));
    }
  },
  /** An Euler step of the parameters of the means, scaled per component. */
  EULER_STEP {
    @Override
    void write(ProgramBuilder program, int components) {
      program.update(
          new Op.EulerStep(
              program.state("m", parameters(components)),
              program.input("gradient", parameters(components)),
              program.input("scale", Shape.of(components)),
              program.input("rate", Shape.SCALAR)));
    }
  };

  private static final String RESULT = "result";

  /** Adds the operation with its inputs and outputs to a program. */
  abstract void write(ProgramBuilder program, int components);

  /** Returns a program with this operation alone. */
  Program program(int components) {
    var program = new ProgramBuilder(name());
    write(program, components);
    return program.build();
  }

  private static Value features(ProgramBuilder program) {
    return program.input("x", Shape.of(MixtureStep.BATCH, MixtureStep.FEATURES));
  }

  private static Value delta(ProgramBuilder program) {
    return program.input("delta", Shape.of(MixtureStep.BATCH, MixtureStep.CLASSES));
  }

  private static Shape parameters(int components) {
    return Shape.of(components, MixtureStep.FEATURES);
  }

  private static Shape batchValues(int components) {
    return Shape.of(MixtureStep.BATCH, components);
  }

  private static Shape outputs(int components) {
    return Shape.of(components, MixtureStep.CLASSES);
  }
}
