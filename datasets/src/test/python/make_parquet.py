"""Writes the Parquet files of src/test/resources/parquet with pyarrow (25.0.1).

    python make_parquet.py ../resources/parquet
"""

import json
import sys
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

folder = sys.argv[1]

columns = {
    "i8": pa.array([-128, 127, 0], pa.int8()),
    "u8": pa.array([0, 255, 7], pa.uint8()),
    "text": pa.array(["b", "a", "b"]),
    "u32": pa.array([1, 2**32 - 1, 3], pa.uint32()),
    "i64": pa.array([-(2**53), 5, 2**40], pa.int64()),
    "u64": pa.array([1, 2**64 - 1, 2**63], pa.uint64()),
    "truth": pa.array([True, False, True]),
    "half": pa.array([1.5, -2.0, 0.25], pa.float16()),
    "day": pa.array([1, 2, 3], pa.date32()),
    "a.b": pa.array([0.1, -1.5, 3e38], pa.float32()),
    "list": pa.array([[1], [2, 3], []], pa.list_(pa.int32())),
    "price": pa.array([1, 2, 3], pa.decimal128(5, 0)),
    "group": pa.array([{"x": 1.0}, {"x": 2.0}, {"x": 3.0}]),
    "f64": pa.array([0.1, -1e300, 5e-324], pa.float64()),
    "label": pa.array([2, 0, 1], pa.int16()),
}
table = pa.table(columns)
for compression in ["none", "snappy", "gzip", "zstd", "lz4"]:
    pq.write_table(table, f"{folder}/types-{compression}.parquet", compression=compression, store_schema=False)
pq.write_table(
    table,
    f"{folder}/types-pages2.parquet",
    compression="snappy",
    data_page_version="2.0",
    store_schema=False,
    row_group_size=2,
    write_page_index=True,
    use_dictionary=["text"],
)
pq.write_table(table, f"{folder}/types-brotli.parquet", compression="brotli", store_schema=False)

pq.write_table(
    pa.table({"x": pa.array([1.0, None, 3.0]), "label": pa.array([1, 0, None], pa.int32())}),
    f"{folder}/nulls.parquet",
    store_schema=False,
)
pq.write_table(
    pa.table({"x": pa.array([1.0, float("nan")]), "label": pa.array([1.5, 2.0])}),
    f"{folder}/nan.parquet",
    store_schema=False,
)
pq.write_table(
    pa.table({"x": pa.array([], pa.float64()), "label": pa.array([], pa.int32())}),
    f"{folder}/no-rows.parquet",
    store_schema=False,
)

# Decimals of every width, with scale and gaps, and those that are integers; dates and times; the index of a frame
# whose rows were filtered.
decimals = {
    "d5": pa.array([Decimal("1.25"), None, Decimal("-0.01")], pa.decimal128(5, 2)),
    "d12": pa.array([Decimal("123456789.001"), Decimal("-2.5"), None], pa.decimal128(12, 3)),
    "d36": pa.array([Decimal("100000000000000000000.0000000000"), Decimal("-0.0000000001"), Decimal("0.0000000000")], pa.decimal128(36, 10)),
    "d0": pa.array([3, 1, 3], pa.decimal128(4, 0)),
    "at": pa.array([1, 2, 3], pa.timestamp("us")),
    "time": pa.array([1, 2, 3], pa.time64("us")),
    "__index_level_0__": pa.array([7, 8, 11], pa.int64()),
    "label": pa.array(["a", "b", "a"]),
}
frame = pa.table(decimals).replace_schema_metadata({"pandas": json.dumps({"index_columns": ["__index_level_0__"]})})
pq.write_table(frame, f"{folder}/decimals.parquet")
pq.write_table(frame, f"{folder}/decimals-int.parquet", store_decimal_as_integer=True)
