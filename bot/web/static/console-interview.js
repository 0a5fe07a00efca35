// Says on the page of a talk that a question came in. It is not drawn at once: somebody may be typing an answer.

const told = document.querySelector("[data-interview-live]");

new EventSource(told.dataset.interviewLive).addEventListener("message", ({ data }) => {
  if (JSON.parse(data).topic === "question") told.hidden = false;
});
