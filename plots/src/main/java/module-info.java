/** Pictures: line plots as PNG and SVG, flows and neurons in the plane, animations; HTML pages. */
module io.measureflow.plots {
  requires transitive java.desktop;
  requires static org.jspecify;

  exports io.measureflow.plots;
}
