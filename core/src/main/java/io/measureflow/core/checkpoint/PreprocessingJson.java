package io.measureflow.core.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Encoding;
import io.measureflow.api.data.Encoding.Category;
import io.measureflow.api.data.Link;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;

/** The preprocessing of the training rows in a checkpoint. */
final class PreprocessingJson {

  private static final String FEATURES = "features";
  private static final String FEATURE_COUNT = "feature_count";
  private static final String CATEGORIES = "categories";
  private static final String COLUMN = "column";
  private static final String VALUES = "values";
  private static final String FIRST = "first";
  private static final String DATES = "dates";
  private static final String CLASSES = "classes";
  private static final String TARGETS = "targets";
  private static final String SCALING = "scaling";
  private static final String FILL = "fill";
  private static final String MEAN = "mean";
  private static final String DEVIATION = "deviation";
  private static final String TARGET_MEAN = "target_mean";
  private static final String TARGET_DEVIATION = "target_deviation";
  private static final String LINK = "link";
  private static final Set<String> KEYS =
      Set.of(
          FEATURES,
          FEATURE_COUNT,
          CATEGORIES,
          DATES,
          CLASSES,
          TARGETS,
          SCALING,
          FILL,
          MEAN,
          DEVIATION,
          TARGET_MEAN,
          TARGET_DEVIATION,
          LINK);

  private PreprocessingJson() {}

  static String write(Preprocessing preprocessing) {
    ObjectNode root = Json.object();
    root.put(FEATURE_COUNT, preprocessing.featureCount());
    texts(root, FEATURES, preprocessing.features());
    categories(root, preprocessing.encoding().categories());
    texts(root, DATES, preprocessing.encoding().dates());
    switch (preprocessing.target()) {
      case Target.Classes(List<String> names) -> texts(root, CLASSES, names);
      case Target.Real(List<String> names) -> texts(root, TARGETS, names);
      case Target.None none -> {}
    }
    root.put(SCALING, key(preprocessing.scaling()));
    numbers(root, FILL, preprocessing.fill());
    numbers(root, MEAN, preprocessing.mean());
    numbers(root, DEVIATION, preprocessing.deviation());
    numbers(root, TARGET_MEAN, preprocessing.targetMean());
    numbers(root, TARGET_DEVIATION, preprocessing.targetDeviation());
    if (preprocessing.link() != Link.IDENTITY) {
      root.put(LINK, key(preprocessing.link()));
    }
    return Json.write(root);
  }

  private static void categories(ObjectNode root, List<Category> categories) {
    if (!categories.isEmpty()) {
      ArrayNode nodes = root.putArray(CATEGORIES);
      for (Category category : categories) {
        ObjectNode node = nodes.addObject();
        node.put(COLUMN, category.column());
        texts(node, VALUES, category.values());
        node.put(FIRST, category.first());
      }
    }
  }

  private static Category category(JsonNode node, String where) {
    if (!(node instanceof ObjectNode object)) {
      throw InvalidRequestException.of(
          where, "an object", Json.shortened(node), "Correct the description.");
    }
    Json.requireKnown(object, Set.of(COLUMN, VALUES, FIRST), where);
    return new Category(
        Json.text(object.path(COLUMN), where + ", " + COLUMN),
        list(object, VALUES, where, Json::text),
        Json.integer(object.path(FIRST), where + ", " + FIRST, 0));
  }

  private static void texts(ObjectNode root, String key, List<String> texts) {
    if (!texts.isEmpty()) {
      ArrayNode node = root.putArray(key);
      texts.forEach(node::add);
    }
  }

  private static void numbers(ObjectNode root, String key, List<Double> numbers) {
    if (!numbers.isEmpty()) {
      ArrayNode node = root.putArray(key);
      numbers.forEach(node::add);
    }
  }

  private static String key(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static <E extends Enum<E>> E constant(
      ObjectNode root, String key, Class<E> type, String where) {
    String text = Json.text(root.path(key), where + ", " + key);
    List<String> keys = Arrays.stream(type.getEnumConstants()).map(PreprocessingJson::key).toList();
    if (!keys.contains(text)) {
      throw InvalidRequestException.of(
          where + ", " + key,
          "one of " + String.join(", ", keys),
          "'" + text + "'",
          "Correct the description.");
    }
    return type.getEnumConstants()[keys.indexOf(text)];
  }

  /** Reads a preprocessing and checks that its lists fit each other. */
  static Preprocessing read(String text, String where) {
    ObjectNode root = Json.parseObject(text, where);
    Json.requireKnown(root, KEYS, where);
    Scaling scaling = constant(root, SCALING, Scaling.class, where);
    List<String> classes = list(root, CLASSES, where, Json::text);
    List<String> targets = list(root, TARGETS, where, Json::text);
    try {
      return new Preprocessing(
          list(root, FEATURES, where, Json::text),
          Json.integer(root.path(FEATURE_COUNT), where + ", " + FEATURE_COUNT, 1),
          new Encoding(
              list(root, CATEGORIES, where, PreprocessingJson::category),
              list(root, DATES, where, Json::text)),
          !classes.isEmpty()
              ? new Target.Classes(classes)
              : targets.isEmpty() ? new Target.None() : new Target.Real(targets),
          scaling,
          list(root, FILL, where, PreprocessingJson::number),
          list(root, MEAN, where, PreprocessingJson::number),
          list(root, DEVIATION, where, PreprocessingJson::number),
          list(root, TARGET_MEAN, where, PreprocessingJson::number),
          list(root, TARGET_DEVIATION, where, PreprocessingJson::number),
          root.has(LINK) ? constant(root, LINK, Link.class, where) : Link.IDENTITY);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(
          where + ": " + e.getMessage() + ". Correct the description of the data.", e);
    }
  }

  private static <T> List<T> list(
      ObjectNode root, String key, String where, BiFunction<JsonNode, String, T> reader) {
    JsonNode node = root.path(key);
    if (node.isMissingNode()) {
      return List.of();
    }
    if (!(node instanceof ArrayNode array)) {
      throw InvalidRequestException.of(
          where + ", " + key, "a list", Json.shortened(node), "Correct the description.");
    }
    var list = new ArrayList<T>();
    for (int i = 0; i < array.size(); i++) {
      list.add(reader.apply(array.get(i), where + ", " + key + " " + i));
    }
    return list;
  }

  private static Double number(JsonNode node, String where) {
    if (node.isNumber() && Math.abs(node.doubleValue()) < Double.POSITIVE_INFINITY) {
      return node.doubleValue();
    }
    throw InvalidRequestException.of(
        where, "a finite number", Json.shortened(node), "Correct the description.");
  }
}
