"use strict";
(() => {
  const form = document.querySelector("form.filter");
  if (!form) return;
  const [text, rule, outcome] = ["text", "rule", "outcome"].map((name) => form.elements.namedItem(name));
  const shown = form.querySelector("output");
  const rules = Array.from(document.querySelectorAll("article.rule"), (article) => ({
    article,
    id: article.dataset.rule,
    rows: Array.from(article.querySelectorAll("tbody tr"), (row) => ({
      row,
      outcome: row.dataset.outcome,
      words: (row.textContent + " " + article.dataset.words).toLowerCase(),
    })),
  }));
  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { article, id, rows } of rules) {
      let some = false;
      for (const line of rows) {
        const fits =
          (!rule.value || id === rule.value) &&
          (!outcome.value || line.outcome === outcome.value) &&
          words.every((word) => line.words.includes(word));
        line.row.hidden = !fits;
        some ||= fits;
        count += fits;
      }
      article.hidden = !some;
    }
    for (const clause of document.querySelectorAll("section.clause")) {
      clause.hidden = !clause.querySelector("article.rule:not([hidden])");
    }
    shown.textContent = String(count);
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
})();
