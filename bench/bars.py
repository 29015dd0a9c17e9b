"""A bar chart as SVG."""

import html

ROW, LEFT, WIDTH = 16, 320, 520
COLOURS = ("#3b6ea5", "#7aa6d2", "#6b9e5a", "#a9cf9a", "#b58a3c", "#dcbf84")


def bars(title, groups):
    """SVG text. groups: [(name, [(label, value)])], values from 0."""
    most = max([value for _, rows in groups for _, value in rows] + [1.0])
    labels = list(dict.fromkeys(label for _, rows in groups for label, _ in rows))
    lines, y = [f'<text x="8" y="20" font-weight="bold">{html.escape(title)}</text>'], 36
    for name, rows in groups:
        lines.append(f'<text x="8" y="{y + 12}">{html.escape(name)}</text>')
        for label, value in rows:
            colour, length = COLOURS[labels.index(label) % len(COLOURS)], WIDTH * value / most
            lines.append(f'<text x="{LEFT - 6}" y="{y + 12}" text-anchor="end" fill="#555">{html.escape(label)}</text>'
                         f'<rect x="{LEFT}" y="{y + 2}" width="{length:.1f}" height="{ROW - 4}" fill="{colour}"/>'
                         f'<text x="{LEFT + length + 4:.1f}" y="{y + 12}">{value:.1f}</text>')
            y += ROW
        y += ROW // 2
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 60}" height="{y + 8}" '
            'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>\n' + "\n".join(lines) + "\n</svg>\n")
