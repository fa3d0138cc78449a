"""Make subjects.zip from an unpacked @iconify-json/noto 1.2 package: make_subjects.py PATH/icons.json."""

import json
import re
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
STAMP = (2024, 1, 1, 0, 0, 0)


def wanted() -> list[str]:
    """Return the picture names in the subject list that are not drawn by our own hand."""
    rows = (HERE / "subjects.txt").read_text(encoding="utf-8").splitlines()
    pictures = {row.split("|")[1].strip() for row in rows if row and not row.startswith("#")}
    return sorted(name for name in pictures if not name.startswith("@"))


def main(source: str) -> None:
    """Write subjects.zip beside this script."""
    icons = json.loads(Path(source).read_text(encoding="utf-8"))["icons"]
    missing = [name for name in wanted() if name not in icons]
    if missing:
        sys.exit(f"not in the package: {missing}")
    with zipfile.ZipFile(HERE / "subjects.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in wanted():
            body = re.sub(r"(\d\.\d\d)\d+", r"\1", icons[name]["body"])
            archive.writestr(zipfile.ZipInfo(f"{name}.svg", STAMP), body, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main(sys.argv[1])
