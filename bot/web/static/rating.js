// 好差评: five buttons under an answer that a person gave; the two lowest grades ask why.
import { element } from "./element.js";

const GRADES = [[5, "非常满意"], [4, "满意"], [3, "基本满意"], [2, "不满意"], [1, "非常不满意"]];
const MOST_CHARACTERS = 500;

// `rate(number, stars, why)` sends it.
export function drawRating(number, rate) {
  // Only the last answer of a case is rated.
  const before = [...document.querySelectorAll(".rating:has(.buttons)")].filter((one) => one.dataset.case === number);
  before.forEach((one) => one.remove());
  const grades = GRADES.map(([stars, title]) => {
    const button = element("button", { type: "button" }, title);
    button.addEventListener("click", () => rate(number, stars));
    return element("li", {}, button);
  });
  return element("section", { class: "rating", "data-case": number, "aria-label": "评价这次答复" },
    element("p", {}, "这次答复怎么样？"), element("ul", { class: "buttons" }, ...grades));
}

export function rated({ case: number, stars, asks_why: asksWhy }, rate) {
  const shown = [...document.querySelectorAll(".rating")].findLast((one) => one.dataset.case === number);
  if (!shown) return;
  const title = GRADES.find(([grade]) => grade === stars)[1];
  const thanks = element("p", { role: "status" }, asksWhy ? `您评了“${title}”，已请工作人员重新处理。` : `您评了“${title}”，谢谢。`);
  shown.replaceChildren(thanks, ...(asksWhy ? [drawWhy(number, stars, rate)] : []));
}

function drawWhy(number, stars, rate) {
  const field = element("textarea", { rows: 2, maxlength: MOST_CHARACTERS, "aria-label": "哪里不满意", placeholder: "哪里不满意？可以不写" });
  const form = element("form", {}, field, element("button", { type: "submit" }, "告诉我们"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim()) rate(number, stars, field.value.trim());
  });
  return form;
}
