"use strict";

// Parts marked data-live are fetched again with their page and changed in place, so that focus, selection and scrolling stay.
const live = () => document.querySelectorAll("[data-live]");
const connection = document.querySelector("[data-connection]");
const period = 1000 * Number(document.body.dataset.refreshSeconds || 0);

function change(now, next) {
  if (now.nodeType !== next.nodeType || now.nodeName !== next.nodeName) {
    now.replaceWith(next.cloneNode(true));
    return;
  }
  if (now.nodeType !== Node.ELEMENT_NODE) {
    if (now.data !== next.data) now.data = next.data;
    return;
  }
  for (const { name } of [...now.attributes]) if (!next.hasAttribute(name)) now.removeAttribute(name);
  for (const { name, value } of next.attributes) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  const wanted = [...next.childNodes];
  while (now.childNodes.length > wanted.length) now.lastChild.remove();
  wanted.forEach((child, at) => at < now.childNodes.length ? change(now.childNodes[at], child) : now.append(child.cloneNode(true)));
}

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(20000) });
    if (new URL(answer.url).pathname !== location.pathname) {
      location.reload(); // the session has ended
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of live()) {
      const next = page.querySelector(`[data-live="${part.dataset.live}"]`);
      if (next) change(part, next);
    }
    if (connection) connection.hidden = true;
  } catch {
    if (connection) connection.hidden = false;
  }
}

async function repeat() {
  await refresh();
  setTimeout(repeat, period);
}

if (period > 0 && live().length > 0) {
  setTimeout(repeat, period);
  document.addEventListener("visibilitychange", refresh);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}

// The policy editor: Tab indents, the line is shown, and a problem leads to its place.
const editor = document.querySelector("[data-editor]");
if (editor) {
  const position = document.querySelector("[data-position]");
  const where = () => {
    const before = editor.value.slice(0, editor.selectionStart).split("\n");
    position.textContent = `Line ${before.length}, column ${before.at(-1).length + 1}`;
  };
  for (const event of ["keyup", "click", "focus", "input"]) editor.addEventListener(event, where);

  editor.addEventListener("keydown", event => {
    if (event.key === "Escape") editor.dataset.leave = "1"; // then Tab moves on, as without a script
    else if (event.key === "Tab" && !event.shiftKey && !editor.dataset.leave) {
      event.preventDefault();
      editor.setRangeText("    ", editor.selectionStart, editor.selectionEnd, "end");
      editor.dispatchEvent(new Event("input"));
    } else delete editor.dataset.leave;
  });

  for (const problem of document.querySelectorAll(".problems [data-line]")) {
    if (!problem.dataset.line) continue;
    const go = document.createElement("button");
    go.type = "button";
    go.append(...problem.childNodes);
    problem.append(go);
    go.addEventListener("click", () => {
      const lines = editor.value.split("\n");
      const line = Math.min(Number(problem.dataset.line), lines.length);
      const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
      editor.focus();
      editor.setSelectionRange(start + Math.max(0, Number(problem.dataset.column || 1) - 1), start + lines[line - 1].length);
      editor.scrollTop = (line - 4) * editor.scrollHeight / lines.length;
      where();
    });
  }

  let saving = false;
  const original = editor.dataset.editor === "unsaved" ? null : editor.value;
  editor.form.addEventListener("submit", () => { saving = true; });
  addEventListener("beforeunload", event => { if (!saving && editor.value !== original) event.preventDefault(); });
}
