package io.measureflow.core.training;

/**
 * Statistics of the flow in one epoch, each a mean or a sum over its steps.
 *
 * @param energy the mean over the batches of the objective F before the step
 * @param decrease the mean decrease of F per step on its own batch
 * @param predictedDecrease the mean of h |grad F|^2, the decrease for an infinitesimal step of the
 *     Wasserstein flow
 * @param path the sum of the distances that the measures moved in each step, in the metric of the
 *     lifted coordinates, which bounds the Wasserstein distance from above
 * @param displacement the distance in the same metric from the state at the start or resumption of
 *     the run
 */
public record FlowReport(
    double energy, double decrease, double predictedDecrease, double path, double displacement) {}
