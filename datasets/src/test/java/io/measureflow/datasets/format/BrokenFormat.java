package io.measureflow.datasets.format;

import io.measureflow.api.data.DatasetRequest.Columns;
import java.nio.file.Path;
import java.util.List;

/** Mistakes that an outside author may make. */
public class BrokenFormat implements TableFormat {

  private final String name;
  private final String summary;
  private final List<String> extensions;

  /** Creates a format with these properties. */
  protected BrokenFormat(String name, String summary, List<String> extensions) {
    this.name = name;
    this.summary = summary;
    this.extensions = extensions;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String summary() {
    return summary;
  }

  @Override
  public List<String> extensions() {
    return extensions;
  }

  @Override
  public TableFile open(Path file, Columns columns) {
    throw new IllegalStateException("not yet written");
  }

  /** Its name is null. */
  @SuppressWarnings("NullAway") // As code without annotations does.
  public static final class NoName extends BrokenFormat {
    /** Creates the format. */
    public NoName() {
      super(null, "x", List.of());
    }
  }

  /** Its name leads out of a folder. */
  public static final class PathName extends BrokenFormat {
    /** Creates the format. */
    public PathName() {
      super("../../x", "x", List.of());
    }
  }

  /** It has the name of another one. */
  public static final class SameName extends BrokenFormat {
    /** Creates the format. */
    public SameName() {
      super("csv", "x", List.of());
    }
  }

  /** It takes the extension of another one. */
  public static final class SameExtension implements WritableTableFormat {
    @Override
    public String name() {
      return "mine";
    }

    @Override
    public String summary() {
      return "x";
    }

    @Override
    public List<String> extensions() {
      return List.of("parquet");
    }

    @Override
    public TableFile open(Path file, Columns columns) {
      throw new IllegalStateException("not yet written");
    }

    @Override
    public TableWriter create(TableOutput output, List<Field> fields) {
      throw new IllegalStateException("not yet written");
    }
  }

  /** Its summary throws. */
  public static final class ThrowingSummary extends BrokenFormat {
    /** Creates the format. */
    public ThrowingSummary() {
      super("y", "x", List.of());
    }

    @Override
    public String summary() {
      throw new UnsupportedOperationException("no summary yet");
    }
  }

  /** Its constructor throws. */
  public static final class ThrowingConstructor extends BrokenFormat {
    /** Creates the format. */
    public ThrowingConstructor() {
      super("z", "x", List.of());
      throw new IllegalStateException("no licence");
    }
  }

  /** Its class cannot be initialised. */
  public static final class ThrowingClass extends BrokenFormat {
    private static final int NUMBER = Integer.parseInt("none");

    /** Creates the format. */
    public ThrowingClass() {
      super("z" + NUMBER, "x", List.of());
    }
  }

  /** It does not implement the service. */
  public static final class NoFormat {}

  /** It is valid, but opening files fails. */
  public static final class NotWritten extends BrokenFormat {
    /** Creates the format. */
    public NotWritten() {
      super("not-written", "x", List.of());
    }
  }
}
