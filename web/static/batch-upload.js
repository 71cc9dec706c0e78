/** Many files, a folder or ZIPs become a batch: sent in portions, each of which may be sent again. */

import { uploadPortion } from "./api.js";

const MOST_FILES = 200;
const MOST_BYTES = 64 * 1048576;
const REPORTS = /\.(pdf|docx|html?|mhtml?|jpe?g|png|tiff?|webp|bmp|zip)$/i;
const ZIP = /\.zip$/i;
const ORDER = new Intl.Collator("zh", { numeric: true });

/**
 * Send the files, then go to the page of their batch.
 * @param {{file: File, path: string}[]} files
 * @param {DOMStringMap} limits of the drop zone
 * @param {(name: string) => {element: Element, show: Function, fail: Function}} cardFor
 */
export async function sendBatch(files, limits, cardFor) {
  const fits = ({ file }) => file.size <= Number(ZIP.test(file.name) ? limits.maxUpload : limits.maxBytes);
  for (const { file, path } of files.filter((one) => !fits(one))) {
    const most = ZIP.test(file.name) ? limits.maxUploadMegabytes : limits.maxMegabytes;
    cardFor(path).fail(`文件大小为 ${(file.size / 1048576).toFixed(1)} MB，超过上限 ${most} MB，未上传。`);
  }
  // what may be a report goes first: a batch must begin with one
  const wanted = files
    .filter(fits)
    .sort((a, b) => REPORTS.test(b.path) - REPORTS.test(a.path) || ORDER.compare(a.path, b.path));
  if (wanted.length === 0) return;
  const name = wanted.length === 1 ? wanted[0].path : `${wanted[0].path.split("/")[0]} 等 ${wanted.length} 个文件`;
  await sendPortions(portionsOf(wanted), name, cardFor, { sent: 0, id: null, key: newKey() });
}

async function sendPortions(portions, name, cardFor, done) {
  const card = cardFor(name);
  const total = portions.reduce((sum, portion) => sum + portion.bytes, 0) || 1;
  const bytes = (count) => portions.slice(0, count).reduce((sum, portion) => sum + portion.bytes, 0);
  try {
    while (done.sent < portions.length) {
      const portion = portions[done.sent];
      const batch = await uploadPortion(portion.files, done.id, done.key, (share) =>
        card.show((bytes(done.sent) + share * portion.bytes) / total),
      );
      done.id = batch.id;
      done.sent += 1;
    }
  } catch (error) {
    const goesOn = error.status === 0 || error.status === 429 || error.status >= 500;
    card.fail(error.message, goesOn ? () => sendPortions(portions, name, cardFor, done) : null);
    return;
  }
  location.assign(`/batches/${encodeURIComponent(done.id)}`);
}

/** crypto.randomUUID is there on HTTPS only. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (number) => number.toString(16)).join("-");
}

function portionsOf(files) {
  const portions = [];
  for (const one of files) {
    let last = portions.at(-1);
    if (!last || last.files.length === MOST_FILES || last.bytes + one.file.size > MOST_BYTES) {
      portions.push((last = { files: [], bytes: 0 }));
    }
    last.files.push(one);
    last.bytes += one.file.size;
  }
  return portions;
}
