// 好差评: five grades, for what a person answered and for what the assistant did. The two lowest ask why.
import { button, element } from "./element.js";

const GRADES = [[5, "非常满意"], [4, "满意"], [3, "基本满意"], [2, "不满意"], [1, "非常不满意"]];
const WORST = 2;
const MOST_CHARACTERS = 500;
const titleOf = (stars) => GRADES.find(([grade]) => grade === stars)[1];

function grades(label, act) {
  return element("section", { class: "rating", "aria-label": label }, element("p", {}, `${label}：`),
    element("ul", { class: "buttons" }, ...GRADES.map(([stars, title]) => element("li", {}, button(title, () => act(stars))))));
}

// `rate(number, stars, why)` sends the rating of a case.
export function drawRating(number, rate) {
  // Only the last answer of a case is rated.
  const before = [...document.querySelectorAll(".rating:has(.buttons)")].filter((one) => one.dataset.case === number);
  before.forEach((one) => one.remove());
  const drawn = grades("评价这次答复", (stars) => rate(number, stars));
  drawn.dataset.case = number;
  return drawn;
}

export function rated({ case: number, stars, asks_why: asksWhy }, rate) {
  const shown = [...document.querySelectorAll(".rating")].findLast((one) => one.dataset.case === number);
  if (!shown) return;
  const title = titleOf(stars);
  const thanks = element("p", { role: "status" }, asksWhy ? `您评了“${title}”，已请工作人员重新处理。` : `您评了“${title}”，谢谢。`);
  shown.replaceChildren(thanks, ...(asksWhy ? [drawWhy(number, stars, rate)] : []));
}

function drawWhy(number, stars, rate) {
  const field = element("textarea", { rows: 2, maxlength: MOST_CHARACTERS, "aria-label": "哪里不满意", placeholder: "哪里不满意？可以不写" });
  const form = element("form", {}, field, element("button", { type: "submit", class: "main" }, "告诉我们"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim()) rate(number, stars, field.value.trim());
  });
  return form;
}

const CALL_BACK = [["content", "解决了，满意"], ["not_content", "解决了，不满意"], ["unsolved", "没有解决"]];

// 回访: below the line that asks whether it is solved. `act(answer)` sends the answer.
export function drawCallBack(line, act) {
  return element("section", { class: "rating", "data-line": line, "aria-label": "解决了吗" },
    element("ul", { class: "buttons" }, ...CALL_BACK.map(([answer, title]) => element("li", {}, button(title, () => act(answer))))));
}

export function calledBack({ line, text }) {
  document.querySelector(`.rating[data-line="${line}"]`)?.replaceChildren(element("p", { role: "status" }, text));
}

// The button below an answer of the assistant. `grade(stars)` sends the grade, `say(text)` a message.
export function drawGrading(stars, { grade, say }) {
  const place = element("div", { class: "grading" });
  if (stars) thank(place, stars, say);
  else place.append(button("评价", () => {
    place.replaceChildren(grades("评价这个回答", grade));
    place.querySelector("button").focus();
  }));
  return place;
}

export function thank(place, stars, say) {
  const wrong = stars <= WORST ? button("请工作人员看看", () => say("答错了"), "link") : null;
  place.replaceChildren(element("p", { role: "status" }, `您评了“${titleOf(stars)}”，谢谢。`), ...(wrong ? [wrong] : []));
}
