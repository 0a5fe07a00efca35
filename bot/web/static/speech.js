// Reading aloud, and speaking in place of typing, where the browser has them.
import { button } from "./element.js";

const synthesis = globalThis.speechSynthesis;
const Recognition = globalThis.SpeechRecognition ?? globalThis.webkitSpeechRecognition;
const LANGUAGE = "zh-CN";

// Null where the browser cannot speak. `words()` gives what is read.
export function readAloud(words) {
  if (!synthesis) return null;
  const made = button("朗读", () => (made.textContent === "朗读" ? start() : synthesis.cancel()));
  return made;

  function start() {
    synthesis.cancel();
    const spoken = new SpeechSynthesisUtterance(words());
    spoken.lang = LANGUAGE;
    spoken.onend = spoken.onerror = () => (made.textContent = "朗读");
    made.textContent = "停止朗读";
    synthesis.speak(spoken);
  }
}

// What is heard goes into the field; it is sent by the citizen.
export function offerDictation(made, input, told) {
  if (!Recognition) return;
  const recognition = new Recognition();
  recognition.lang = LANGUAGE;
  let isOn = false;
  made.hidden = false;
  made.addEventListener("click", () => (isOn ? recognition.stop() : recognition.start()));
  recognition.onstart = () => show(true);
  recognition.onend = () => show(false);
  recognition.onerror = ({ error }) => (told.textContent = error === "not-allowed" ? "浏览器没有允许用话筒，请打字。" : "没有听清，请再说一遍，或者打字。");
  recognition.onresult = ({ results }) => {
    input.value += results[results.length - 1][0].transcript;
    input.dispatchEvent(new Event("input"));
    input.focus();
  };

  function show(isListening) {
    isOn = isListening;
    made.textContent = isOn ? "说完了" : "说话";
    made.setAttribute("aria-label", isOn ? "说完了" : "说话输入");
    if (isOn) told.textContent = "正在听，请说……（由您的浏览器识别）";
  }
}
