// Everything on the page is made here, with text alone: no answer can become markup.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

export function button(title, act, kind = null) {
  const made = element("button", { type: "button", class: kind }, title);
  made.addEventListener("click", act);
  return made;
}

// Telephone numbers, and addresses of web pages. Three figures are a number only after a word that says so.
const LINKED = /(https?:\/\/[^\s，。；、）》”]+)|(^|[^\d-])(0\d{2,3}-\d{7,8}|400-\d{3}-\d{4}|12[13]\d{2}|95\d{3})(?![\d-]|\s*(?:元|个|件|人|号|天|年|万|平|米|吨|公|%))|((?:拨打?|电话|打)[ ：:]?)(1(?:10|19|20|22))(?!\d)/g;

// The text as parts to append, with what can be called or opened as links.
export function linked(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(LINKED)) {
    const [whole, address, before = "", number, called, short] = found;
    const lead = called ?? before;
    parts.push(text.slice(end, found.index) + lead);
    if (address) parts.push(element("a", { href: address, rel: "noopener noreferrer", target: "_blank" }, address));
    else parts.push(element("a", { href: `tel:${number ?? short}` }, number ?? short));
    end = found.index + whole.length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== "");
}
