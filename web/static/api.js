/** Calls to the JSON API. Every failure is an Error whose message is a Chinese sentence for the reader. */

/** Goes with every change: no page of another site knows it. */
const KEY = document.querySelector("meta[name=form-key]")?.content;
const UNREACHABLE = "无法连接到服务，请检查网络后重试。";

export class ServiceError extends Error {
  /**
   * @param {number} status HTTP status, 0 when nothing answered
   * @param {number} [retryAfter] seconds after which it is worth asking again
   */
  constructor(message, status, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The report as it is now, or as soon as it has changed, after at most `wait` seconds. */
export async function getReport(id, wait = 0) {
  const response = await send(`/api/v1/reports/${encodeURIComponent(id)}?wait=${wait}`);
  return response.json();
}

/** The batch as it is now, or as soon as it has changed, after at most `wait` seconds. */
export async function getBatch(id, wait = 0) {
  const response = await send(`/api/v1/batches/${encodeURIComponent(id)}?wait=${wait}&per_page=1`);
  return response.json();
}

/** A part of a page as HTML text. */
export async function getPart(address) {
  const response = await send(address, { headers: { Accept: "text/html" } });
  return response.text();
}

/** Have the browser fetch a picture into its cache. */
export async function getPicture(address) {
  const response = await send(address);
  await response.blob();
}

/** Send a form as its button would; gives the page that follows as HTML text. */
export async function sendForm(form, button) {
  const response = await send(form.getAttribute("action"), {
    method: "POST",
    headers: { Accept: "application/json", ...(KEY && { "X-Form-Key": KEY }) },
    body: new URLSearchParams(new FormData(form, button)),
  });
  return response.text();
}

/** Send a file; `onProgress` is told the share that has been sent, 0–1. */
export function upload(file, onProgress) {
  return sendFiles("/api/v1/reports", [{ file, path: file.name }], onProgress);
}

/** Send files to a new batch, which has this key if its answer is lost, or more of them to the one with this id. */
export function uploadPortion(files, id, key, onProgress) {
  if (id) return sendFiles(`/api/v1/batches/${encodeURIComponent(id)}/files`, files, onProgress);
  return sendFiles("/api/v1/batches", files, onProgress, { "Idempotency-Key": key });
}

function sendFiles(address, files, onProgress, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    for (const { file, path } of files) form.append("file", file, path);
    request.open("POST", address);
    if (KEY) request.setRequestHeader("X-Form-Key", KEY);
    for (const [header, value] of Object.entries(headers)) request.setRequestHeader(header, value);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("error", () => reject(new ServiceError(UNREACHABLE, 0)));
    request.addEventListener("load", () => {
      const body = parsed(request.responseText);
      if (request.status === 401) signIn();
      if (request.status === 202 && body) resolve(body);
      else reject(new ServiceError(body?.detail_zh ?? `上传失败（${request.status}），请稍后重试。`, request.status));
    });
    request.send(form);
  });
}

async function send(address, options = {}) {
  let response;
  try {
    response = await fetch(address, options);
  } catch {
    throw new ServiceError(UNREACHABLE, 0);
  }
  if (response.ok) return response;
  if (response.status === 401) signIn();
  const body = parsed(await response.text());
  const again = Number(response.headers.get("Retry-After")) || undefined;
  const message = body?.detail_zh ?? `请求失败（${response.status}），请稍后重试。`;
  throw new ServiceError(message.replace(`${body?.path}：`, ""), response.status, again);
}

/** The session has ended: sign in, and come back here. */
function signIn() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
