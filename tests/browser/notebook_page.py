"""A lesson's notebook in JupyterLab, used as a person does: by clicks, by keys, by sight."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

NOTEBOOK = "window.jupyterapp.shell.currentWidget"
CELL = f"{NOTEBOOK}.content.widgets.find(cell => cell.model.id === id)"


@dataclass(frozen=True)
class NotebookPage:
    """The notebook on a playwright page. Cells go by their id in the file, e.g. 03-kl-forward-check."""

    page: Any

    @classmethod
    def open(cls, page: Any, address: str) -> NotebookPage:
        """Open it and wait until it is drawn and its kernel is ready."""
        page.goto(address)
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.content?.widgets?.length > 0")
        page.evaluate(f"async () => {{ await {NOTEBOOK}.context.ready; await window.jupyterapp.restored }}")
        page.wait_for_function(f"{NOTEBOOK}.sessionContext.session?.kernel?.status === 'idle'")
        return cls(page)

    def ids(self, start: str = "") -> list[str]:
        """The ids of the cells in order, of those that begin with `start`."""
        ids: list[str] = self.page.evaluate(f"{NOTEBOOK}.content.widgets.map(cell => cell.model.id)")
        return [id for id in ids if id.startswith(start)]

    def cell(self, id: str, at: str = "center") -> Any:
        """The cell on the screen, scrolled there."""
        self.page.evaluate(
            f"""([id, at]) => {{
                const node = {CELL}.node;
                node.dataset.cell = id;
                node.scrollIntoView({{block: at}});
            }}""",
            [id, at],
        )
        found = self.page.locator(f'[data-cell="{id}"]')
        found.wait_for()
        return found

    def output(self, id: str) -> Any:
        """What a code cell shows below itself."""
        return self.cell(id).locator(".jp-OutputArea-output")

    def run(self, id: str) -> None:
        """Run one code cell by its key, and wait until it has run."""
        before = self._count(id)
        self.cell(id).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            f"""([id, before]) => {{
                const count = {CELL}.model.executionCount;
                return count !== null && count !== before
                    && {NOTEBOOK}.sessionContext.session.kernel.status === 'idle';
            }}""",
            arg=[id, before],
        )
        self.page.keyboard.press("Escape")

    def write(self, id: str, source: str) -> None:
        """Replace a code cell's text by typing."""
        self.cell(id).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(source)
        # Escape leaves the editor; a completer that the typing opened would take the first one.
        self.page.keyboard.press("Escape")

    def answer(self, exercise: str, source: str) -> Any:
        """Type an answer, run it and its check; returns what the check shows."""
        self.write(f"03-{exercise}-answer", source)
        self.run(f"03-{exercise}-answer")
        self.run(f"03-{exercise}-check")
        return self.output(f"03-{exercise}-check")

    def insert_below(self, id: str, source: str) -> str:
        """Add a code cell below another by its key, type into it; returns its id."""
        self.cell(id).locator(".jp-InputPrompt").first.click()
        self.page.keyboard.press("Escape")
        before = set(self.ids())
        self.page.keyboard.press("b")
        self.page.wait_for_function(f"{NOTEBOOK}.content.widgets.length === {len(before) + 1}")
        (new,) = set(self.ids()) - before
        self.write(new, source)
        return new

    def run_all(self) -> None:
        """Run All Cells, from the menu; wait until every code cell has run."""
        # Not at the top: without playwright these tests are skipped, not broken.
        from playwright.sync_api import TimeoutError

        self.page.locator(".lm-MenuBar-item").get_by_text("Run", exact=True).click()
        self.page.locator(".lm-Menu-item").get_by_text(re.compile("^Run All Cells$")).click()
        waiting = (
            f"{NOTEBOOK}.content.widgets.filter(cell => cell.model.type === 'code'"
            " && cell.model.executionCount === null).map(cell => cell.model.id)"
        )
        try:
            self.page.wait_for_function(
                f"() => {NOTEBOOK}.sessionContext.session.kernel.status === 'idle' && !{waiting}.length",
                timeout=90_000,
            )
        except TimeoutError:
            raise AssertionError(f"Run All Cells did not run {self.page.evaluate(waiting)}") from None

    def settle(self) -> None:
        """Wait until the kernel has done what the controls asked for, and stays so for a moment."""
        idle = f"{NOTEBOOK}.sessionContext.session.kernel.status === 'idle'"
        for _ in range(3):
            self.page.wait_for_function(idle)
            self.page.wait_for_timeout(150)

    def view(self, top: str) -> bytes:
        """A screenshot of the window, with the cell `top` at the top of the notebook and no cell selected."""
        last = len(self.ids()) - 1
        # The selection and its toolbar would lie over the text; the last cell is out of sight.
        self.page.evaluate(f"last => {{ {NOTEBOOK}.content.activeCellIndex = last }}", last)
        self.page.evaluate("document.activeElement?.blur()")
        self.page.mouse.move(2, 890)
        self.cell(top, "start")
        png: bytes = self.page.screenshot()
        return png

    def picture(self, first: str, *rest: str) -> bytes:
        """A screenshot of some cells, from the top of the first to the end of the last."""
        self.view(first)
        boxes = [self.page.locator(f'[data-cell="{id}"]').bounding_box() for id in (first, *rest)]
        left, top = boxes[0]["x"], boxes[0]["y"]
        bottom = min(
            max(box["y"] + box["height"] for box in boxes) + 8, self.page.viewport_size["height"] - 24
        )
        clip = {"x": left, "y": top, "width": boxes[0]["width"], "height": bottom - top}
        png: bytes = self.page.screenshot(clip=clip)
        return png

    def _count(self, id: str) -> int | None:
        count: int | None = self.page.evaluate(f"id => {CELL}.model.executionCount", id)
        return count
