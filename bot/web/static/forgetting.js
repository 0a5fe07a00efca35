// “删除我的记录”: the citizen reads what the law keeps, confirms, and gets the number of the deletion.
import { element } from "./element.js";

const dialog = document.getElementById("forgetting");

export function askToForget(kept, confirmed) {
  if (dialog.open) return;
  const list = dialog.querySelector("[data-kept]");
  list.hidden = !kept.length;
  list.querySelector("ul").replaceChildren(...lines(kept));
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "forget" && confirmed(), { once: true });
  dialog.showModal();
}

export function forgottenCard({ receipt, kept }) {
  return element("article", { class: "card forgotten", tabindex: "-1", "aria-label": "删除记录" },
    element("p", {}, `好的，这段对话的记录马上删除，一般两分钟内删完。删除编号：${receipt}`),
    kept.length ? element("div", {}, element("p", {}, "依法要留下的："), element("ul", {}, ...lines(kept))) : null,
    element("p", { class: "about" }, "屏幕上的话，按“离开并清除”清掉。",
      element("a", { href: `/privacy?receipt=${encodeURIComponent(receipt)}#progress` }, "查删完没有")));
}

const lines = (kept) => kept.map((each) => element("li", {}, each));
