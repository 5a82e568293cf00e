"""Read any table a client sends, write tables that are safe to open.

Contents: `columns.Column` declares what is needed; `read.read_source` loads a file within a size
limit; `read.read_table` turns CSV, XLSX or Parquet into a frame with our own column names;
`write.write_csv` and `write.write_xlsx` write atomically and never let text become a formula
(`write.xlsx_bytes` sends instead).

Conventions: numbers are float64 in plain units (万, 亿, k, m and currency signs are resolved here
and nowhere else), dates are naive datetime64[us] (China standard time where the file gives a UTC
offset), text is `str` and never missing (an empty cell is ""). Rows are numbered as a person sees
them: the header is row 1. A mistake in the file raises `InputError` and names the cell.

Imports go one way: refusals, columns, cells, then one module for each format (delimited, excel,
parquet), then read; write stands beside read. Every kernel loads refusals, and few ever see a
table: this package itself imports nothing, pandas and pyarrow come with read and write, and what
only some files need (openpyxl, xlsxwriter, pyarrow.parquet) is imported where it is used.
"""
