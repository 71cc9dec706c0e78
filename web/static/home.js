/** The home page: what is dropped is uploaded, file by file or as a batch, and the list follows the work. */

import { getPart, getReport, pause, upload } from "./api.js";
import { sendBatch } from "./batch-upload.js";
import { droppedFiles, pickedFiles } from "./picking.js";

const AT_ONCE = 2;
const FEW = 5; // so many files are sent one by one
const WAIT = 10;
const PAUSE = 0.3;

const drop = document.querySelector("#drop");
const inputs = document.querySelectorAll("#files, #folder");
const uploads = document.querySelector("#uploads");
const list = document.querySelector("#reports");
const news = document.querySelector("#news");

const waiting = [];
let sending = 0;
let watching = false;

document.documentElement.classList.add("scripted");
for (const input of inputs) {
  input.addEventListener("change", () => {
    take(pickedFiles(input.files));
    input.value = "";
  });
}
drop.addEventListener("submit", (event) => event.preventDefault());
catchDrops();
watch();

function catchDrops() {
  let depth = 0;
  const over = (inside) => drop.classList.toggle("over", inside);
  addEventListener("dragenter", () => over(++depth > 0));
  addEventListener("dragleave", () => over((depth = Math.max(0, depth - 1)) > 0));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    over((depth = 0) > 0);
    droppedFiles(event.dataTransfer).then(take);
  });
}

function take(files) {
  if (files.length > FEW || files.some(({ file, path }) => path.includes("/") || /\.zip$/i.test(file.name))) {
    sendBatch(files, drop.dataset, uploadCard);
    return;
  }
  for (const { file } of files) waiting.push({ file, card: uploadCard(file.name) });
  sendNext();
}

function sendNext() {
  while (sending < AT_ONCE && waiting.length > 0) {
    sending += 1;
    sendOne(waiting.shift()).finally(() => {
      sending -= 1;
      sendNext();
    });
  }
}

async function sendOne({ file, card }) {
  if (file.size > Number(drop.dataset.maxBytes)) {
    card.fail(`文件大小为 ${(file.size / 1048576).toFixed(1)} MB，超过上限 ${drop.dataset.maxMegabytes} MB，请拆分或压缩后再上传。`);
    return;
  }
  try {
    await upload(file, card.show);
    card.element.remove();
    news.textContent = `${file.name} 已上传`;
    await refresh();
    watch();
  } catch (error) {
    card.fail(error.message, error.status === 0 || error.status === 429 || error.status >= 500 ? () => take([{ file, path: file.name }]) : null);
  }
}

function uploadCard(name) {
  const element = document.createElement("li");
  element.className = "card";
  element.innerHTML = `<div class="card-main"><span class="card-title"></span>
    <div class="card-progress"><progress max="1" value="0" aria-label="上传进度"></progress><span class="progress-words">等待上传</span></div></div>`;
  element.querySelector(".card-title").textContent = name;
  uploads.append(element);
  const words = element.querySelector(".progress-words");
  const show = (share) => {
    element.querySelector("progress").value = share;
    words.textContent = share < 1 ? `正在上传 ${Math.floor(share * 100)}%` : "正在保存";
  };
  const fail = (message, again) => {
    const note = document.createElement("p");
    note.className = "card-note bad-words";
    note.setAttribute("role", "alert");
    note.textContent = message;
    element.querySelector(".card-progress").replaceWith(note);
    if (again) element.append(button("重试", () => (element.remove(), again())));
    element.append(button("关闭", () => element.remove()));
  };
  return { element, show, fail };
}

function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button plain";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

/** Wait for the report that is next in turn, bring the list up to date, and so on until all are finished. */
async function watch() {
  if (watching) return;
  watching = true;
  for (;;) {
    const open = list.querySelectorAll("[data-unfinished]");
    if (open.length === 0) break;
    try {
      await pause(PAUSE);
      await getReport(open[open.length - 1].dataset.id, open.length > 1 ? 2 : WAIT);
      await refresh();
    } catch (error) {
      if (error.status === 404) await refresh().catch(() => {});
      else await pause(3);
    }
  }
  watching = false;
}

/** Take over the cards that have changed and leave the others, so that focus and selection stay. */
async function refresh() {
  const fresh = document.createElement("div");
  fresh.innerHTML = await getPart(`/parts/reports${location.search}`);
  const before = new Map([...list.querySelectorAll("[data-id]")].map((card) => [card.dataset.id, card]));
  for (const card of fresh.querySelectorAll("[data-id]")) {
    const old = before.get(card.dataset.id);
    if (!old) continue;
    if (old.outerHTML === card.outerHTML) card.replaceWith(old);
    else {
      if (old.hasAttribute("data-unfinished") && !card.hasAttribute("data-unfinished")) tell(card);
      if (old.contains(document.activeElement)) queueMicrotask(() => card.querySelector("a").focus());
    }
  }
  list.replaceChildren(...fresh.childNodes);
}

function tell(card) {
  news.textContent = `${card.querySelector(".card-title").textContent}：${card.querySelector(".chip").textContent}`;
}
