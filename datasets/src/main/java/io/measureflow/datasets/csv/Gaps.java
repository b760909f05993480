package io.measureflow.datasets.csv;

import io.measureflow.datasets.format.TableFile.Kind;
import io.measureflow.datasets.io.Numeral;

/** Which cells have no value. */
enum Gaps {
  /** Empty ones. */
  EMPTY {
    @Override
    boolean isMissing(String cell, Kind kind) {
      return cell.isEmpty();
    }
  },
  /** Empty ones, and words for it. */
  WORDS {
    @Override
    boolean isMissing(String cell, Kind kind) {
      return Numeral.isMissing(cell);
    }
  },
  /** As {@link #WORDS}, but for words that may as well be the name of a class. */
  CERTAIN {
    @Override
    boolean isMissing(String cell, Kind kind) {
      return Numeral.isMissing(cell) && !Numeral.isName(cell);
    }
  },
  /** Empty ones, and in columns of numbers words for it but NaN, which is a number there. */
  TYPED {
    @Override
    boolean isMissing(String cell, Kind kind) {
      return kind == Kind.TEXT
          ? cell.isEmpty()
          : Numeral.isMissing(cell) && Numeral.kind(cell) != Numeral.Kind.NOT_FINITE;
    }
  };

  abstract boolean isMissing(String cell, Kind kind);
}
