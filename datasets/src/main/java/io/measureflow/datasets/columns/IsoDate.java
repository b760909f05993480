package io.measureflow.datasets.columns;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Dates and times as ISO 8601 writes them: {@code 2026-11-30}, {@code 2026-11-30T07:30}, {@code
 * 2026-11-30 07:30:15.25+01:00}; without a zone they are in UTC.
 */
final class IsoDate {

  static final String EXPECTED = "a date such as 2026-11-30 or 2026-11-30T07:30:15";

  private static final Pattern TIME =
      Pattern.compile(
          "[T ]([01][0-9]|2[0-3]):([0-5][0-9])(:([0-5][0-9])([.,]([0-9]{1,9}))?)?"
              + " ?(Z|([+-])([01][0-9]):?([0-5][0-9])?)?");

  private static final Pattern DATE = Pattern.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})");
  private static final int DATE_LENGTH = 10;
  private static final double SECONDS_OF_A_DAY = 86_400;

  private IsoDate() {}

  /** Returns the days since 1970-01-01 in UTC, with a fraction; NaN if this is no date. */
  static double days(String text) {
    if (text.length() < DATE_LENGTH || text.charAt(4) != '-') {
      return Double.NaN;
    }
    Matcher date = DATE.matcher(text).region(0, DATE_LENGTH);
    if (!date.matches()) {
      return Double.NaN;
    }
    long day;
    try {
      day = LocalDate.of(number(date, 1), number(date, 2), number(date, 3)).toEpochDay();
    } catch (DateTimeException e) {
      return Double.NaN;
    }
    if (text.length() == DATE_LENGTH) {
      return day;
    }
    Matcher time = TIME.matcher(text).region(DATE_LENGTH, text.length());
    if (!time.matches()) {
      return Double.NaN;
    }
    double seconds = number(time, 1) * 3600 + number(time, 2) * 60 + number(time, 4);
    if (time.group(6) != null) {
      seconds += Double.parseDouble("0." + time.group(6));
    }
    int offset = number(time, 9) * 3600 + number(time, 10) * 60;
    return day + (seconds - ("-".equals(time.group(8)) ? -offset : offset)) / SECONDS_OF_A_DAY;
  }

  private static int number(Matcher matcher, int group) {
    String digits = matcher.group(group);
    return digits == null ? 0 : Integer.parseInt(digits);
  }
}
