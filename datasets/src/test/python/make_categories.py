"""Writes the tables of src/test/resources/categories with pandas (3.0.6) and pyarrow (25.0.1).

    python make_categories.py ../resources/categories

One table as csv, parquet, arrow and arrows; what pandas.get_dummies makes of it (expected*.csv); and rows to predict for.
"""

import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

folder = sys.argv[1]
random = np.random.default_rng(3)
rows = 40

frame = pd.DataFrame(
    {
        "pclass": random.integers(1, 4, rows),
        "name": [f"Passenger, No. {i}" for i in range(rows)],
        "sex": random.choice(["male", "female"], rows),
        "age": np.where(random.random(rows) < 0.2, np.nan, random.integers(1, 160, rows) / 2),
        "embarked": pd.Categorical.from_codes(random.integers(-1, 3, rows), ["S", "C", "<b>Q</b>"]),
        "alone": random.random(rows) < 0.5,
        "when": [pd.Timestamp("1969-12-25").date() + pd.Timedelta(days=int(d)) for d in random.integers(0, 20000, rows)],
        "at": pd.to_datetime(random.integers(-(10**12), 2 * 10**12, rows), unit="ms", utc=True),
        "survived": random.integers(0, 2, rows),
    }
)
missing = "(missing)"


def text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def one_hot(table, column, values):
    """A column for each value, that of missing cells last."""
    cells = table[column].astype(object).where(table[column].notna(), missing).map(text)
    dummies = pd.get_dummies(cells, dtype=float).reindex(columns=values, fill_value=0.0)
    return dummies.set_axis([f"{column}={value}" for value in values], axis=1)


def values(column):
    found = sorted(text(value) for value in frame[column].astype(object).dropna().unique())
    return found + ([missing] if frame[column].isna().any() else [])


def expected(table, categories, dates):
    parts = []
    for column in table.columns:
        if column in categories:
            parts.append(one_hot(table, column, values(column)))
        elif column in ["pclass", "age", "alone"]:
            parts.append(table[[column]].astype(float))
        elif column == "when" and dates:
            parts.append(pd.DataFrame({"when": [(pd.Timestamp(d) - pd.Timestamp(0)).days for d in table[column]]}))
        elif column == "at" and dates:
            parts.append(pd.DataFrame({"at": [t.value / 86400e9 for t in table[column]]}))
    return pd.concat(parts, axis=1)


def write(table, name):
    table.to_csv(f"{folder}/{name}.csv", index=False)
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    pq.write_table(arrow, f"{folder}/{name}.parquet", row_group_size=15)
    for ending, writer in [("arrow", ipc.new_file), ("arrows", ipc.new_stream)]:
        with pa.OSFile(f"{folder}/{name}.{ending}", "wb") as out:
            with writer(out, arrow.schema) as w:
                w.write_table(arrow, max_chunksize=15)


write(frame, "table")
expected(frame, ["sex", "embarked"], False).to_csv(f"{folder}/expected.csv", index=False)
expected(frame, ["pclass", "sex", "embarked", "alone"], True).to_csv(f"{folder}/expected-all.csv", index=False)

# A column without any value has no type of its own.
nothing = pd.DataFrame({"age": [None, None], "sex": [None, None], "x": [1.0, 2.0], "label": ["a", "b"]})
write(nothing, "nothing")

# Rows with values that the table lacks, with gaps, and with columns in another order; no labels.
later = frame.iloc[:7].drop(columns="survived").reset_index(drop=True)
later["embarked"] = ["S", "X", None, "C", "<b>Q</b>", "Y", "X"]
later["sex"] = ["male", "female", None, "Male", "male", "female", "female"]
later["pclass"] = [1, 2, 3, 4, 1, 2, 3]
write(later[["embarked", "at", "alone", "sex", "when", "age", "pclass", "name"]], "rows")
expected(later, ["sex", "embarked"], False).to_csv(f"{folder}/expected-rows.csv", index=False)
expected(later, ["pclass", "sex", "embarked", "alone"], True).to_csv(f"{folder}/expected-rows-all.csv", index=False)
