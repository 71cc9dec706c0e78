/** The page of a report: progress while it is read, cells that tell where they come from, and deletion. */

import { getPart, getReport, pause } from "./api.js";

const waiting = document.querySelector("#waiting");
if (waiting) follow(waiting.dataset.id);
document.querySelectorAll("table.sheet").forEach(makeWalkable);
explainCells();
openDialogs();

async function follow(id) {
  for (;;) {
    try {
      await pause(0.3);
      const report = await getReport(id, 20);
      if (!["queued", "running"].includes(report.status)) break;
      const page = new DOMParser().parseFromString(await getPart(location.href), "text/html");
      const fresh = page.querySelector("#progress");
      if (!fresh) break;
      document.querySelector("#progress").replaceChildren(...fresh.childNodes);
    } catch (error) {
      if (error.status === 404) break;
      await pause(3);
    }
  }
  location.reload();
}

/** One tab stop a table; the arrow keys walk over its figures. */
function makeWalkable(table) {
  const rows = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll(".figure")]).filter((row) => row.length);
  if (rows.length === 0) return;
  rows.flat().forEach((cell) => (cell.tabIndex = -1));
  rows[0][0].tabIndex = 0;
  table.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const cell = event.target.closest(".figure");
    if (!step || !cell) return;
    const y = rows.findIndex((row) => row.includes(cell));
    const row = rows[y + step[0]];
    const next = row && row[Math.min(rows[y].indexOf(cell) + step[1], step[0] ? row.length - 1 : Infinity)];
    if (!next) return;
    event.preventDefault();
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}

function explainCells() {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.id = "tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);
  const texts = new Map();
  for (const cell of document.querySelectorAll(".figure[title]")) {
    texts.set(cell, cell.title);
    cell.removeAttribute("title");
  }
  const show = (cell) => {
    const text = texts.get(cell);
    if (!text) return hide();
    tip.textContent = text;
    tip.hidden = false;
    cell.setAttribute("aria-describedby", "tip");
    const at = cell.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left + at.width / 2 - own.width / 2), innerWidth - own.width - 8);
    const above = at.top - own.height - 8;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 8 ? above : at.bottom + 8}px`;
  };
  const hide = () => {
    tip.hidden = true;
    document.querySelector("[aria-describedby=tip]")?.removeAttribute("aria-describedby");
  };
  addEventListener("mouseover", (event) => {
    const cell = event.target.closest?.(".figure");
    if (cell) show(cell);
    else if (!document.activeElement?.matches(".figure")) hide();
  });
  addEventListener("focusin", (event) => (event.target.matches(".figure") ? show(event.target) : hide()));
  addEventListener("keydown", (event) => event.key === "Escape" && hide());
  const stay = () => (document.activeElement?.matches(".figure") ? show(document.activeElement) : hide());
  addEventListener("scroll", stay, { passive: true, capture: true });
  addEventListener("hashchange", focusTarget);
  focusTarget();
}

/** A link to a cell also puts the keyboard there. */
function focusTarget() {
  const cell = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (cell?.matches(".figure")) cell.focus({ preventScroll: false });
}

function openDialogs() {
  for (const opener of document.querySelectorAll("[data-opens]")) {
    const dialog = document.getElementById(opener.dataset.opens);
    opener.addEventListener("click", () => dialog.showModal());
    dialog.querySelector("[data-closes]").addEventListener("click", () => dialog.close());
  }
}
