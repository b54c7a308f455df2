// A control for each kind of action. Each is told where it stands and says where it is turned to; it knows no more of the instrument.

import { button, el, svg, $ } from "./make.js";
import { clamp, shown, spaced, travelOf, valueOf } from "./model.js";

const HOLD_MS = 250;  // what is held is not moved from elsewhere
const DRAG_PX = 180, FINE = 0.2, KEY = 1 / 50, PAGE = 1 / 10;
const FROM = -135, SWEEP = 270, RADIUS = 40;

function arc(from, to) {
  const point = (degrees) => [50 + RADIUS * Math.sin((degrees * Math.PI) / 180), 50 - RADIUS * Math.cos((degrees * Math.PI) / 180)];
  const [x0, y0] = point(Math.min(from, to)), [x1, y1] = point(Math.max(from, to));
  return `M${x0.toFixed(2)} ${y0.toFixed(2)}A${RADIUS} ${RADIUS} 0 ${Math.abs(to - from) > 180 ? 1 : 0} 1 ${x1.toFixed(2)} ${y1.toFixed(2)}`;
}

export class Knob {
  constructor(action, turn, label = action.name) {
    Object.assign(this, { action, turn, held_ms: -HOLD_MS, travel: 0 });
    this.value = svg("path", { class: "value" });
    this.hand = svg("line", { class: "hand", x1: 50, y1: 22, x2: 50, y2: 36 });
    this.dial = svg("svg", { viewBox: "0 0 100 100", "aria-hidden": "true" },
      svg("circle", { class: "cap", cx: 50, cy: 50, r: 30 }), svg("path", { class: "track", d: arc(FROM, FROM + SWEEP) }), this.value, this.hand);
    this.said = el("output", {});
    this.element = el("div", {
      class: "knob", role: "slider", tabindex: 0, title: action.help, "aria-label": spaced(action.name), "data-action": action.name,
      "aria-valuemin": action.low, "aria-valuemax": action.high,
    }, this.dial, el("span", { class: "name" }, spaced(label)), this.said);
    this.listen();
    this.show(0);
  }

  listen() {
    const { element } = this;
    let last = null;
    element.addEventListener("pointerdown", (event) => {
      if (event.button || document.body.classList.contains("learning")) return;
      element.setPointerCapture(event.pointerId);
      element.focus({ preventScroll: true });
      event.preventDefault();
      last = [event.clientX, event.clientY];
    });
    element.addEventListener("pointermove", (event) => {
      if (!last || !element.hasPointerCapture(event.pointerId)) return;
      const up = event.pointerType === "touch" ? 0 : last[1] - event.clientY;  // a finger that goes up scrolls the page
      const moved = event.clientX - last[0] + up;
      last = [event.clientX, event.clientY];
      this.go(this.travel + (moved / DRAG_PX) * (event.shiftKey ? FINE : 1));
    });
    element.addEventListener("lostpointercapture", () => (last = null));
    element.addEventListener("dblclick", () => this.go(travelOf(this.action, this.action.default)));
    element.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const step = KEY * (event.shiftKey ? FINE : 1);
    const to = {
      ArrowUp: this.travel + step, ArrowRight: this.travel + step, ArrowDown: this.travel - step, ArrowLeft: this.travel - step,
      PageUp: this.travel + PAGE, PageDown: this.travel - PAGE, Home: 0, End: 1,
      Backspace: travelOf(this.action, this.action.default), Delete: travelOf(this.action, this.action.default),
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.go(to);
  }

  go(travel) {
    this.held_ms = performance.now();
    this.show(clamp(travel, 0, 1));
    this.turn(this.action.name, this.travel, "normalized");
  }

  stands(value) {
    if (performance.now() - this.held_ms > HOLD_MS) this.show(travelOf(this.action, value), value);
  }

  show(travel, value = valueOf(this.action, travel)) {
    const { action } = this;
    this.travel = travel;
    const middle = action.low < 0 && action.high > 0 ? FROM + SWEEP * travelOf(action, 0) : FROM;
    const at = FROM + SWEEP * travel;
    this.value.setAttribute("d", Math.abs(at - middle) < 0.5 ? "" : arc(middle, at));
    this.hand.setAttribute("transform", `rotate(${at.toFixed(1)} 50 50)`);
    const text = shown(action, value);
    if (text === this.text) return;
    this.text = text;
    this.said.textContent = text;
    this.element.setAttribute("aria-valuenow", Number(value).toFixed(3));
    this.element.setAttribute("aria-valuetext", text);
  }
}

export class Switch {
  constructor(action, turn, label = action.name) {
    this.element = button(spaced(label), { class: "switch", "data-action": action.name, title: action.help, "aria-pressed": "false" }, () => turn(action.name, !this.on));
    this.on = false;
  }

  stands(value) {
    this.on = Boolean(value);
    this.element.setAttribute("aria-pressed", String(this.on));
  }
}

export class Choice {
  constructor(action, turn, label = action.name) {
    this.buttons = new Map(action.choices.map((choice) => [choice, button(spaced(choice), { role: "radio", "aria-checked": "false" }, () => turn(action.name, choice))]));
    this.few = action.choices.length <= 5;
    this.select = el("select", { "aria-label": spaced(action.name), onchange: () => turn(action.name, this.select.value) }, ...action.choices.map((choice) => el("option", {}, choice)));
    const inner = this.few ? el("div", { class: "row joined", role: "radiogroup", "aria-label": spaced(action.name), onkeydown: (event) => this.key(event) }, ...this.buttons.values()) : this.select;
    this.element = el("div", { class: "choice", "data-action": action.name, title: action.help }, el("span", { class: "name" }, spaced(label)), inner);
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...this.buttons.values()], next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    next.focus();
    next.click();
  }

  stands(value) {
    this.select.value = value;
    for (const [choice, each] of this.buttons) {
      each.setAttribute("aria-checked", String(choice === value));
      each.tabIndex = choice === value ? 0 : -1;
    }
  }
}

export class Trigger {
  constructor(action, turn, { label = action.name, picture, known, value = null, ask = wantsText(action), attributes = {} } = {}) {
    const press = async () => {
      if (document.body.classList.contains("learning")) return;
      if (!ask) return turn(action.name, typeof value === "function" ? value() : value);
      const text = await asked(action, known?.() ?? []);
      if (text !== null) turn(action.name, text);
    };
    this.element = button(label === null ? "" : spaced(label), { class: "trigger", "data-action": action.name, title: action.help, "aria-label": spaced(action.name), ...attributes }, press, picture);
  }

  stands() {}
}

const ASKED = ["locate", "scene bars"];  // numbers that have no usual one
const isText = (action) => typeof action.argument?.default === "string" && !action.argument.choices.length;
const wantsText = (action) => isText(action) || ASKED.includes(action.name);

// Ask for a text or a number; null where it is not wanted after all.
export function asked(action, known) {
  const dialog = $("ask"), text = $("ask-text");
  $("ask-what").textContent = action.help;
  text.inputMode = isText(action) ? "text" : "numeric";
  $("ask-known").replaceChildren(...known.map((name) => el("option", { value: name })));
  text.value = action.argument.default;
  dialog.returnValue = "";
  dialog.showModal();
  text.focus();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes" ? (isText(action) ? text.value.trim() : Number(text.value) || action.argument.default) : null), { once: true }));
}

export function control(action, turn, label) {
  return new { knob: Knob, switch: Switch, choice: Choice, trigger: Trigger }[action.kind](action, turn, action.kind === "trigger" ? { label } : label);
}
