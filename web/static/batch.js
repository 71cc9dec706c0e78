/** The page of a batch follows the work. */

import { getBatch, getPart, pause } from "./api.js";

const WAIT = 10;
const PAUSE = 1;

const batch = document.querySelector("#batch");
const news = document.querySelector("#news");
follow();

async function follow() {
  while (batch.querySelector("[data-unfinished]")) {
    try {
      await pause(PAUSE);
      await getBatch(batch.dataset.id, WAIT);
      await refresh();
    } catch (error) {
      if (error.status === 404) return location.assign("/batches");
      await pause(3);
    }
  }
  news.textContent = batch.querySelector(".chip").textContent;
}

/** Take over the sections that have changed, and put the keyboard and the tables where they were. */
async function refresh() {
  const fresh = document.createElement("div");
  fresh.innerHTML = await getPart(`/parts${location.pathname}${location.search}`);
  const before = [...batch.children];
  const focused = document.activeElement?.getAttribute("href") ?? null;
  const left = batch.querySelector(".matrix-frame")?.scrollLeft ?? 0;
  [...fresh.children].forEach((section, i) => {
    if (before[i]?.outerHTML === section.outerHTML) section.replaceWith(before[i]);
  });
  batch.replaceChildren(...fresh.childNodes);
  const matrix = batch.querySelector(".matrix-frame");
  if (matrix) matrix.scrollLeft = left;
  if (focused) batch.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}
