"""Draws what a program printed as a terminal in SVG: tools/demo | python3 tools/lib/terminal_svg.py > demo.svg"""

import sys
from html import escape

WIDTH, HEIGHT, MARGIN = 7.23, 17, 16  # of a character, of a line, around all, in pixels
COLOURS = (("NOT SO", "#ff7b72"), ("not ok", "#ff7b72"), ("all went well", "#7ee787"), ("kill -9", "#ffa657"))


def colour(line):
    return next((shade for word, shade in COLOURS if word in line), "#c9d1d9")


def draw(lines):
    width = max(map(len, lines), default=0) * WIDTH + 2 * MARGIN
    height = len(lines) * HEIGHT + 2 * MARGIN
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
           f'viewBox="0 0 {width:.0f} {height:.0f}">')
    yield f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>'
    yield '<g font-family="ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="12" xml:space="preserve">'
    for number, line in enumerate(lines):
        # Each line is as long as its characters are wide, whatever font the viewer has.
        length = f' textLength="{len(line) * WIDTH:.1f}" lengthAdjust="spacingAndGlyphs"' if line else ""
        place = f'x="{MARGIN}" y="{MARGIN + 12 + number * HEIGHT}"'
        yield f'<text {place} fill="{colour(line)}"{length}>{escape(line)}</text>'
    yield "</g></svg>"


if __name__ == "__main__":
    print("\n".join(draw(sys.stdin.read().rstrip("\n").splitlines())))
