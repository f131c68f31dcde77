// A deck of flashcards. Python decides which card comes next; this file shows it, and sends what was pressed.

const RATINGS = ["again", "hard", "good", "easy"];
const PRINTED = `
  @page { size: 148mm 105mm; margin: 9mm }
  body { font: 12.5pt/1.5 Georgia, serif; margin: 0; color: #000 }
  section { break-after: page; break-inside: avoid; min-height: 84mm; display: flex; flex-direction: column }
  section:last-child { break-after: auto }
  small { font: 9pt system-ui, sans-serif }
  h1 { font-size: 13.5pt; margin: auto 0 .6em }
  div { border-top: 1px dashed #767676; padding-top: .8em; margin-bottom: auto }`;

function element(tag, name, ...inside) {
  const made = document.createElement(tag);
  made.className = name;
  made.append(...inside);
  if (tag === "button") made.type = "button";
  return made;
}

function render({ model, el }) {
  const place = element("p", "gm-place");
  const question = element("span", "gm-question");
  const answer = element("span", "gm-answer");
  const card = element("button", "gm-card", question, answer);
  const ratings = RATINGS.map((word, index) => {
    const button = element("button", "gm-rating", `${index + 1} ${word}`);
    button.addEventListener("click", () => rate(index + 1));
    return button;
  });
  const print = element("button", "gm-print", "Print cards");
  const row = element("div", "gm-row", ...ratings, print);
  const said = element("p", "gm-said");
  const deck = element("div", "gm-deck", place, card, row, said);
  deck.setAttribute("role", "group");
  deck.setAttribute("aria-label", `Flashcards: ${model.get("title")}`);
  said.setAttribute("role", "status");
  answer.setAttribute("aria-live", "polite");
  el.append(deck);
  let open = false;
  let sent = false; // one rating a card, however fast the keys come

  function show() {
    const now = model.get("card");
    const any = now.id !== undefined;
    open = sent = false;
    place.textContent = model.get("place");
    said.textContent = model.get("said");
    card.hidden = row.querySelector(".gm-rating").parentElement.hidden = false;
    card.hidden = !any;
    ratings.forEach((button) => (button.hidden = !any));
    question.innerHTML = any ? now.question : "";
    answer.innerHTML = any ? now.answer : "";
    turn(false);
  }

  function turn(to) {
    open = to;
    answer.hidden = !open;
    card.setAttribute("aria-expanded", String(open));
    ratings.forEach((button) => (button.disabled = !open));
  }

  function rate(rating) {
    if (!open || sent) return;
    sent = true;
    model.send({ rate: rating, card: model.get("card").id });
    card.focus();
  }

  card.addEventListener("click", () => turn(!open));
  deck.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const rating = Number(event.key);
    // A notebook has shortcuts of its own: Enter edits a cell, 1 to 4 make headings of it.
    if (["Enter", " "].includes(event.key)) event.stopPropagation();
    if (rating >= 1 && rating <= 4) {
      event.preventDefault();
      event.stopPropagation();
      rate(rating);
    }
  });
  print.addEventListener("click", () => printAll(model));
  model.on("change:turn", show);
  show();
}

// One card a page, in a frame of its own, so that the notebook around it is not printed.
function printAll(model) {
  const all = model.get("printed");
  const pages = all.map(
    (card, index) =>
      `<section><small>${model.get("title_html")} · card ${index + 1} of ${all.length}</small>` +
      `<h1>${card.question}</h1><div>${card.answer}</div></section>`
  );
  const frame = document.createElement("iframe");
  frame.style.cssText = "position:fixed;width:0;height:0;border:0";
  frame.title = "Flashcards, for the printer";
  frame.srcdoc = `<!doctype html><html lang="en"><meta charset="utf-8"><style>${model.get("font")}${PRINTED}</style>${pages.join("")}`;
  frame.addEventListener("load", () => {
    frame.contentWindow.addEventListener("afterprint", () => frame.remove());
    frame.contentWindow.focus();
    frame.contentWindow.print();
  });
  document.body.append(frame);
}

export default { render };
