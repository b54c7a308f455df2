// Learn mode: touch something on the page, then turn something on a controller, and it is bound.

import { button, el } from "./make.js";
import { spaced } from "./model.js";

export class Learn {
  constructor(model, turn, notice) {
    Object.assign(this, { model, turn, notice, on: false });
    this.button = button("learn", { class: "tool", id: "learn", "aria-pressed": "false", title: "bind a control of your controller: touch it here, then there" }, () => this.set(!this.on), "learn");
    this.keep = button("keep", { class: "tool", title: "keep what was learnt in the patch file", hidden: true }, () => turn("learn keep"));
    this.element = el("span", { class: "row" }, this.button, this.keep);
    document.addEventListener("click", (event) => this.touch(event), true);
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.set(false));
    model.on("hands", (hands) => this.show(hands));
  }

  build() {
    this.element.hidden = !this.model.has("learn");
  }

  set(on) {
    if (on === this.on) return;
    this.on = on;
    document.body.classList.toggle("learning", on);
    this.button.setAttribute("aria-pressed", String(on));
    if (!on) this.turn("learn", "");
    this.notice(on ? "touch what is to be bound" : "", on);
    this.mark("");
  }

  touch(event) {
    const control = this.on && event.target.closest?.("[data-action]");
    if (!control || this.element.contains(control)) return;
    event.preventDefault();
    event.stopPropagation();
    this.turn("learn", control.dataset.action);
    this.notice(`${spaced(control.dataset.action)}: now move something on the controller`, true);
    this.mark(control.dataset.action);
  }

  mark(name) {
    for (const each of document.querySelectorAll("[data-action]")) each.classList.toggle("waiting", name !== "" && each.dataset.action === name);
  }

  // What the instrument says of it: what waits, and what was bound last.
  show({ learning = "", learned = "" }) {
    if (learned && learned !== this.learned) {
      this.notice(learned, this.on);
      this.keep.hidden = !this.model.has("learn keep");
    }
    this.learned = learned;
    if (this.on) this.mark(learning);
  }
}
