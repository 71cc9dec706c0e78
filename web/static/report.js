/** The pages of a report: progress while it is read, cells that tell where they come from, decisions, deletion. */

import { getPart, getReport, pause, sendForm } from "./api.js";
import { loadPictures } from "./pictures.js";

const waiting = document.querySelector("#waiting");
if (waiting) follow(waiting.dataset.id);
const texts = new Map();
const tip = makeTip();
loadPictures(document);
prepareSheets(document);
openDialogs();
focusTarget();
addEventListener("hashchange", focusTarget);
addEventListener("submit", decide);

async function follow(id) {
  for (;;) {
    try {
      await pause(0.3);
      const report = await getReport(id, 20);
      if (!["queued", "running"].includes(report.status)) break;
      const fresh = (await freshPage()).querySelector("#progress");
      if (!fresh) break;
      document.querySelector("#progress").replaceChildren(...fresh.childNodes);
    } catch (error) {
      if (error.status === 404) break;
      await pause(3);
    }
  }
  location.reload();
}

const parsed = (text) => new DOMParser().parseFromString(text, "text/html");
const freshPage = async () => parsed(await getPart(location.pathname));

/** One tab stop a table; the arrow keys walk over its figures. */
function makeWalkable(table) {
  const rows = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll(".figure")]).filter((row) => row.length);
  if (rows.length === 0) return;
  for (const cell of rows.flat()) {
    cell.tabIndex = -1;
    cell.querySelector("a").tabIndex = -1;
  }
  rows[0][0].tabIndex = 0;
  table.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches(".figure")) event.target.querySelector("a").click();
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

/** Send a decision and take over what has changed, so that the page stays where it is. */
async function decide(event) {
  const form = event.target;
  if (!form.closest(".doubt-card")) return;
  event.preventDefault();
  const card = form.closest(".doubt-card");
  const following = [...document.querySelectorAll(".doubt-card")].filter((other) => other !== card);
  const after = card.nextElementSibling ?? following[0];
  const typing = card.contains(document.activeElement) && document.activeElement.matches("input");
  const answer = sendForm(form, event.submitter); // before: a disabled button says nothing
  card.querySelectorAll("button").forEach((button) => (button.disabled = true));
  try {
    takeOver(parsed(await answer));
    const next = after && document.getElementById(after.id);
    const focus = next ? (typing && next.querySelector(".typed")) || next.querySelector("button") : null;
    (focus ?? document.querySelector("#review"))?.focus({ preventScroll: !next });
  } catch (error) {
    card.querySelectorAll("button").forEach((button) => (button.disabled = false));
    if (error.status === 409) takeOver(await freshPage());
    complain(document.getElementById(card.id)?.querySelector(".decide"), error.message);
  }
}

/** Say what is wrong beside what it is about, or where the list begins when that is no longer on it. */
function complain(place, message) {
  document.querySelectorAll(".wrong").forEach((old) => old.remove());
  const note = document.createElement("p");
  note.className = "wrong";
  note.setAttribute("role", "alert");
  note.textContent = message;
  if (place) place.append(note);
  else document.querySelector("#review h2").after(note);
}

/** Replace what a decision changes; cut-outs that are still wanted keep their pictures. */
function takeOver(page) {
  const open = document.querySelector(".done")?.open;
  const before = new Map([...document.querySelectorAll(".doubt-card")].map((card) => [card.id, card]));
  for (const selector of [".report-head", "#findings", ".report-body"]) {
    document.querySelector(selector).replaceWith(page.querySelector(selector));
  }
  for (const card of document.querySelectorAll(".doubt-card")) {
    const old = before.get(card.id)?.querySelector(".cutout-link");
    if (old) card.querySelector(".cutout-link")?.replaceWith(old);
  }
  loadPictures(document.querySelector("#findings"));
  if (open) document.querySelector(".done").open = true;
  prepareSheets(document);
  openDialogs();
}

function prepareSheets(root) {
  root.querySelectorAll("table.sheet").forEach(makeWalkable);
  for (const cell of root.querySelectorAll(".figure[title]")) {
    texts.set(cell, cell.title);
    cell.removeAttribute("title");
  }
}

function makeTip() {
  const box = document.createElement("div");
  box.className = "tip";
  box.id = "tip";
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  document.body.append(box);
  addEventListener("mouseover", (event) => {
    const cell = event.target.closest?.(".figure");
    if (cell) showTip(cell);
    else if (!document.activeElement?.matches(".figure")) hideTip();
  });
  addEventListener("focusin", (event) => (event.target.matches(".figure") ? showTip(event.target) : hideTip()));
  addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
  const stay = () => (document.activeElement?.matches(".figure") ? showTip(document.activeElement) : hideTip());
  addEventListener("scroll", stay, { passive: true, capture: true });
  return box;
}

function showTip(cell) {
  const text = texts.get(cell);
  if (!text) return hideTip();
  tip.textContent = text;
  tip.hidden = false;
  cell.setAttribute("aria-describedby", "tip");
  const at = cell.getBoundingClientRect();
  const own = tip.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left + at.width / 2 - own.width / 2), innerWidth - own.width - 8);
  const above = at.top - own.height - 8;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 8 ? above : at.bottom + 8}px`;
}

function hideTip() {
  tip.hidden = true;
  document.querySelector("[aria-describedby=tip]")?.removeAttribute("aria-describedby");
}

/** A link to a cell also puts the keyboard there. */
function focusTarget() {
  const cell = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = cell?.closest("details");
  if (folded) folded.open = true;
  if (cell?.matches(".figure")) cell.focus({ preventScroll: false });
}

function openDialogs() {
  for (const opener of document.querySelectorAll("[data-opens]")) {
    const dialog = document.getElementById(opener.dataset.opens);
    opener.addEventListener("click", () => dialog.showModal());
    dialog.querySelector("[data-closes]").addEventListener("click", () => dialog.close());
  }
}
