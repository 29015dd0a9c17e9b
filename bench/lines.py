"""Line charts on logarithmic axes as SVG."""

import html
import math

from bars import COLOURS

PANEL_WIDTH, PANEL_HEIGHT, LEFT, TOP, BETWEEN = 300, 220, 56, 58, 66
COLUMNS = 2


def _powers(low, high):
    return range(math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9) + 1)


def _short(value):
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value:g}"


def _panel(title, curves, colours, left, top):
    points = [point for _, curve in curves for point in curve]
    powers = [_powers(min(p[axis] for p in points), max(p[axis] for p in points)) for axis in (0, 1)]
    powers = [p if len(p) > 1 else range(p[0], p[0] + 2) for p in powers]

    def place(x, y):
        across, up = (math.log10(v) - p[0] for v, p in zip((x, y), powers))
        return (left + PANEL_WIDTH * across / (len(powers[0]) - 1), top + PANEL_HEIGHT * (1 - up / (len(powers[1]) - 1)))

    out = [f'<text x="{left}" y="{top - 10}" font-weight="bold">{html.escape(title)}</text>']
    for exponent in powers[0]:
        x, _ = place(10.0 ** exponent, 10.0 ** powers[1][0])
        out.append(f'<path d="M{x:.1f} {top}v{PANEL_HEIGHT}" stroke="#ddd"/>'
                   f'<text x="{x:.1f}" y="{top + PANEL_HEIGHT + 14}" text-anchor="middle">{_short(10.0 ** exponent)}</text>')
    for exponent in powers[1]:
        _, y = place(10.0 ** powers[0][0], 10.0 ** exponent)
        out.append(f'<path d="M{left} {y:.1f}h{PANEL_WIDTH}" stroke="#ddd"/>'
                   f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{_short(10.0 ** exponent)}</text>')
    for name, curve in curves:
        places = [place(*point) for point in curve]
        out.append(f'<polyline fill="none" stroke="{colours[name]}" stroke-width="1.6" points="'
                   + " ".join(f"{x:.1f},{y:.1f}" for x, y in places) + '"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{colours[name]}"/>' for x, y in places]
    return out


def lines(title, panels):
    """SVG text. panels: [(title, [(curve, [(x, y)])])]; x and y are above 0, a curve of one name has one colour."""
    panels = [(name, [c for c in curves if c[1]]) for name, curves in panels]
    panels = [panel for panel in panels if panel[1]]
    names = list(dict.fromkeys(name for _, curves in panels for name, _ in curves))
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}
    out = [f'<text x="8" y="20" font-weight="bold">{html.escape(title)}</text>']
    for i, name in enumerate(names):
        out.append(f'<circle cx="{14 + 150 * i}" cy="34" r="3" fill="{colours[name]}"/>'
                   f'<text x="{22 + 150 * i}" y="38">{html.escape(name)}</text>')
    for i, (name, curves) in enumerate(panels):
        row, column = divmod(i, COLUMNS)
        out += _panel(name, curves, colours, LEFT + column * (PANEL_WIDTH + BETWEEN), TOP + 14 + row * (PANEL_HEIGHT + BETWEEN))
    rows = -(-len(panels) // COLUMNS)
    width, height = LEFT + COLUMNS * (PANEL_WIDTH + BETWEEN), TOP + rows * (PANEL_HEIGHT + BETWEEN)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
            'font-size="11"><rect width="100%" height="100%" fill="white"/>\n' + "\n".join(out) + "\n</svg>\n")
