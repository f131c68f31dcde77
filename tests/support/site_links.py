"""Follows every link within a site that lies in a folder."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, unquote, urldefrag, urljoin, urlsplit


class Links(HTMLParser):
    """Every href and src of a page, and every id that a link may lead to."""

    def __init__(self, text: str):
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what a link needs."""
        found = dict(attrs)
        self.links += [value for key in ("href", "src") if (value := found.get(key))]
        self.ids |= {value for key in ("id", "name") if (value := found.get(key))}


def dead_links(site: Path) -> tuple[int, list[str]]:
    """How many links within the site there are, and those that lead nowhere, as "page: link".

    A link into the in-browser edition leads somewhere if the edition has the notebook that it opens. The
    edition's own pages are JupyterLab's, and make their links by script: they are not read.
    """
    pages = {
        name: Links(path.read_text(encoding="utf-8"))
        for path in site.rglob("*.html")
        if not (name := path.relative_to(site).as_posix()).startswith("lite/")
    }
    checked, dead = 0, []
    for name, page in pages.items():
        for link in page.links:
            if "://" in link or link.startswith(("mailto:", "data:")):
                continue
            address, anchor = urldefrag(urljoin(name, link))
            target = unquote(address.partition("?")[0]) or name
            checked += 1
            known = pages.get(target)
            alive = (site / target).exists() and not (anchor and known and anchor not in known.ids)
            for notebook in parse_qs(urlsplit(address).query).get("path", []):
                alive = alive and (site / "lite" / "files" / notebook).exists()
            if not alive:
                dead.append(f"{name}: {link}")
    return checked, dead
