// The pad: four anchors at its corners, or two at its ends, and the point that sounds between them. Pointer and arrow keys move it.

import { el, $ } from "./make.js";
import { clamp, spaced, travelOf } from "./model.js";

const HOLD_MS = 250, STEP = 0.02, LEAP = 0.1, TRAIL_MS = 1400;

export function anchorNames(model, slot) {
  const usual = model.facts.anchors[slot] ?? [], [told] = model.published(`/mvae/anchor/${slot}`) ?? [];
  return (told && !usual.includes(told) ? [String(told)] : usual).map(spaced);
}

export class Pad {
  constructor(model, turn) {
    Object.assign(this, { model, turn, trail: [], held_ms: -HOLD_MS });
    this.puck = el("div", { id: "puck" });
    this.canvas = el("canvas", { "aria-hidden": "true" });
    this.pad = el("div", { id: "pad", tabindex: 0, role: "slider", "aria-label": "pad between the anchors", "aria-valuemin": 0, "aria-valuemax": 100 }, this.canvas, this.puck);
    this.pad.addEventListener("pointerdown", (event) => this.hold(event));
    this.pad.addEventListener("pointermove", (event) => this.pad.hasPointerCapture(event.pointerId) && this.drag(event));
    this.pad.addEventListener("keydown", (event) => this.key(event));
  }

  build() {
    const { model } = this;
    this.axes = model.has("x") && model.has("y") ? ["x", "y"] : model.has("morph") ? ["morph"] : [];
    this.slots = Object.keys(model.facts.anchors);
    this.pad.classList.toggle("line", this.axes.length === 1);
    for (const old of this.pad.querySelectorAll(".corner")) old.remove();
    this.corners = this.slots.map((slot) => {
      const corner = el("span", { class: `corner at-${slot}` });
      this.pad.append(corner);
      return corner;
    });
    $("pad-panel").replaceChildren(this.pad);
    $("pad-panel").hidden = !this.axes.length;
    this.pad.dataset.action = this.axes[0] ?? "";
    this.rename();
    this.moved(true);
  }

  rename() {
    this.corners?.forEach((corner, index) => {
      const names = anchorNames(this.model, this.slots[index]);
      corner.classList.toggle("many", names.length > 1);
      corner.replaceChildren(el("b", {}, this.slots[index]), el("div", {}, ...names.slice(0, 4).map((name) => el("span", {}, name))));
    });
  }

  get at() { return this.axes.map((name) => travelOf(this.model.actions.get(name), this.model.position(name))); }

  moved(force = false) {
    if (!this.axes) return;
    if (!force && performance.now() - this.held_ms < HOLD_MS) return;
    this.show(this.at);
  }

  show(at) {
    const [x, y = 0.5] = at;
    if (this.shown?.[0] !== x || this.shown?.[1] !== y) this.trail.push([x, y, performance.now()]);
    this.shown = [x, y];
    this.puck.style.setProperty("--x", x);
    this.puck.style.setProperty("--y", y);
    this.pad.setAttribute("aria-valuenow", Math.round(x * 100));
    this.pad.setAttribute("aria-valuetext", this.axes.map((name, index) => `${name} ${Math.round(at[index] * 100)} %`).join(", "));
  }

  go(at) {
    this.held_ms = performance.now();
    this.show(at);
    this.axes.forEach((name, index) => this.turn(name, at[index], "normalized"));
  }

  hold(event) {
    if (event.button || document.body.classList.contains("learning")) return;
    this.pad.setPointerCapture(event.pointerId);
    this.pad.focus({ preventScroll: true });
    event.preventDefault();
    this.drag(event);
  }

  drag(event) {
    const box = this.pad.getBoundingClientRect();
    const edge = this.puck.offsetWidth / 2, share = (at, size) => clamp((at - edge) / (size - 2 * edge), 0, 1);
    this.go([share(event.clientX - box.left, box.width), share(event.clientY - box.top, box.height)].slice(0, this.axes.length));
  }

  key(event) {
    const leap = event.shiftKey ? LEAP : STEP;
    const [dx, dy] = { ArrowLeft: [-leap, 0], ArrowRight: [leap, 0], ArrowUp: [0, -leap], ArrowDown: [0, leap] }[event.key] ?? [0, 0];
    if (!dx && !dy) return;
    event.preventDefault();
    const [x, y = 0.5] = this.shown;
    this.go([clamp(x + dx, 0, 1), clamp(y + dy, 0, 1)].slice(0, this.axes.length));
  }

  // Where it has been of late, fading.
  draw(now_ms) {
    this.trail = this.trail.filter(([, , at_ms]) => now_ms - at_ms < TRAIL_MS);
    if (!this.trail.length && !this.drawn) return;
    this.drawn = this.trail.length > 0;
    const { canvas } = this, scale = devicePixelRatio, width = canvas.clientWidth * scale, height = canvas.clientHeight * scale;
    if (canvas.width !== Math.round(width)) canvas.width = Math.round(width);
    if (canvas.height !== Math.round(height)) canvas.height = Math.round(height);
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.lineCap = "round";
    const edge = (this.puck.offsetWidth / 2) * scale;
    for (let i = 1; i < this.trail.length; i++) {
      const [x0, y0] = this.trail[i - 1], [x1, y1, at_ms] = this.trail[i];
      pen.strokeStyle = `rgba(255,255,255,${0.5 * (1 - (now_ms - at_ms) / TRAIL_MS)})`;
      pen.lineWidth = scale * 3;
      pen.beginPath();
      pen.moveTo(edge + x0 * (canvas.width - 2 * edge), edge + y0 * (canvas.height - 2 * edge));
      pen.lineTo(edge + x1 * (canvas.width - 2 * edge), edge + y1 * (canvas.height - 2 * edge));
      pen.stroke();
    }
  }
}
