// The music on a canvas: a grid of drums, a roll for each melodic part, this phrase and the next, and where it is just now.

import { $ } from "./make.js";
import { STEPS_PER_BAR, TICKS_PER_STEP, spaced } from "./model.js";
import { DRUMS } from "./voices.js";

export const COLOURS = { drums: "255,180,84", bass: "79,214,190", melody: "170,150,255" };
const ROW = 22, TALL = 5, GAP = 12, LABEL = 92, FEWEST = 12, GLOW_MS = 220, NARROW_PX = 700;
const BAR_BY_BAR = { span: 4 * STEPS_PER_BAR, advance: 3 * STEPS_PER_BAR, blocks: 1 };  // always with the next

export class Roll {
  constructor(model) {
    Object.assign(this, { model, canvas: $("roll"), stale: true, glow: new Map() });
    this.pen = this.canvas.getContext("2d");
    for (const section of ["phrases", "facts"]) model.on(section, () => (this.stale = true));
    model.on("notes", (notes) => notes.forEach(([, on, part, , , , step]) => on === true && this.glow.set(`${part} ${step}`, performance.now())));
    new ResizeObserver(() => (this.stale = true)).observe(this.canvas.parentElement);
    this.still = document.createElement("canvas");
  }

  // The steps of what is handed over at once: a phrase, or a bar of what is decoded bar by bar.
  get unit() { return Math.max(...Object.values(this.model.known.phrases ?? {}).map((part) => part.steps), STEPS_PER_BAR); }

  // The steps from left to right, how far the picture moves on, and how many such blocks lie one below the other: this phrase and the
  // next beside it, below it where it is narrow; or some bars.
  get shape() {
    const { unit } = this, narrow = this.canvas.parentElement.clientWidth < NARROW_PX;
    if (unit === STEPS_PER_BAR) return BAR_BY_BAR;
    return narrow ? { span: unit, advance: unit, blocks: 2 } : { span: 2 * unit, advance: unit, blocks: 1 };
  }

  // The parts from above to below, with the rows that each of them needs.
  lanes() {
    const { facts, known } = this.model;
    return facts.parts.map((part) => {
      const { number } = part;
      const notes = (known.phrases?.[number]?.units ?? []).flatMap(([, each]) => each);
      const muted = known.positions?.[`mute ${part.name}`];
      const kind = part.melodic ? (part.stream === "bass" ? "bass" : "melody") : "drums";
      if (!part.melodic) return { part, number, notes, kind, muted, rows: DRUMS.length, row: (note) => DRUMS.length - 1 - note[1] };
      const pitches = notes.map((note) => note[2]), low = Math.min(...pitches, 127), high = Math.max(...pitches, 0);
      const rows = pitches.length ? Math.max(FEWEST, high - low + 3) : FEWEST, top = pitches.length ? Math.ceil((high + low + rows - 1) / 2) : 72;
      return { part, number, notes, kind, muted, rows, row: (note) => top - note[2] };
    });
  }

  layout() {
    const width = this.canvas.parentElement.clientWidth, scale = devicePixelRatio, narrow = width < NARROW_PX, { shape } = this;
    const zoom = Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / 16);
    const lanes = this.lanes();
    const rowOf = (lane) => (lane.kind === "drums" ? ROW : Math.max(TALL, Math.min(11, 170 / lane.rows))) * zoom * (narrow ? 0.82 : 1);
    const tall = Math.max(60, lanes.reduce((sum, lane) => sum + lane.rows * rowOf(lane) + GAP * zoom, 0));
    const label = (narrow ? 58 : LABEL) * zoom;
    return { ...shape, width, scale, zoom, lanes, rowOf, tall, height: tall * shape.blocks, label, narrow, until: this.first + shape.span * shape.blocks };
  }

  draw(now_ms, tick) {
    const { unit } = this, { advance } = this.shape, step = Math.max(0, tick / TICKS_PER_STEP + 0.5);
    const first = Math.floor(step / advance) * advance, next = (Math.floor(step / unit) + 1) * unit;
    if (this.first !== first || this.next !== next || devicePixelRatio !== this.plan?.scale) this.stale = true;
    const playing = Boolean(this.model.known.status?.playing), moves = playing || this.glow.size > 0 || this.moved;
    if (!this.stale && !moves) return;
    this.moved = playing || this.glow.size > 0;  // once more, without what has gone
    if (this.stale) {
      this.stale = false;
      Object.assign(this, { first, next });
      this.plan = this.layout();
      this.paint();
    }
    const { pen, canvas, plan } = this;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(this.still, 0, 0);
    pen.setTransform(plan.scale, 0, 0, plan.scale, 0, 0);
    this.shine(now_ms);
    if (playing) this.playhead(tick);
  }

  block(step) { return Math.min(Math.max(Math.floor((step - this.first) / this.plan.span), 0), this.plan.blocks - 1); }

  x(step, block) { return this.plan.label + ((step - this.first) / this.plan.span - block) * (this.plan.width - this.plan.label); }

  paint() {
    const { plan, still, canvas } = this, pen = still.getContext("2d");
    for (const each of [still, canvas]) {
      each.width = Math.round(plan.width * plan.scale);
      each.height = Math.round(plan.height * plan.scale);
    }
    canvas.style.height = `${plan.height}px`;
    pen.setTransform(plan.scale, 0, 0, plan.scale, 0, 0);
    let top = 0;
    for (const lane of plan.lanes) {
      lane.top = top;
      this.paintLane(pen, lane);
      top += lane.rows * plan.rowOf(lane) + GAP * plan.zoom;
    }
    this.canvas.setAttribute("aria-label", `this phrase and the next, from bar ${this.first / STEPS_PER_BAR + 1}`);
  }

  paintLane(pen, lane) {
    const { plan, first, next } = this, height = lane.rows * plan.rowOf(lane), colour = COLOURS[lane.kind];
    for (let step = first; step < plan.until; step++) {
      const block = this.block(step), x = this.x(step, block), wide = this.x(step + 1, block) - x, top = lane.top + block * plan.tall;
      const bar = step % STEPS_PER_BAR === 0, beat = step % 4 === 0;
      pen.fillStyle = (step >> 2) % 2 ? "rgba(255,255,255,.018)" : "rgba(255,255,255,.04)";
      pen.fillRect(x, top, wide, height);
      if (beat) pen.fillStyle = bar ? "rgba(255,255,255,.22)" : "rgba(255,255,255,.07)", pen.fillRect(x, top, plan.zoom, height);
    }
    for (let block = 0; block < plan.blocks; block++) this.label(pen, lane, lane.top + block * plan.tall);
    for (const note of lane.notes) {
      if (note[0] < first - 1 || note[0] >= plan.until) continue;
      const far = note[0] >= next ? 0.5 : 1, loud = note[3] / 127, quiet = lane.muted ? 0.25 : 1;
      pen.fillStyle = `rgba(${colour},${(0.3 + 0.7 * loud) * far * quiet})`;
      this.box(pen, lane, note, loud);
      pen.fill();
    }
  }

  label(pen, lane, top) {
    const { plan } = this, tall = plan.rowOf(lane);
    pen.font = `500 ${Math.round((plan.narrow ? 10.5 : 12.5) * plan.zoom)}px system-ui, sans-serif`;
    pen.textBaseline = "middle";
    pen.fillStyle = "rgba(236,234,244,.66)";
    if (lane.kind === "drums")
      DRUMS.forEach((name, voice) => pen.fillText(plan.narrow ? spaced(name).replace("closed ", "").replace("open hat", "open") : spaced(name), 2, top + (DRUMS.length - 0.5 - voice) * tall));
    else pen.fillText(spaced(lane.part.name), 2, top + (lane.rows * tall) / 2);
  }

  box(pen, lane, note, loud) {
    const { plan } = this, tall = plan.rowOf(lane), left = plan.label, block = this.block(note[0]), y = lane.top + block * plan.tall + lane.row(note) * tall;
    const x = Math.max(left, this.x(note[4] / TICKS_PER_STEP, block)), step = (plan.width - left) / plan.span;
    pen.beginPath();
    if (lane.kind === "drums") {
      const size = tall * (0.34 + 0.5 * loud), wide = Math.min(step * 0.82, tall * 0.9);
      pen.roundRect(x, y + (tall - size) / 2, wide, size, Math.min(wide, size) * 0.32);
    } else {
      const end = Math.min(this.x(note[5] / TICKS_PER_STEP, block), plan.width);
      pen.roundRect(x, y, Math.max(end - x - 1, 2), tall - 0.5, Math.min(3, tall / 2.5));
    }
  }

  // What sounds just now, bright.
  shine(now_ms) {
    const { pen, plan, first } = this;
    for (const [key, at_ms] of this.glow) if (now_ms - at_ms > GLOW_MS) this.glow.delete(key);
    if (!this.glow.size) return;
    for (const lane of plan.lanes) for (const note of lane.notes) {
      const at_ms = this.glow.get(`${lane.number} ${note[0]}`);
      if (at_ms === undefined || note[0] < first || note[0] >= plan.until) continue;
      pen.fillStyle = `rgba(255,255,255,${0.85 * (1 - Math.max(0, now_ms - at_ms) / GLOW_MS)})`;
      this.box(pen, lane, note, note[3] / 127);
      pen.fill();
    }
  }

  playhead(tick) {
    const { pen, plan } = this, step = Math.max(tick / TICKS_PER_STEP, this.first), block = this.block(step), x = this.x(step, block), top = block * plan.tall;
    const light = pen.createLinearGradient(x - 26 * plan.zoom, 0, x, 0);
    light.addColorStop(0, "rgba(255,255,255,0)");
    light.addColorStop(1, "rgba(255,255,255,.14)");
    pen.fillStyle = light;
    pen.fillRect(Math.max(plan.label, x - 26 * plan.zoom), top, Math.min(26 * plan.zoom, x - plan.label), plan.tall);
    pen.fillStyle = "#fff";
    pen.fillRect(x - plan.zoom, top, 2 * plan.zoom, plan.tall);
  }
}
