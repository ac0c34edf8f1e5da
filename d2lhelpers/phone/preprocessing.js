// As d2lhelpers/preprocessing.py says it, in the browser's language.

// How much each old pixel of a line counts in each new one: [first old pixel, weights that add up to 1].
function shares(length, resize, crop) {
  const step = length / resize, reach = Math.max(step, 1);
  return Array.from({length: crop}, (_, i) => {
    const middle = (Math.floor((resize - crop) / 2) + i + .5) * step;
    const first = Math.max(0, Math.floor(middle - reach)), last = Math.min(length, Math.ceil(middle + reach));
    const weights = [];
    for (let j = first; j < last; j++) weights.push(Math.max(0, 1 - Math.abs(j + .5 - middle) / reach));
    const sum = weights.reduce((a, b) => a + b);
    return [first, weights.map(weight => weight / sum)];
  });
}

// Pixels of a canvas (red, green, blue, opacity) to what the network takes: 3 x crop x crop.
function prepare({data, width, height}, {resize, crop, mean, std}) {
  const flat = new Float64Array(crop * width * 3);
  shares(height, resize, crop).forEach(([first, weights], row) => weights.forEach((weight, k) => {
    const from = (first + k) * width * 4, to = row * width * 3;
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) flat[to + x * 3 + c] += weight * data[from + x * 4 + c];
  }));
  const ready = new Float32Array(3 * crop * crop);
  shares(width, resize, crop).forEach(([first, weights], column) => {
    for (let row = 0; row < crop; row++)
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        weights.forEach((weight, k) => { sum += weight * flat[(row * width + first + k) * 3 + c]; });
        ready[(c * crop + row) * crop + column] = (sum / 255 - mean[c]) / std[c];
      }
  });
  return ready;
}
