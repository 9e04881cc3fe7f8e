"""Write static/icons.svg from the icons named in picked.txt; the pictures come from npm's @tabler/icons."""

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
SHAPE = re.compile(r"<(?:path|circle|rect|line|polyline)\b[^>]*/>")
CLEAR = re.compile(r'\s*<path stroke="none" d="M0 0h24v24H0z" fill="none" />')


def symbol(name: str, package: Path) -> str:
    """One icon as a <symbol> that takes its colour and stroke from the page."""
    svg = CLEAR.sub("", (package / "icons" / "outline" / f"{name}.svg").read_text())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(SHAPE.findall(svg))}</symbol>'


if __name__ == "__main__":
    names = (HERE / "picked.txt").read_text().split()
    symbols = "\n".join(symbol(name, Path(sys.argv[1])) for name in sorted(names))
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'
    (HERE.parent.parent / "icons.svg").write_text(sprite)
