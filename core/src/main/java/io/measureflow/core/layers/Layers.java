package io.measureflow.core.layers;

import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerSpec;
import io.measureflow.api.model.ModelSpec;
import java.util.List;

/** Makes layers from their descriptions. */
public final class Layers {

  private Layers() {}

  /**
   * The layers of a model, in the order of application.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if a layer has a rank that does not
   *     fit its family
   */
  public static List<Layer> of(ModelSpec model) {
    return model.layers().stream().map(Layers::of).toList();
  }

  /**
   * The same model, each layer described in the one way that stands for it.
   *
   * @throws io.measureflow.api.error.InvalidRequestException as {@link #of(ModelSpec)}
   */
  public static ModelSpec canonical(ModelSpec model) {
    return new ModelSpec(of(model).stream().map(Layer::spec).toList());
  }

  /**
   * The sizes that the parameters of a mixture's components depend on.
   *
   * @throws io.measureflow.api.error.InvalidRequestException as {@link #of(ModelSpec)}
   */
  public static ComponentSize componentSize(LayerSpec.GaussianMixture spec) {
    return MixtureLayer.size(spec, spec.family());
  }

  /** The layer that a description stands for. */
  public static Layer of(LayerSpec spec) {
    return switch (spec) {
      case LayerSpec.GaussianMixture mixture -> new MixtureLayer(mixture);
      case LayerSpec.Dense dense -> new DenseLayer(dense);
    };
  }
}
