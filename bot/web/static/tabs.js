// One row of tabs, none open at first: the answer stands above, whole, and the rest is there when it is wanted.
import { element } from "./element.js";

let rows = 0;

// `tabs`: pairs of a title and a function that draws what is below it.
export function tabRow(label, tabs) {
  rows += 1;
  const panel = element("div", { class: "panel", role: "tabpanel", id: `panel-${rows}`, tabindex: "0", hidden: true });
  const heads = tabs.map(([title], place) => element("button",
    { type: "button", role: "tab", id: `tab-${rows}-${place}`, "aria-selected": "false", "aria-controls": panel.id, tabindex: place ? "-1" : "0" }, title));
  const row = element("div", { class: "tabs", role: "tablist", "aria-label": label }, ...heads);

  function open(place) {
    const isOpen = heads[place].getAttribute("aria-selected") === "true";
    heads.forEach((head, other) => head.setAttribute("aria-selected", String(other === place && !isOpen)));
    panel.hidden = isOpen;
    panel.setAttribute("aria-labelledby", heads[place].id);
    panel.replaceChildren(...(isOpen ? [] : [tabs[place][1]()].flat()));
  }

  function go(place) {
    heads.forEach((head, other) => (head.tabIndex = other === place ? 0 : -1));
    heads[place].focus();
  }

  heads.forEach((head, place) => head.addEventListener("click", () => {
    go(place);
    open(place);
  }));
  row.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const here = heads.indexOf(document.activeElement);
    if (step) go((here + step + heads.length) % heads.length);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(heads.length - 1);
    else return;
    event.preventDefault();
  });
  return [row, panel];
}
