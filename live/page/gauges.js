// How the machine keeps up: headroom, late phrases, how late notes are sent; and the sync with others.

import { el, $ } from "./make.js";

const KEPT = 24;  // looks, some four a second

export class Gauges {
  constructor(model) {
    Object.assign(this, { model, left: [] });
    this.bar = el("span", { class: "fill" });
    this.meter = el("div", { class: "meter", role: "meter", "aria-label": "headroom", "aria-valuemin": 0, "aria-valuemax": 100 }, this.bar);
    this.head = el("b", { class: "figure" });
    this.cells = Object.fromEntries(["decode", "late phrases", "late notes", "send lateness", "dropped"].map((name) => [name, el("b")]));
    const cells = Object.entries(this.cells).map(([name, value]) => el("div", { class: "gauge" }, value, el("span", {}, name)));
    $("gauges").replaceChildren(el("h2", {}, "headroom"), el("div", { class: "headroom" }, this.head, this.meter), el("div", { class: "cells" }, ...cells));
    model.on("gauges", (gauges) => this.show(gauges));
    for (const section of ["published", "facts"]) model.on(section, () => this.sync());
  }

  show(gauges) {
    this.left = [...this.left, gauges.left_ms].slice(-KEPT);
    const least = Math.min(...this.left), room = Math.max(0, 100 * (1 - gauges.decode_p99_ms / Math.max(least, 1)));
    this.head.textContent = `${Math.floor(room)} %`;
    this.bar.style.width = `${room}%`;
    this.meter.classList.toggle("low", room < 50);
    this.meter.setAttribute("aria-valuenow", Math.round(room));
    this.meter.title = `99 of 100 decodes take less than ${gauges.decode_p99_ms} ms; there were never less than ${least} ms left`;
    this.set("decode", `${gauges.decode_p50_ms.toFixed(1)} ms`);
    this.set("late phrases", gauges.late_phrases, gauges.late_phrases > 0);
    this.set("late notes", gauges.late_notes);
    this.set("dropped", gauges.dropped_notes);
    this.set("send lateness", `${gauges.lateness_ms.toFixed(2)} ms`);
    this.cells["send lateness"].title = `worst ${gauges.worst_lateness_ms} ms`;
  }

  set(name, text, bad = false) {
    this.cells[name].textContent = text;
    this.cells[name].classList.toggle("bad", bad);
  }

  sync() {
    const [state, peers] = this.model.published("/mvae/sync") ?? [], kind = this.model.facts.sync ?? "internal";
    const many = `${peers} peer${peers === 1 ? "" : "s"}`;
    const text = { internal: "own clock", midi: `MIDI clock ${state ?? "waiting"}`, link: `Link · ${many}` }[kind] ?? kind;
    $("sync").textContent = text;
    $("sync").dataset.state = kind === "internal" ? "own" : state ?? "waiting";
  }
}
