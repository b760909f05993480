"""Writes the Arrow files of src/test/resources/arrow with pyarrow (25.0.1).

    python make_arrow.py ../resources/arrow
"""

import json
import sys
from decimal import Decimal

import pyarrow as pa
import pyarrow.ipc as ipc

folder = sys.argv[1]

rows = 300
table = pa.table(
    {
        "i": pa.array([i % 7 for i in range(rows)], pa.int32()),
        "x": pa.array([None if i % 5 == 0 else i / 8 for i in range(rows)], pa.float64()),
        "d": pa.array([Decimal(i) / 4 for i in range(rows)], pa.decimal128(9, 2)),
        "n": pa.array([i % 3 for i in range(rows)], pa.decimal256(3, 0)),
        "q": pa.array([i % 4 / 2 for i in range(rows)]).dictionary_encode(),
        "truth": pa.array([i % 2 == 0 for i in range(rows)]),
        "at": pa.array(range(rows), pa.timestamp("s")),
        "__index_level_0__": pa.array(range(7, rows + 7), pa.int64()),
        "label": pa.array(["abc"[i % 3] for i in range(rows)]).dictionary_encode(),
    }
).replace_schema_metadata({"pandas": json.dumps({"index_columns": ["__index_level_0__"]})})

for codec in [None, "lz4", "zstd"]:
    options = ipc.IpcWriteOptions(compression=codec)
    for ending, writer in [("arrow", ipc.new_file), ("arrows", ipc.new_stream)]:
        with pa.OSFile(f"{folder}/types-{codec or 'none'}.{ending}", "wb") as out:
            with writer(out, table.schema, options=options) as w:
                w.write_table(table, max_chunksize=120)

# A dictionary that grows from batch to batch.
schema = pa.schema([("x", pa.float64()), ("label", pa.dictionary(pa.int8(), pa.string()))])
for ending, writer in [("arrow", ipc.new_file), ("arrows", ipc.new_stream)]:
    with pa.OSFile(f"{folder}/delta.{ending}", "wb") as out:
        with writer(out, schema, options=ipc.IpcWriteOptions(emit_dictionary_deltas=True)) as w:
            for names, codes in [(["a", "b"], [0, 1]), (["a", "b", "c"], [2, 0]), (["a", "b", "c", "d"], [3, 1])]:
                labels = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), names)
                w.write_batch(pa.record_batch([pa.array([float(c) for c in codes]), labels], schema=schema))
