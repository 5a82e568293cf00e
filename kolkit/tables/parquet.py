"""Parquet to cells: its size is known from its index before anything is unpacked."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kolkit.errors import InputError
from kolkit.tables.cells import Cells, cell_text, one_piece
from kolkit.tables.columns import Column, find_columns
from kolkit.tables.refusals import MAX_UNPACKED_BYTES, no_rows, too_many_rows


def read_parquet(file: str, data: bytes, columns: Sequence[Column], max_rows: int) -> list[Cells]:
    """The needed columns of a Parquet file."""
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(pa.BufferReader(data))
        found = find_columns(file, schema.names, columns)
        names = [schema.names[i] for _, i in found]
        # Dictionaries keep a repeated text once: its unpacked size is known before unpacking.
        plain = [name for name in names if not pa.types.is_nested(schema.field(name).type)]
        opened = pq.ParquetFile(pa.BufferReader(data), read_dictionary=plain)
        if opened.metadata.num_rows > max_rows:
            raise too_many_rows(file, max_rows)
        if not opened.metadata.num_rows:
            raise no_rows(file)
        _check_unpacked(file, _stored_size(opened.metadata, set(names)))
        table = opened.read(columns=names, use_threads=False)
        rows = np.arange(table.num_rows) + 2
        return [
            Cells(file, column, schema.names[i], i, rows, _flat(file, column, table[name]), False)
            for (column, i), name in zip(found, names, strict=True)
        ]
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{file} is not a Parquet file, or is damaged; write it again or send CSV."
        ) from error


def _stored_size(metadata: Any, names: set[str]) -> int:
    """Bytes of the needed columns before compression, as the file's own index states."""
    chunks = (
        metadata.row_group(group).column(i)
        for group in range(metadata.num_row_groups)
        for i in range(metadata.num_columns)
    )
    return sum(c.total_uncompressed_size for c in chunks if c.path_in_schema.split(".")[0] in names)


def _check_unpacked(file: str, unpacked: int) -> None:
    if unpacked > MAX_UNPACKED_BYTES:
        raise InputError(
            f"{file} would unpack to {unpacked / 1e6:,.0f} MB, at most "
            f"{MAX_UNPACKED_BYTES / 1e6:,.0f} MB are read; keep fewer rows or shorter texts."
        )


def _flat(file: str, column: Column, values: Any) -> Any:
    """A Parquet column as numbers, timestamps or text, in one piece; nulls in text become ""."""
    if pa.types.is_dictionary(values.type):
        unpacked = sum(
            pc.sum(pc.take(pc.binary_length(chunk.dictionary), chunk.indices)).as_py() or 0
            for chunk in values.chunks
            if pa.types.is_large_string(chunk.type.value_type)
            or pa.types.is_string(chunk.type.value_type)
        )
        _check_unpacked(file, unpacked)
    is_number = (
        pa.types.is_integer(values.type)
        or pa.types.is_floating(values.type)
        or pa.types.is_decimal(values.type)
    )
    is_time = pa.types.is_timestamp(values.type) or pa.types.is_date(values.type)
    if column.kind == "number" and is_number:
        kind = pa.float64()
    elif column.kind == "date" and is_time:
        kind = pa.timestamp("us", getattr(values.type, "tz", None))
    elif pa.types.is_nested(values.type):
        raise InputError(
            f"{file}: the column for {column.name} holds {values.type} values; write plain ones."
        )
    elif pa.types.is_floating(values.type):  # ids stored as floats: 12345.0 is meant as 12345
        texts = [cell_text(value) for value in values.to_pylist()]
        return pa.array(texts, pa.large_string())
    else:
        kind = pa.large_string()
    flat = one_piece(pc.cast(values, kind, safe=False))
    return pc.fill_null(flat, "") if kind == pa.large_string() else flat
