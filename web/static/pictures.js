/** Pictures of pages: made when first asked for, so one that is not ready yet is asked for again. */

import { ServiceError, getPicture, pause } from "./api.js";

const AT_ONCE = 3;
const SVG = "http://www.w3.org/2000/svg";

/** Show every picture below `root` as soon as there is one; a page that several cut-outs share is fetched once. */
export function loadPictures(root) {
  const waiting = new Map();
  for (const image of root.querySelectorAll("svg image[href]")) {
    const address = image.getAttribute("href");
    image.removeAttribute("href");
    waiting.set(address, [...(waiting.get(address) ?? []), image]);
  }
  const turns = [...waiting];
  for (let i = 0; i < AT_ONCE; i += 1) next(turns);
}

async function next(turns) {
  for (let turn = turns.shift(); turn; turn = turns.shift()) {
    const [address, images] = turn;
    try {
      await made(address);
      for (const image of images) image.setAttribute("href", address);
    } catch (error) {
      for (const image of images) replace(image.closest("svg"), error.message);
    }
  }
}

/** Wait until the server has the picture; it stays in the browser's cache. */
async function made(address) {
  for (;;) {
    try {
      return await getPicture(address);
    } catch (error) {
      if (!(error instanceof ServiceError) || ![0, 503].includes(error.status)) throw error;
      await pause(error.retryAfter ?? 2);
    }
  }
}

function replace(svg, message) {
  if (svg?.namespaceURI !== SVG) return;
  if (svg.previousElementSibling?.textContent.includes(message)) return svg.remove();
  const note = document.createElement("p");
  note.className = `${svg.getAttribute("class")} failed`;
  note.textContent = message;
  svg.replaceWith(note);
}
