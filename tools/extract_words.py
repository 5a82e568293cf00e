"""Brings the catalogues in step with the sentences in code, templates and data.

python tools/extract_words.py            add new sentences (untranslated), drop unused ones
python tools/extract_words.py --check    list what is missing or unused, change nothing
"""

import ast
import csv
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
CALLS = ("t", "N_", "self")  # self: Words translates a few words of its own
DATA = {"assumptions": ("rule", "note"), "categories": ("rule",), "measurements": ("what",)}
LANGUAGES = ("zh",)
# Babel's header fields that would change at every run, or that it fills with made-up addresses.
LEFT_OUT = tuple(
    f'"{field}:'
    for field in (
        "Project-Id-Version",
        "Report-Msgid-Bugs-To",
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
    )
)


def said_in_code(path: Path) -> set[str]:
    """Literal sentences in calls such as `t("…")`; Babel's extractor misses those in f-strings."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(
                func=ast.Name(id=name) | ast.Attribute(attr=name),
                args=[ast.Constant(value=str(text)), *_],
            ):
                if name in CALLS:
                    found.add(text)
    return found


def sentences() -> set[str]:
    """Every sentence that a reader may see in another language."""
    found: set[str] = set()
    for path in (ROOT / "kolkit").rglob("*.py"):
        found |= said_in_code(path)
    keywords = dict.fromkeys(CALLS)
    templates = ROOT / "reports" / "template"
    for _, _, message, _, _ in extract_from_dir(
        templates, method_map=[("**.j2", "jinja2")], keywords=keywords
    ):
        found.add(message if isinstance(message, str) else message[0])
    for table, columns in DATA.items():
        with (ROOT / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                found |= {row[column] for column in columns if row[column]}
    return found


def path_of(language: str) -> Path:
    return ROOT / "kolkit" / "locale" / language / "LC_MESSAGES" / "kolkit.po"


def read(language: str) -> dict[str, str]:
    """Translations by sentence."""
    path = path_of(language)
    if not path.is_file():
        return {}
    with path.open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream, locale=language) if m.id}


def write(language: str, known: dict[str, str], wanted: set[str]) -> None:
    catalogue = Catalog(locale=language, project="kolkit", charset="utf-8", fuzzy=False)
    name = catalogue.locale.english_name if catalogue.locale else language
    catalogue.header_comment = f"# {name} catalogue of kolkit, kept by tools/extract_words.py."
    for sentence in sorted(wanted):
        # No sentence is filled in with %: a sign such as "20 % on" is no placeholder.
        catalogue.add(sentence, known.get(sentence, "")).flags.discard("python-format")
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_po(stream, catalogue, width=100, omit_header=False, no_location=True)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(LEFT_OUT)]
    path.write_text("".join(kept), encoding="utf-8")


def main() -> int:
    wanted = sentences()
    out_of_step = 0
    for language in LANGUAGES:
        known = read(language)
        for sentence in sorted(wanted):
            if not known.get(sentence):
                out_of_step += 1
                print(f"{language}: not translated: {sentence}")
        for sentence in sorted(known.keys() - wanted):
            out_of_step += 1
            print(f"{language}: not used: {sentence}")
        if "--check" not in sys.argv:
            write(language, known, wanted)
    return 1 if out_of_step and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
