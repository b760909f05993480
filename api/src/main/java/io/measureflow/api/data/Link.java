package io.measureflow.api.data;

/** How an output of a model becomes the prediction of a real target: the inverse link function. */
public enum Link {

  /** The output is the prediction. */
  IDENTITY {
    @Override
    public double prediction(double output) {
      return output;
    }
  },

  /** The output is the logarithm of the prediction, as of a rate. */
  EXPONENTIAL {
    @Override
    public double prediction(double output) {
      return Math.exp(output);
    }
  },

  /** The output is the logit of the prediction, a probability. */
  LOGISTIC {
    @Override
    public double prediction(double output) {
      return 1 / (1 + Math.exp(-output));
    }
  };

  /** Returns the prediction that an output stands for. */
  public abstract double prediction(double output);
}
