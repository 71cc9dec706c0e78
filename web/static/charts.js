/** Charts as PNG, which every office program takes: drawn here, in the fonts of whoever looks at them. */

const SCALE = 3;

for (const link of document.querySelectorAll(".chart figcaption a")) {
  const button = document.createElement("a");
  button.href = link.href;
  button.download = link.download.replace(/\.svg$/, ".png");
  button.textContent = "PNG";
  button.addEventListener("click", (event) => {
    if (button.href.startsWith("blob:")) return;
    event.preventDefault();
    draw(link.href).then((picture) => {
      button.href = URL.createObjectURL(picture);
      button.click();
    }, () => link.click());
  });
  link.before(button, " ");
}

/** The chart at an address as a Blob. */
async function draw(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = SCALE * image.naturalWidth;
  canvas.height = SCALE * image.naturalHeight;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((picture) => (picture ? resolve(picture) : reject(new Error("no picture"))), "image/png");
  });
}
