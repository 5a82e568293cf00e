"""The data package is valid and whole."""

from pathlib import Path

from frictionless import Package

ROOT = Path(__file__).resolve().parents[1]


def test_the_data_package_is_valid():
    report = Package(str(ROOT / "data" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "message"])


def test_a_broken_row_would_be_found(tmp_path):
    for path in (ROOT / "data").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    table = tmp_path / "assumptions.csv"
    table.write_text(
        table.read_text("utf-8") + "livestream.extra,0.5,,,share,,D,nobody,,\n", encoding="utf-8"
    )
    report = Package(str(tmp_path / "datapackage.json")).validate()
    kinds = {row[0] for row in report.flatten(["type"])}
    assert {"constraint-error", "foreign-key"} <= kinds


def test_every_table_of_the_folder_is_described():
    package = Package(str(ROOT / "data" / "datapackage.json"))
    described = {resource.path for resource in package.resources}
    assert described == {path.name for path in (ROOT / "data").glob("*.csv")}
