#!/usr/bin/env python3
"""Write the tables of `measureflow experiment tables`, and what scikit-learn's defaults score on them.

Usage: python3 tables.py DIR [--seeds 0,1,2,3,4] [--only NAME,...] [--without-peers]

DIR/tables gets NAME-SEED-train.csv and NAME-SEED-test.csv (30 % of the rows), with the label in the column `target`,
and peers.csv with the score (accuracy, or R2 for real targets) and the seconds of each method on each split.
What is in peers.csv already is not computed again. Needs numpy, pandas and scikit-learn.
"""
import argparse
import csv
import pathlib
import time
import warnings

import numpy as np
import pandas as pd
from sklearn import datasets as sk
from sklearn.compose import TransformedTargetRegressor, make_column_selector, make_column_transformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR

COLUMNS = ["table", "seed", "kind", "rows", "features", "classes", "method", "score", "seconds"]

# The time of a support vector machine grows with the square of the rows.
MOST_ROWS_OF_SVM = 20_000


def known():
    """Tables that many know: real ones, and the usual generators."""
    yield "iris", *sk.load_iris(return_X_y=True), False
    yield "wine", *sk.load_wine(return_X_y=True), False
    yield "cancer", *sk.load_breast_cancer(return_X_y=True), False
    yield "digits", *sk.load_digits(return_X_y=True), False
    yield "moons", *sk.make_moons(600, noise=0.25, random_state=1), False
    yield "circles", *sk.make_circles(600, noise=0.15, factor=0.6, random_state=1), False
    yield "class20", *clusters(2000, 20, 5, 12, 2, 1), False
    yield "class50", *clusters(3000, 30, 20, 20, 2, 2), False
    yield "diabetes", *sk.load_diabetes(return_X_y=True), True
    yield "friedman1", *sk.make_friedman1(600, noise=0.5, random_state=3), True
    yield "friedman2", *sk.make_friedman2(800, noise=20, random_state=3), True
    yield "friedman3", *sk.make_friedman3(800, noise=0.1, random_state=3), True
    yield "linear", *sk.make_regression(400, 15, noise=20, random_state=2), True


def clusters(rows, features, classes, informative, each, seed):
    return sk.make_classification(
        rows,
        features,
        n_informative=informative,
        n_redundant=2,
        n_classes=classes,
        n_clusters_per_class=each,
        random_state=seed,
    )


def hard():
    """Tables with what data have and textbooks leave out."""
    g = np.random.default_rng(5)

    x = g.normal(size=(60, 5))
    yield "noisy60", x, x[:, 0] + 0.5 * x[:, 1] ** 2 + g.normal(size=60), True

    x = g.normal(size=(150, 10))
    yield "noisy150", x, x @ g.normal(size=10) + 3 * g.normal(size=150), True

    x = g.normal(size=(60, 4))
    yield "tiny60", x, (x[:, 0] + x[:, 1] + 0.7 * g.normal(size=60) > 0).astype(int), False

    x = np.exp(1.5 * g.normal(size=(2000, 8)))
    yield "skewed", x, np.exp(0.3 * np.log(x) @ g.normal(size=8) + 0.3 * g.normal(size=2000)), True

    x = np.c_[
        1.7e9 + 3600 * g.normal(size=1500),
        47 + 0.01 * g.normal(size=1500),
        1e-6 * np.exp(g.normal(size=1500)),
        g.integers(0, 5, 1500),
    ]
    y = 2 * (x[:, 0] - 1.7e9) / 3600 + 1000 * (x[:, 1] - 47) ** 2 + np.log(x[:, 2] * 1e6) + x[:, 3]
    yield "offsets", x, y, True

    x = g.uniform(-1, 1, size=(4000, 6))
    y = 2 * np.sign(x[:, 0]) + np.floor(3 * x[:, 1]) + 3 * ((x[:, 2] > 0.3) & (x[:, 3] > 0))
    yield "steps", x, y + 0.3 * g.normal(size=4000), True

    x = g.normal(size=(1000, 10))
    p = 1 / (1 + np.exp(-(x[:, 0] - x[:, 1] * x[:, 2])))
    yield "noisyclass", x, (g.uniform(size=1000) < p).astype(int), False

    yield "imbalanced", *sk.make_classification(
        3000, 12, n_informative=6, weights=[0.95], flip_y=0.02, random_state=3
    ), False

    yield "class100", *sk.make_classification(
        6000, 30, n_informative=15, n_classes=100, n_clusters_per_class=1, class_sep=2, random_state=4
    ), False

    x = g.normal(size=(500, 2000))
    yield "wide", x, (x[:, :20].sum(1) + g.normal(size=500) > 0).astype(int), False

    yield "categories", *categories(g, 2500), False
    yield "passengers", *passengers(g, 900), False

    x = g.normal(size=(2000, 8))
    y = x[:, 0] + np.abs(x[:, 1]) + x[:, 2] * x[:, 3] + 0.3 * g.normal(size=2000)
    x[g.uniform(size=x.shape) < 0.15] = np.nan
    yield "gaps", x, y, True

    x = g.normal(size=(100_000, 10))
    y = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.5 * x[:, 3] + 0.3 * g.normal(size=100_000)
    yield "rows100k", x, (y > 0).astype(int), False


def categories(g, rows):
    """Four columns of text that matter in pairs, and two of numbers that do not matter."""
    c = g.integers(0, 6, size=(rows, 4))
    w = g.normal(size=(6, 6))
    y = w[c[:, 0], c[:, 1]] + w[c[:, 2], c[:, 3]] + 0.5 * g.normal(size=rows) > 0
    names = np.array(["ash", "beech", "cedar", "elm", "fir", "oak"])
    table = pd.DataFrame({f"c{j}": names[c[:, j]] for j in range(4)})
    table["x0"], table["x1"] = g.normal(size=rows), g.normal(size=rows)
    return table, y.astype(int)


def passengers(g, rows):
    """Text, truth values, skewed numbers and gaps, some of which mean something."""
    sex = g.choice(["male", "female"], rows, p=[0.65, 0.35])
    tier = g.choice(["first", "second", "third"], rows, p=[0.25, 0.2, 0.55])
    age = np.clip(g.normal(30, 14, rows), 0.5, 80).round(1)
    kin = g.poisson(0.9, rows)
    fare = np.exp(g.normal(0, 0.5, rows) + np.select([tier == "first", tier == "second"], [4.2, 3.0], 2.4)).round(2)
    port = g.choice(["north", "south", "west"], rows, p=[0.2, 0.7, 0.1])
    log_odds = (
        2.6 * (sex == "female")
        + np.select([tier == "first", tier == "second"], [1.8, 0.9], 0.0)
        - 0.03 * age
        - 0.3 * np.maximum(kin - 1, 0)
        + 1.5 * ((age < 12) & (tier != "third"))
        - 1.5
    )
    survived = g.uniform(size=rows) < 1 / (1 + np.exp(-log_odds))
    lacks_age = g.uniform(size=rows) < np.where(survived, 0.12, 0.25)
    table = pd.DataFrame(
        {
            "sex": sex,
            "tier": tier,
            "age": np.where(lacks_age, np.nan, age),
            "kin": kin,
            "fare": fare,
            "port": np.where(g.uniform(size=rows) < 0.01, None, port),
            "booked": g.uniform(size=rows) < 0.4,
        }
    )
    return table, survived.astype(int)


def methods(regression, rows, seed):
    numbers = make_column_selector(dtype_include=["number", "bool"])
    texts = make_column_selector(dtype_exclude=["number", "bool"])

    def prepared(scaled):
        steps = [SimpleImputer(), StandardScaler()] if scaled else [SimpleImputer()]
        return make_column_transformer(
            (make_pipeline(*steps), numbers),
            (OneHotEncoder(handle_unknown="ignore", sparse_output=False), texts),
        )

    def on(model, scaled):
        model = make_pipeline(prepared(scaled), model)
        return TransformedTargetRegressor(model, transformer=StandardScaler()) if regression and scaled else model

    boosting = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
    forest = RandomForestRegressor if regression else RandomForestClassifier
    chosen = {"mlp": on((MLPRegressor if regression else MLPClassifier)(random_state=seed), True)}
    if rows <= MOST_ROWS_OF_SVM:
        chosen["svm"] = on(SVR() if regression else SVC(), True)
    chosen["boosting"] = boosting(random_state=seed, categorical_features="from_dtype")
    chosen["forest"] = on(forest(random_state=seed), False)
    return chosen


def frame(x):
    if isinstance(x, pd.DataFrame):
        return x
    return pd.DataFrame(x, columns=[f"x{j}" for j in range(x.shape[1])])


def with_categories(x):
    """Texts as boosting takes them."""
    return x.assign(**{name: x[name].astype("category") for name in x.select_dtypes(exclude=["number", "bool"])})


def write(path, x, y, regression):
    labelled = x.assign(target=y if regression else [f"class{int(c)}" for c in y])
    part = path.with_suffix(".part")
    labelled.to_csv(part, index=False)
    part.replace(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--only", default="")
    parser.add_argument("--without-peers", action="store_true")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    folder = options.folder / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    peers = folder / "peers.csv"
    if not peers.exists():
        peers.write_text(",".join(COLUMNS) + "\n")
    with peers.open() as file:
        done = {(row["table"], row["seed"], row["method"]) for row in csv.DictReader(file)}
    only = options.only.split(",") if options.only else None
    for tables in (known, hard):
        for name, x, y, regression in tables():
            if only and name not in only:
                continue
            x = frame(x)
            shape = ["real" if regression else "classes", len(x), x.shape[1], 0 if regression else len(np.unique(y))]
            for seed in map(int, options.seeds.split(",")):
                a, b, c, d = train_test_split(x, y, test_size=0.3, random_state=seed)
                write(folder / f"{name}-{seed}-train.csv", a, c, regression)
                write(folder / f"{name}-{seed}-test.csv", b, d, regression)
                if options.without_peers:
                    continue
                for method, model in methods(regression, len(x), seed).items():
                    if (name, str(seed), method) in done:
                        continue
                    start = time.perf_counter()
                    own = (with_categories(a), with_categories(b)) if method == "boosting" else (a, b)
                    score = model.fit(own[0], c).score(own[1], d)
                    seconds = time.perf_counter() - start
                    with peers.open("a") as file:
                        csv.writer(file, lineterminator="\n").writerow(
                            [name, seed, *shape, method, f"{score:.6f}", f"{seconds:.3f}"]
                        )
                print(name, seed, flush=True)


if __name__ == "__main__":
    main()
