// Draws each component once, with the functions that the chat page draws it with.
import { drawMessage } from "./cards.js";
import { element } from "./element.js";
import { Question } from "./questions.js";
import { drawGrading, drawRating } from "./rating.js";

const nothing = () => {};
const record = {
  kind: "行政确认", department: "公安局", chosen: ["丢失"], note: "旧证找到了请交回。", complaints_phone: "0990-8811101", is_elsewhere: false,
  materials: [{ name: "居民户口簿", form: "原件", copies: 1, issuer: "公安机关", waiver: "内部核验", required: true, note: "" },
    { name: "监护人身份证", form: "原件", copies: 1, issuer: "公安机关", waiver: "告知承诺", required: false, note: "未满 16 周岁的要带" }],
  steps: [{ name: "申请", detail: "到派出所", time: "当场" }], conditions: ["本市户口"], legal_basis: [{ law: "居民身份证法", article: "第十一条", gist: "丢失的申请补领" }],
  place: { office: "公安派出所", window: "户籍窗口", address: "清江区云政大道 88 号", hours: "周一至周五 9:00—17:30", phone: "0990-8810110", directions: "1 号线" },
  promised_days: 20, promised: { count: 20, unit: "working_days", text: "20 个工作日" }, statutory_days: null, statutory_note: "60 日内", fee: "40 元", fee_basis: "收费标准", channel: "线上线下", visit_count: 1,
  online_note: "可以网上办", result: "居民身份证", result_validity: "10 年", delivery: "窗口领取",
};

const ANSWERS = [
  { text: "您好！想办什么事？", custom: { kind: "smalltalk", topic: "greet" } },
  { text: "办理“居民身份证补领”要带：\n1. 居民户口簿（原件 1 份）\n看情形还要：\n2. 监护人身份证（原件 1 份）\n来源：本市政务服务事项目录 GA-003",
    custom: { kind: "approval_item", code: "GA-003", name: "居民身份证补领", facet: "materials", data: record }, buttons: [{ title: "普通护照签发", id: "b" }] },
  { text: "开办餐饮店一件事：一张表申请。\n一次申请，一起办这些：\n1. 食品经营许可",
    custom: { kind: "joint_service", code: "YJS-001", name: "开办餐饮店一件事", items: [{ code: "SC-005", name: "食品经营许可" }] } },
  { text: "《居住证管理办法》第十四条：\n“居住证持有人享受基本公共服务。”", custom: { kind: "policy_answer", certainty: "likely",
    sources: [{ document: "居住证管理办法", article: "第十四条", passage: "居住证持有人享受基本公共服务。", number: "云府规〔2016〕3号", published_on: "2016-06-20", in_force: false, url: null, page: "/documents/1#p1" }] } },
  { text: "您反映的问题记下了，先交给城市管理局，编号 AJ-000001，12月4日（周五）前答复您。\n查询码：[查询码]\n查询码只显示这一次，请记下。",
    custom: { kind: "letter", case: "AJ-000001", department: "城市管理局", due_on: "2026-12-04" } },
  { text: "其他市民问过，2026-11-28 的答复，供您参考，不代替法律法规和文件的规定：\n来信：小区门口路灯不亮\n答复：“路灯已经修好。”\n来源：网上来信，城市管理局",
    custom: { kind: "public_letter", certainty: "likely", title: "小区门口路灯不亮", department: "城市管理局", answered_on: "2026-11-28", page: "/voices/1" } },
  { text: "在线访谈里答过，2026-11-28 的答复，供您参考，不代替法律法规和文件的规定：\n问题：异地就医怎么备案？\n李明，医疗保障局局长：“网上就能备案。”\n来源：在线访谈“医保新政策”",
    custom: { kind: "interview_answer", certainty: "likely", title: "异地就医怎么备案？", interview: "医保新政策", by: "李明，医疗保障局局长", answered_on: "2026-11-28", page: "/interviews/1#q1" } },
  { text: "申请 XXGK-2026-000123：正在办理。\n经过：\n1. 2026年11月10日，收到申请。\n2. 2026年11月12日，通知补正。\n答复期限：最迟 2026年12月8日。",
    custom: { kind: "disclosure_status", receipt: "XXGK-2026-000123" } },
  { text: "申请已经提交。\n回执号：XXGK-2026-000007\n查询码：[只显示一次]\n依据：《政府信息公开条例》第三十条", custom: { kind: "filing", step: 9, of: 9 } },
  { text: "已转给工作人员，编号 AJ-000001。急事请拨 12345。", custom: { kind: "handoff", case: "AJ-000001" } },
];

const states = document.getElementById("states-log");
for (const [state, detail] of [["sent"], ["asking"], ["waiting", 3], ["slow"], ["failed"]]) {
  const question = new Question(`状态：${state}`, { text: "问" }, { sendAgain: nothing, change: nothing, isLate: nothing });
  question.show(state, detail);
  clearTimeout(question.timer);
  states.append(question.element);
}
states.append(
  element("div", { class: "staff" }, element("p", { class: "by" }, "王芳 11-29 10:00"), element("p", {}, "您好，请带户口簿来。")),
  element("p", { class: "notice" }, "工作人员已加入对话"),
  element("p", { class: "problem" }, "发得太快了，请稍等再发"),
  drawRating("AJ-000001", nothing),
);
const answers = document.getElementById("answers-log");
answers.append(...ANSWERS.map((answer) => drawMessage(answer, nothing)));
for (const stars of [0, 5, 1]) answers.append(element("div", { class: "after" }, drawGrading(stars, { grade: nothing, say: nothing })));
