"""A decision as callers hold it: the answer to a case, with the ways to show it."""

from __future__ import annotations

import html

from envrules.engines.reference.explain import Explanation
from envrules.screening.answer import Answered
from envrules.screening.diagram import chain, mermaid
from envrules.screening.explanation import explain
from envrules.screening.svg import svg
from envrules.screening.text import decision_text


class Decision(Answered):
    """The answer to one case: `decision` is refuse, ask or clear.

    `reasons` say why it is refused and `cures` what would clear it; `questions` what to ask, in order; `checked` and
    `not_applicable` what was judged and what does not concern it. Prints as a text, and shows as one in a notebook.
    """

    def explain(self) -> Explanation:
        """How the answer came about: a tree from the answer down to the cells."""
        return explain(self)

    def to_mermaid(self, language: str = "en") -> str:
        """The chain from facts to answer as a Mermaid flowchart."""
        return mermaid(chain(self, language))

    def to_svg(self, language: str = "en") -> str:
        """The chain from facts to answer as an SVG picture."""
        return svg(chain(self, language))

    def text(self, language: str = "en") -> str:
        """The answer as people read it."""
        return decision_text(self, language)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text())}</pre>"
