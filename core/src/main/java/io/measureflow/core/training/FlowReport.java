package io.measureflow.core.training;

/**
 * What the flow did in one epoch, each number a mean or a sum over its steps.
 *
 * @param energy the mean over the batches of the objective F before the step
 * @param decrease the mean of what a step took off F on its own batch
 * @param predictedDecrease the mean of h |grad F|^2, what it would have been for an infinitesimal
 *     step of the Wasserstein flow
 * @param path the sum of the distances that the measures moved in each step, in the metric of the
 *     lifted coordinates, which bounds the Wasserstein distance from above
 * @param displacement the distance in the same metric from where the run began or was resumed
 */
public record FlowReport(
    double energy, double decrease, double predictedDecrease, double path, double displacement) {}
