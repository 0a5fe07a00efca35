// A question on the screen: what was asked, how far it is, and below it its answer.
import { button, element } from "./element.js";

// So long a state may last before something must be wrong.
const LATE_AFTER_MS = { sent: 4000, asking: 18000, waiting: 60000, slow: 60000 };

const WORDS = {
  sent: () => "已发送",
  asking: () => "正在查……",
  waiting: (place) => `前面还有 ${place} 位，请稍候`,
  slow: () => `还在查，查到了就显示在这里；急事请拨打 ${document.body.dataset.hotline}`,
  failed: (why) => why ?? "没有发出去",
  answered: (note) => note ?? "",
};

export class Question {
  // `said`: `{text}`, or `{button}` of which `title` is what stands on it. The page is called back: `sendAgain(question)`
  // and `change(question)` when the citizen wants it, `isLate()` when nothing came for long.
  constructor(title, said, page) {
    Object.assign(this, { title, said, page });
    this.line = element("p", { class: "state", role: "status" });
    this.bubble = element("p", { class: "mine" }, title);
    this.element = element("div", { class: "turn" }, element("span", { class: "hidden" }, "您："), this.bubble, this.line);
    this.show("sent");
  }

  get isAnswered() {
    return this.state === "answered";
  }

  show(state, detail) {
    if (this.isAnswered) return;
    clearTimeout(this.timer);
    if (state === "asking" && this.isSlow) state = "slow";
    this.state = this.element.dataset.state = state;
    this.line.replaceChildren(WORDS[state](detail), ...this.waysOn());
    if (state === "asking") this.askedAt ??= performance.now();
    // Counted from the first time: another line, for another question, begins nothing anew.
    const gone = state === "asking" ? performance.now() - this.askedAt : 0;
    if (LATE_AFTER_MS[state]) this.timer = setTimeout(() => this.beLate(), LATE_AFTER_MS[state] - gone);
  }

  beLate() {
    this.isSlow ||= this.state === "asking";
    if (this.isSlow) this.show("slow");
    if (this.state === "sent") this.show("failed");
    this.page.isLate();
  }

  waysOn() {
    const again = button("重发", () => this.page.sendAgain(this));
    if (this.state === "slow") return [again];
    if (this.state !== "failed") return [];
    return this.said.text ? [again, button("修改", () => this.page.change(this))] : [again];
  }

  answer(drawn, note) {
    this.show("answered", note);
    this.element.append(...drawn);
  }

  remove() {
    clearTimeout(this.timer);
    this.element.remove();
  }
}
