// The query picture on a canvas, and the box around the object in it: by pointer, by touch, by keyboard.

const kStep = 0.02, kSmallest = 0.05;
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

export class CropPicture {
  // canvas: where it is drawn; onChange(box): box as [x0, y0, x1, y1] in shares of the picture, or null
  constructor(canvas, onChange) {
    this.canvas = canvas;
    this.onChange = onChange;
    this.box = null;
    this.image = null;
    canvas.addEventListener('pointerdown', (e) => this.pointerDown(e));
    canvas.addEventListener('pointermove', (e) => this.pointerMove(e));
    canvas.addEventListener('pointerup', () => this.pointerUp());
    canvas.addEventListener('pointercancel', () => this.pointerUp());
    canvas.addEventListener('keydown', (e) => this.key(e));
  }

  // Resolves when the picture is drawn; rejects when it is none.
  async show(blob) {
    const image = await createImageBitmap(blob, { imageOrientation: 'from-image' });
    this.image = image;
    const scale = Math.min(1, 640 / Math.max(image.width, image.height));
    this.canvas.width = Math.max(1, Math.round(image.width * scale));
    this.canvas.height = Math.max(1, Math.round(image.height * scale));
    this.setBox(null);
  }

  setBox(box) {
    this.box = box;
    this.draw();
    this.onChange(box);
  }

  draw() {
    if (!this.image) return;
    const { width, height } = this.canvas;
    const pen = this.canvas.getContext('2d');
    pen.drawImage(this.image, 0, 0, width, height);
    if (!this.box) return;
    const [x0, y0, x1, y1] = this.box;
    const x = x0 * width, y = y0 * height, w = (x1 - x0) * width, h = (y1 - y0) * height;
    pen.fillStyle = 'rgb(0 0 0 / 55%)';
    pen.beginPath();
    pen.rect(0, 0, width, height);
    pen.rect(x, y, w, h);
    pen.fill('evenodd');
    pen.lineWidth = Math.max(2, width / 160);
    pen.strokeStyle = '#fff';
    pen.strokeRect(x, y, w, h);
  }

  place(event) {
    const area = this.canvas.getBoundingClientRect();
    return [clamp((event.clientX - area.left) / area.width, 0, 1), clamp((event.clientY - area.top) / area.height, 0, 1)];
  }

  pointerDown(event) {
    if (!this.image) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.from = this.place(event);
  }

  pointerMove(event) {
    if (!this.from) return;
    const [x, y] = this.place(event), [fx, fy] = this.from;
    const box = [Math.min(x, fx), Math.min(y, fy), Math.max(x, fx), Math.max(y, fy)];
    if (box[2] - box[0] < kSmallest || box[3] - box[1] < kSmallest) return;
    this.box = box;
    this.draw();
  }

  pointerUp() {
    if (!this.from) return;
    this.from = null;
    this.onChange(this.box);
  }

  key(event) {
    if (!this.image) return;
    if (event.key === 'Escape') { this.setBox(null); event.preventDefault(); return; }
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const [dx, dy] = way.map((d) => d * kStep);
    let [x0, y0, x1, y1] = this.box || [0.25, 0.25, 0.75, 0.75];
    if (event.shiftKey) {
      x1 = clamp(x1 + dx, x0 + kSmallest, 1);
      y1 = clamp(y1 + dy, y0 + kSmallest, 1);
    } else {
      const mx = clamp(dx, -x0, 1 - x1), my = clamp(dy, -y0, 1 - y1);
      [x0, y0, x1, y1] = [x0 + mx, y0 + my, x1 + mx, y1 + my];
    }
    this.setBox([x0, y0, x1, y1]);
  }
}

// In words, for people who do not see the canvas.
export function describeBox(box) {
  if (!box) return 'The whole picture is searched.';
  const [x0, y0, x1, y1] = box.map((v) => Math.round(v * 100));
  return `Searched: from ${x0} % to ${x1} % of the width, ${y0} % to ${y1} % of the height.`;
}
