// The page itself: a photo in, class, confidence or "I don't know" out.
const LARGEST = 4096;  // pixels a side; phones refuse larger canvases
const network = globalThis.network = JSON.parse(document.getElementById('settings').textContent);
const answer = document.getElementById('answer'), chances = document.getElementById('chances');
const shown = document.getElementById('shown');
const percent = p => `${(100 * p).toFixed(0)} %`;

async function unpacked(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function start() {
  const address = async (id, type) => URL.createObjectURL(new Blob([await unpacked(id)], {type}));
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = {mjs: await address('glue', 'text/javascript'),
                            wasm: await address('program', 'application/wasm')};
  return ort.InferenceSession.create(await unpacked('network'), {executionProviders: ['wasm']});
}

// Turned as the camera says, colours as they stand in the file, on white where it is transparent: as in the course.
async function pixels(file) {
  const bitmap = await createImageBitmap(file, {colorSpaceConversion: 'none'});
  const scale = Math.min(1, LARGEST / Math.max(bitmap.width, bitmap.height));
  shown.width = Math.round(bitmap.width * scale);
  shown.height = Math.round(bitmap.height * scale);
  const pen = shown.getContext('2d', {willReadFrequently: true});
  pen.imageSmoothingQuality = 'high';
  pen.fillStyle = 'white';
  pen.fillRect(0, 0, shown.width, shown.height);
  pen.drawImage(bitmap, 0, 0, shown.width, shown.height);
  return pen.getImageData(0, 0, shown.width, shown.height);
}

async function probabilities(ready) {
  const {crop} = network.preprocessing, session = await started;
  const given = new ort.Tensor('float32', ready, [1, 3, crop, crop]);
  const scores = Array.from((await session.run({data: given})).scores.data, s => s / network.temperature);
  const powers = scores.map(score => Math.exp(score - Math.max(...scores)));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map(power => power / sum);
}

async function classify(file) {
  answer.textContent = 'Looking …';
  chances.replaceChildren();
  shown.hidden = true;
  let picture;
  try {
    picture = await pixels(file);
  } catch {
    answer.textContent = 'This file is not a picture that this browser can read: choose a JPEG or PNG.';
    return;
  }
  const ready = prepare(picture, network.preprocessing), p = await probabilities(ready);
  const order = p.map((_, k) => k).sort((a, b) => p[b] - p[a]), [best] = order;
  const told = `${network.classes[best]}, ${percent(p[best])}`;
  answer.textContent = p[best] >= network.threshold ? told : `${network.unsure} (perhaps ${told})`;
  shown.hidden = false;
  shown.setAttribute('aria-label', 'the photo');
  chances.replaceChildren(...order.slice(0, 5).map(k => {
    const line = document.createElement('li');
    line.textContent = `${network.classes[k]}: ${percent(p[k])}`;
    line.style.setProperty('--p', p[k]);
    return line;
  }));
  return {ready, p};
}

const started = start();
started.then(() => {
  answer.textContent = 'Ready.';
  for (const choice of document.querySelectorAll('input')) {
    choice.disabled = false;
    choice.addEventListener('change', async () => {
      if (choice.files.length) await classify(choice.files[0]);
      choice.value = '';  // so that the same photo can be chosen again
    });
  }
}).catch(error => { answer.textContent = `The network does not start in this browser (${error.message}): try a newer one.`; });
globalThis.classify = classify;  // for the curious, as network is
