package io.measureflow.cli.report;

import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.ImageShape;
import io.measureflow.api.model.Layer;
import io.measureflow.core.layers.DropoutLayer;
import io.measureflow.core.layers.FlattenLayer;
import io.measureflow.core.layers.MeasureLayer;
import io.measureflow.core.layers.MixtureConvLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.model.Model;
import io.measureflow.plots.Html;
import io.measureflow.plots.SvgPlot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** The measure of a layer: weights and spread of its components, and what they look for. */
final class MeasureSection implements Section {

  /** More components are left out, the lightest first. */
  private static final int MOST_COMPONENTS = 512;

  private static final int MOST_PICTURED = 8;
  private static final int MOST_FEATURES = 20;
  private static final int DIRECTIONS = 2;
  private static final int SPECTRA = 3;
  private static final int EIGENVALUES = 12;

  /** Smaller variances, relative to the largest, are as good as none. */
  private static final double SMALLEST_SHARE = 1e-9;

  private final Model model;
  private final String path;
  private final MeasureLayer layer;
  private final boolean seesFeatures;
  private final Schema schema;
  private final Optional<Pictures> pictures;
  private final boolean standardised;
  private final List<Component> components;

  /**
   * @param path the path of a layer of {@link Component components}
   * @param pictures of the features, if they form an image
   */
  MeasureSection(RunContents run, String path, MeasureLayer layer, Optional<Pictures> pictures) {
    model = run.model().model();
    schema = run.schema();
    standardised = run.model().preprocessing().filter(p -> !p.mean().isEmpty()).isPresent();
    this.path = path;
    this.layer = layer;
    seesFeatures = layer instanceof MixtureLayer && isBehindRearrangements();
    this.pictures =
        layer instanceof MixtureConvLayer conv
            ? ofWindows(conv)
            : seesFeatures ? pictures : Optional.empty();
    components = Component.heaviest(model, path, MOST_COMPONENTS);
  }

  /** Returns whether what stands before the layer hands the features on as they are. */
  private boolean isBehindRearrangements() {
    List<Layer> layers = model.spec().layers();
    int index = layers.indexOf(layer);
    return path.equals("layers." + index)
        && layer.mixture().inputs() == schema.featureCount()
        && layers.subList(0, index).stream()
            .allMatch(before -> before instanceof FlattenLayer || before instanceof DropoutLayer);
  }

  /** Returns pictures of windows of one channel, or of the colors of the image. */
  private Optional<Pictures> ofWindows(MixtureConvLayer conv) {
    boolean colors = conv.inputs() == 3 && path.equals("layers.0");
    List<Integer> kernel = conv.kernel().kernel();
    return (conv.inputs() == 1 || colors) && conv.mixture().inputs() > conv.inputs()
        ? Optional.of(
            new Pictures(new ImageShape(conv.inputs(), kernel.getFirst(), kernel.getLast())))
        : Optional.empty();
  }

  @Override
  public String title() {
    return model.spec().layers().size() == 1
        ? "The measure that was learned"
        : "The measure of " + path;
  }

  /** Returns whether the neurons see the features. */
  boolean seesFeatures() {
    return seesFeatures;
  }

  /** Returns the features in the order of their load, the largest first. */
  int[] order() {
    return Loads.of(components).order(schema.featureCount());
  }

  @Override
  public void write(Html page) {
    int all = layer.mixture().components();
    boolean equal =
        components.getFirst().weight() - components.getLast().weight()
            < 1e-9 * components.getFirst().weight();
    page.element(
        "p",
        "The layer ("
            + layer.summary()
            + ") integrates a·σ(w·x) over a mixture of "
            + all
            + " Gaussians of neurons (a, w)"
            + (layer instanceof MixtureConvLayer conv
                ? ", the same at each place of the image, where x is a window of "
                    + conv.kernel()
                    + "."
                : ".")
            + (components.size() < all
                ? " The " + components.size() + " heaviest of them are shown."
                : "")
            + (equal ? " All have the same weight." : ""));
    page.open("div", "class", "charts");
    if (!equal) {
      weights(page, components);
    }
    spreads(page, components);
    spectra(page, components);
    page.close("div");
    if (pictures.isPresent()) {
      pictures(page, pictures.get(), components, equal);
    } else if (seesFeatures) {
      loads(page, components);
    }
  }

  private static void weights(Html page, List<Component> components) {
    double[] x = IntStream.rangeClosed(1, components.size()).asDoubleStream().toArray();
    new SvgPlot("Weights of the components", "component, the heaviest first", "weight")
        .wholeNumbersOnX()
        .automaticY()
        .line("weight", 0, x, components.stream().mapToDouble(Component::weight).toArray())
        .writeTo(
            page,
            "",
            "From "
                + Words.number(components.getFirst().weight())
                + " to "
                + Words.number(components.getLast().weight())
                + ".");
  }

  private static void spreads(Html page, List<Component> components) {
    double[] means = components.stream().mapToDouble(c -> Component.norm(c.in())).toArray();
    double[] spreads =
        components.stream().mapToDouble(c -> Component.norm(c.marginalStd())).toArray();
    if (Arrays.stream(spreads).allMatch(spread -> spread == 0)) {
      page.element("p", "The components are points: they have no spread.", "class", "note");
      return;
    }
    new SvgPlot("Size and spread of the components", "|mean of w|", "√(tr Cov w)")
        .yBetween(0, Double.NaN)
        .points("component", 0, means, spreads)
        .writeTo(
            page,
            "Each dot is a component. High up a component stands for many different neurons.",
            "Spread from "
                + Words.number(Arrays.stream(spreads).min().orElse(0))
                + " to "
                + Words.number(Arrays.stream(spreads).max().orElse(0))
                + ", mean from "
                + Words.number(Arrays.stream(means).min().orElse(0))
                + " to "
                + Words.number(Arrays.stream(means).max().orElse(0))
                + ".");
  }

  private static void spectra(Html page, List<Component> components) {
    SvgPlot plot =
        new SvgPlot("Spectrum of the covariances", "eigenvalue", "variance")
            .wholeNumbersOnX()
            .automaticY();
    double largest = 0;
    for (int i = 0; i < Math.min(SPECTRA, components.size()); i++) {
      Component component = components.get(i);
      double[] spectrum = spectrum(component);
      largest = Math.max(largest, Arrays.stream(spectrum).max().orElse(0));
      if (Arrays.stream(spectrum).anyMatch(value -> value > 0)) {
        plot.line(
            "component " + component.index(),
            i,
            IntStream.rangeClosed(1, spectrum.length).asDoubleStream().toArray(),
            spectrum);
      }
    }
    if (!plot.isEmpty()) {
      plot.yBetween(SMALLEST_SHARE * largest, Double.NaN);
      plot.writeTo(
          page,
          "The largest eigenvalues of Cov w of the heaviest components. A steep fall means few"
              + " directions of spread.",
          "Eigenvalues of up to " + SPECTRA + " components.");
    }
  }

  private static double[] spectrum(Component component) {
    if (component.rank() > 0) {
      return component.directions(EIGENVALUES).stream()
          .mapToDouble(Component.Direction::variance)
          .toArray();
    }
    double[] variances = Arrays.stream(component.std()).map(s -> s * s).sorted().toArray();
    int shown = Math.min(variances.length, 100);
    return IntStream.range(0, shown)
        .mapToDouble(i -> variances[variances.length - 1 - i])
        .toArray();
  }

  // ---- images ----

  private void pictures(
      Html page, Pictures drawing, List<Component> components, boolean equalWeights) {
    page.element(
        "p",
        "What the "
            + Math.min(MOST_PICTURED, components.size())
            + (equalWeights
                ? " components with the largest outputs look for. "
                : " heaviest components look for. ")
            + "Mean: red pixels excite, blue ones inhibit."
            + (Component.norm(components.getFirst().marginalStd()) == 0
                ? ""
                : " Spread: the darker, the more the neurons of the component differ there."
                    + (components.getFirst().rank() > 0
                        ? " Directions: the patterns along which they differ most."
                        : " The covariance is diagonal: its directions are the pixels"
                            + " themselves.")));
    page.open("ul", "class", components.getFirst().rank() == 0 ? "components two" : "components");
    for (Component component : components.subList(0, Math.min(MOST_PICTURED, components.size()))) {
      page.open("li");
      page.element(
          "h3",
          "Component "
              + component.index()
              + (equalWeights
                  ? ""
                  : String.format(Locale.ROOT, ", weight %.3g", component.weight())));
      page.open("div", "class", "pictures");
      picture(page, component, "mean", drawing.signed(component.in()));
      double[] std = component.marginalStd();
      if (Component.norm(std) > 0) {
        picture(page, component, "spread", drawing.spread(std));
      }
      List<Component.Direction> directions = component.directions(DIRECTIONS);
      for (int i = 0; i < directions.size(); i++) {
        picture(
            page, component, "direction " + (i + 1), drawing.signed(directions.get(i).vector()));
      }
      page.close("div");
      page.element("p", strongest(component), "class", "note");
      page.close("li");
    }
    page.close("ul");
  }

  private static void picture(Html page, Component component, String what, byte[] png) {
    page.open("figure");
    page.picture("Component " + component.index() + ", " + what, png);
    page.element("figcaption", what).close("figure");
  }

  /** The outputs that a component raises and lowers most. */
  private String strongest(Component component) {
    double[] out = component.out();
    int most = 0;
    int least = 0;
    for (int j = 1; j < out.length; j++) {
      most = out[j] > out[most] ? j : most;
      least = out[j] < out[least] ? j : least;
    }
    var text = new ArrayList<String>();
    if (out[most] > 0) {
      text.add("for " + output(most));
    }
    if (out[least] < 0) {
      text.add("against " + output(least));
    }
    return String.join(", ", text);
  }

  private String output(int j) {
    boolean last = path.equals("layers." + (model.spec().layers().size() - 1));
    List<String> names =
        switch (schema.target()) {
          case Schema.Target.Classes(List<String> classes) -> classes;
          case Schema.Target.Real(List<String> targets) -> targets;
          case Schema.Target.None _ -> List.of();
        };
    return last && j < names.size() ? Words.name(names.get(j)) : "output " + j;
  }

  // ---- tables ----

  private void loads(Html page, List<Component> components) {
    Loads loads = Loads.of(components);
    int[] order = loads.order(schema.featureCount());
    int shown = Math.min(order.length, MOST_FEATURES);
    double most = Double.MIN_NORMAL;
    for (int j : order) {
      most = Math.max(most, Math.max(loads.means()[j], loads.spreads()[j]));
    }
    page.element("h3", "Which features the neurons look at");
    page.element(
        "p",
        "Mean size of the weights of each feature, and their spread, over the components by weight"
            + " and size of output."
            + (shown < order.length
                ? " The " + shown + " of " + order.length + " features with the largest means."
                : "")
            + (standardised ? " Features are comparable, as they are standardised." : ""));
    page.open("table", "class", "bars").open("thead").open("tr");
    page.element("th", "feature", "scope", "col");
    page.element("th", "mean", "scope", "col").element("th", "spread", "scope", "col");
    page.close("tr").close("thead").open("tbody");
    for (int j : Arrays.copyOf(order, shown)) {
      page.open("tr").element("th", Words.feature(schema, j), "scope", "row");
      bar(page, "s0", loads.means()[j], most);
      bar(page, "s1", loads.spreads()[j], most);
      page.close("tr");
    }
    page.close("tbody").close("table");
  }

  private static void bar(Html page, String style, double value, double most) {
    page.open("td");
    page.open(
            "span",
            "class",
            "bar " + style,
            "style",
            String.format(Locale.ROOT, "--share:%.3f", value / most))
        .markup("</span>");
    page.element("span", Words.number(value), "class", "value").close("td");
  }
}
