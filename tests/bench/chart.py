"""The results as a picture: what a forwarded packet costs, here and in Janus. SVG, by hand."""

from __future__ import annotations

from typing import Any

WIDTH, ROW, BAR, LEFT, TOP = 720, 74, 18, 90, 66
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 16px; font-weight: 600 } .small { font-size: 11px; fill: #59636e }
.assent { fill: #1a7f5a } .janus { fill: #8c959f } .one { fill: #c5ccd3 } line { stroke: #d1d9e0 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .small { fill: #9198a1 } line { stroke: #3d444d }
  .assent { fill: #3fb68b } .janus { fill: #818b98 } .one { fill: #565d66 }
}
"""
KINDS = (
    ("assent", "assent", "Assent"),
    ("janus", "janus", "Janus"),
    ("janus_one_loop", "one", "Janus, one event loop"),
)
ROOMS = {
    "4x25": ("4 talk,", "25 watch"),
    "10x10": ("10 people,", "all talk"),
    "1x200": ("1 talks,", "200 watch"),
}


def draw(result: dict[str, Any]) -> str:
    """Return the chart of a result of ``make bench-sfu``."""
    sizes = [size for size in ROOMS if size in result["assent"] and size in result["janus"]]
    kinds = [kind for kind in KINDS if kind[0] in result]
    most = max(result[key][size]["cpu_us_per_packet"] for key, _, _ in kinds for size in sizes)
    scale = (WIDTH - LEFT - 150) / most
    height = TOP + ROW * len(sizes) + 40
    machine = result["machine"]
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" '
        'aria-label="CPU time per forwarded packet, Assent beside Janus">',
        f"<style>{STYLE}</style>",
        '<text class="title" x="12" y="24">CPU time for each forwarded packet, in µs</text>',
    ]
    place = 12.0
    for _, style, name in kinds:
        out.append(f'<rect class="{style}" x="{place:g}" y="38" width="12" height="12" rx="2"/>')
        out.append(f'<text x="{place + 18:g}" y="49">{name}</text>')
        place += 40 + 7.5 * len(name)
    for row, size in enumerate(sizes):
        top = TOP + ROW * row
        for line, words in enumerate(ROOMS[size]):
            out.append(f'<text x="12" y="{top + 24 + 17 * line}">{words}</text>')
        for number, (key, style, _) in enumerate(kinds):
            cost = result[key][size]["cpu_us_per_packet"]
            y = top + 8 + number * (BAR + 2)
            out.append(
                f'<rect class="{style}" x="{LEFT}" y="{y}" width="{cost * scale:.1f}" '
                f'height="{BAR}" rx="3"/>'
            )
            note = f"{cost:.1f}"
            if key == "assent" and size in result.get("cpu_ratio", {}):
                note += f"  ({100 * result['cpu_ratio'][size]:.0f} % of Janus)"
            out.append(f'<text x="{LEFT + cost * scale + 8:.1f}" y="{y + 14}">{note}</text>')
    out.append(f'<line x1="{LEFT}" x2="{LEFT}" y1="{TOP}" y2="{TOP + ROW * len(sizes)}"/>')
    virtual = "virtual, " if machine.get("virtual") else ""
    out.append(
        f'<text class="small" x="12" y="{height - 14}">{machine["cpu"]} ({virtual}'
        f"{machine['cores']} cores), Linux {machine['kernel'].partition('-')[0]}, "
        f"Janus {result.get('janus_version')}, {machine['date']}; less is better</text>"
    )
    return "\n".join([*out, "</svg>"]) + "\n"
