/** The command measureflow. */
module io.measureflow.cli {
  requires com.google.guice;
  requires info.picocli;
  requires io.measureflow;
  requires io.measureflow.experiments;
  requires io.measureflow.plots;
  requires java.desktop;
  requires java.management;
  // For what `bench product` calls the peak of a processor.
  requires static jdk.incubator.vector;
  requires static org.jspecify;

  exports io.measureflow.cli;

  provides java.lang.System.LoggerFinder with
      io.measureflow.cli.terminal.StandardErrorLogs;
}
