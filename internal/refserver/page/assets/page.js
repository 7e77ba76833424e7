// Every page works without this file. It adds buttons that copy, rows that are filtered while one
// types, forms that are sent once, and shows the current section where the tabs are too many.
"use strict";

const nav = document.querySelector(".nav");
const section = nav?.querySelector("[aria-current]");
if (section && nav.scrollWidth > nav.clientWidth) {
  nav.scrollLeft = section.getBoundingClientRect().left - nav.getBoundingClientRect().left - 16;
}

// copy copies the text of an element. Over plain http, browsers have no navigator.clipboard.
async function copy(field) {
  if (navigator.clipboard) return navigator.clipboard.writeText(field.textContent);
  getSelection().selectAllChildren(field);
  if (!document.execCommand("copy")) throw new Error("copying failed");
}

for (const field of document.querySelectorAll("[data-copy]")) {
  field.addEventListener("focus", () => getSelection().selectAllChildren(field));
  const button = document.createElement("button");
  const label = field.getAttribute("data-copy");
  button.type = "button";
  button.className = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy " + label);
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  let reset = 0;
  const say = (text, spoken) => {
    button.textContent = text;
    status.textContent = spoken;
    clearTimeout(reset);
    reset = setTimeout(() => { button.textContent = "Copy"; status.textContent = ""; }, 2000);
  };
  button.addEventListener("click", () => {
    copy(field).then(
      () => say("Copied", label + " copied"),
      () => say("Select", "Copying failed. Select the text instead"),
    );
  });
  field.after(button, status);
}

// textOf is what a row says, without its buttons.
function textOf(row) {
  const copy = row.cloneNode(true);
  for (const form of copy.querySelectorAll("form")) form.remove();
  return copy.textContent.toLowerCase();
}

for (const [index, table] of [...document.querySelectorAll("table[data-filter]")].entries()) {
  const rows = [...table.tBodies[0].rows];
  const toolbar = table.closest(".card")?.querySelector(".toolbar");
  if (rows.length < 5 || !toolbar) continue;
  const box = document.createElement("div");
  box.className = "field";
  const input = document.createElement("input");
  input.type = "search";
  input.id = "filter-" + index;
  input.autocomplete = "off";
  input.placeholder = "Filter this page";
  input.setAttribute("aria-label", "Filter the rows of this page");
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = wanted !== "" && !textOf(row).includes(wanted);
      if (!row.hidden) shown++;
    }
    status.textContent = wanted === "" ? "" : shown + " of " + rows.length + " rows shown";
  });
  box.append(input, status);
  toolbar.append(box);
}

for (const form of document.querySelectorAll("form[method=post]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => { sent = false; });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
