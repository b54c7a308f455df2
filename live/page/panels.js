// Where each action of the table has its place on the page. What has no place of its own goes to the knobs it is most like: nothing is lost.

import { Choice, Knob, Switch, Trigger, control } from "./controls.js";
import { anchorNames } from "./pad.js";
import { button, el, $ } from "./make.js";
import { BEATS_PER_BAR, spaced } from "./model.js";

const MAIN_PORT = "main", HEARD_BARS = [1, 2, 4, 8, 16];
const SHAPE = ["temperature", "variation", "feel", "timing", "push", "velocity"], WAY = ["glide", "wander", "wander_beats"];


export class Panels {
  constructor(model, turn) { Object.assign(this, { model, turn, controls: new Map(), placed: new Set() }); }

  // Everything anew, from the table.
  build() {
    this.controls.clear();
    this.placed.clear();
    for (const name of ["x", "y", "morph"]) this.placed.add(name);
    this.transport();
    this.time();
    this.anchors();
    this.scenes();
    this.parts();
    this.ports();
    this.knobs();
    this.moved(this.model.known.positions ?? {});
    this.hands(this.model.known.hands ?? {});
  }

  add(name, made) {
    this.placed.add(name);
    if (!this.controls.has(name)) this.controls.set(name, []);
    this.controls.get(name).push(made);
    return made.element;
  }

  of(name, options) {
    const action = this.model.actions.get(name);
    return action ? this.add(name, action.kind === "trigger" ? new Trigger(action, this.turn, options) : control(action, this.turn, options?.label)) : null;
  }

  moved(positions) {
    for (const [name, value] of Object.entries(positions)) for (const each of this.controls.get(name) ?? []) each.stands(value);
  }

  transport() {
    this.playing = this.of("play", { label: null, picture: "play", attributes: { class: "round strong", "aria-keyshortcuts": "Space" } });
    $("transport").replaceChildren(...[
      this.playing, this.of("stop", { label: null, picture: "stop", attributes: { class: "round" } }),
      this.of("continue", { label: null, picture: "continue", attributes: { class: "round" } }),
      this.of("fill", { label: "fill", picture: "fill" }), this.of("reseed", { label: "reseed", picture: "dice" }), this.of("panic", { label: "panic", picture: "panic" }),
    ].filter(Boolean));
    $("beats").replaceChildren(...Array.from({ length: BEATS_PER_BAR }, () => el("i")));
  }

  time() {
    const tempo = this.model.actions.get("tempo");
    if (!tempo) return;
    const field = el("input", { type: "number", min: tempo.low, max: tempo.high, step: "0.1", inputmode: "decimal", "aria-label": "tempo in BPM" });
    field.addEventListener("change", () => field.value && this.turn("tempo", Number(field.value)));
    const made = { element: el("label", { class: "tempo", "data-action": "tempo", title: tempo.help }, field, el("span", {}, "BPM")), stands: (value) => document.activeElement === field || (field.value = Number(value.toFixed(1))) };
    $("time").replaceChildren(...[this.add("tempo", made), this.of("tap", { label: "tap" })].filter(Boolean));
  }

  anchors() {
    this.heardBars = el("select", { "aria-label": "bars to capture", title: "how many bars capture and infill take" }, ...HEARD_BARS.map((bars) => el("option", { value: bars, selected: bars === 2 }, `${bars} bar${bars === 1 ? "" : "s"}`)));
    this.cards = Object.keys(this.model.facts.anchors).map((slot) => {
      const name = el("span", { class: "name" }), recall = this.model.actions.get(`recall ${slot}`);
      const top = recall ? this.of(recall.name, { label: slot, attributes: { class: "recall" } }) : el("b", {}, slot);
      top.append(name);
      const acts = ["sample", "store", "load"].map((deed) => this.of(`${deed} ${slot}`, { label: deed }));
      acts.push(this.of(`capture ${slot}`, { label: "capture", value: () => Number(this.heardBars.value) }));
      return { slot, name, element: el("div", { class: `card at-${slot}` }, top, el("div", { class: "row" }, ...acts.filter(Boolean))) };
    });
    $("anchors").replaceChildren(el("div", { class: "row head" }, el("h2", {}, "anchors"), el("label", { class: "choice" }, el("span", { class: "name" }, "capture"), this.heardBars)), el("div", { class: "cards" }, ...this.cards.map((card) => card.element)));
    $("anchors").hidden = !this.cards.length;
    this.rename();
  }

  rename() {
    for (const card of this.cards ?? []) card.name.title = card.name.textContent = anchorNames(this.model, card.slot).join(" · ") || "—";
  }

  scenes() {
    this.row = el("div", { class: "row", role: "group", "aria-label": "scenes to recall" });
    const known = () => this.sceneNames();
    const acts = ["scene next", "scene store", "scene bars", "scene then", "scene"].map((name) => this.of(name, { label: name === "scene" ? "by name" : name.replace("scene ", ""), known }));
    const patch = this.patches();
    $("scenes").hidden = !patch && !acts.some(Boolean);
    $("scenes").replaceChildren(...[patch, el("h2", {}, "scenes"), this.row, el("div", { class: "row quiet" }, ...acts.filter(Boolean))].filter(Boolean));
    this.scenesShown = "";
    this.recast();
  }

  // Another patch, by the list that the instrument knows.
  patches() {
    const action = this.model.actions.get("patch load");
    this.placed.add("patch load");
    if (!action) return null;
    const select = this.patch = el("select", { "aria-label": "patch", "data-action": "patch load", title: action.help, onchange: () => { this.turn("patch load", select.value); select.blur(); } });
    this.showPatch();
    const [before, after] = [["patch previous", "‹"], ["patch next", "›"]].map(([name, label]) => this.of(name, { label }));
    return el("div", { class: "choice" }, el("span", { class: "name" }, "patch"), ...[before, select, after].filter(Boolean));
  }

  showPatch() {
    const [list = [], [now = ""], [waits = ""]] = ["list", "playing", "waiting"].map((which) => (this.model.published(`/mvae/patch/${which}`) ?? []).map(String));
    const key = JSON.stringify([list, now, waits]);
    if (!this.patch || this.patch.dataset.shown === key) return;
    this.patch.dataset.shown = key;
    this.patch.classList.toggle("waits", Boolean(waits));
    this.patch.replaceChildren(...[...new Set([...list, now, waits].filter(Boolean))].map((name) => el("option", { value: name }, spaced(name))));
    this.patch.value = waits || now;
  }

  sceneNames() {
    return (this.model.published("/mvae/scene/list") ?? []).map(String);
  }

  recast() {
    const [playing] = this.model.published("/mvae/scene/playing") ?? [], [waiting] = this.model.published("/mvae/scene/waiting") ?? [];
    const scene = (name) => button(spaced(name), {
      class: `scene${name === waiting ? " waits" : ""}`, "data-action": "scene", "aria-pressed": String(name === playing),
    }, () => this.turn("scene", name));
    const key = JSON.stringify([this.sceneNames(), playing, waiting]);
    if (key === this.scenesShown) return;
    this.scenesShown = key;
    this.row?.replaceChildren(...this.sceneNames().map(scene));
  }

  parts() {
    const { actions, facts } = this.model;
    $("parts").replaceChildren(...facts.parts.map((part) => {
      const own = [...actions.values()].filter((action) => action.address.startsWith(`/mvae/part/${part.name}/`));
      const switches = own.filter((action) => action.kind === "switch"), whole = switches.filter((action) => action.name.endsWith(` ${part.name}`));
      const hands = whole.map((action) => this.of(action.name, { label: action.name.replace(` ${part.name}`, "") }));
      const locks = switches.filter((action) => !whole.includes(action)).map((action) => this.of(action.name, { label: action.name.split(" ").pop() }));
      const knobs = own.filter((action) => action.kind === "knob"), map = knobs.filter((action) => action.name.includes(".map."));
      const shape = knobs.filter((action) => !map.includes(action)).map((action) => this.add(action.name, new Knob(action, this.turn, action.name.split(".").pop())));
      const notes = map.map((action) => this.add(action.name, new Knob(action, this.turn, action.name.split(".").pop())));
      const choices = own.filter((action) => action.kind === "choice").map((action) => this.add(action.name, new Choice(action, this.turn, action.name.split(".").pop())));
      const kind = part.melodic ? (part.stream === "bass" ? "bass" : "melody") : "drums";
      return el("div", { class: `panel part ${kind}` },
        el("div", { class: "row head" }, el("h2", {}, spaced(part.name)), ...hands),
        locks.length ? more(switches.find((action) => !whole.includes(action)).name.split(" ")[0], el("div", { class: "row" }, ...locks)) : null,
        more("shape", el("div", { class: "knobs" }, ...shape), ...choices),
        notes.length ? more("notes", el("div", { class: "knobs" }, ...notes)) : null);
    }));
  }

  ports() {
    const { actions } = this.model;
    this.selects = [...actions.values()].filter((action) => action.kind === "trigger" && (action.name === "port" || action.name.startsWith("port "))).map((action) => {
      const select = el("select", { "aria-label": spaced(action.name), "data-action": action.name, title: action.help, onchange: () => this.turn(action.name, select.value) });
      this.placed.add(action.name);
      return { action, select };
    });
    const input = (name, said, away) => {
      const action = actions.get(name);
      this.placed.add(name);
      if (!action) return null;
      const select = el("select", { "aria-label": said, "data-action": name, title: action.help, onchange: () => this.turn(name, select.value) });
      return { action, select, said, away };
    };
    this.inputs = [input("listen port", "listen to", "nothing"), input("controller", "controller", "one more")].filter(Boolean);
    this.placed.add("controller remove");
    this.portsSaid = el("p", { class: "said" });
    this.controllers = el("div", { class: "row", role: "group", "aria-label": "controllers" });
    this.bound = el("div", { class: "row", role: "group", "aria-label": "what was learned" });
    $("ports").replaceChildren(el("div", { class: "row head" }, el("h2", {}, "ports"), this.controllers), this.bound, this.portsSaid,
      ...this.selects.map(({ action, select }) => el("label", { class: "choice" }, el("span", { class: "name" }, action.name === "port" ? "out" : action.name.replace("port ", "")), select)),
      ...this.inputs.map(({ said, select }) => el("label", { class: "choice" }, el("span", { class: "name" }, said), select)));
    this.showPorts();
  }

  showPorts() {
    const { ports, gauges } = this.model.known;
    const peers = gauges?.peers?.length ? ` → ${gauges.peers.join(", ")}` : "";
    if (!this.selects) return;
    this.portsSaid.textContent = `${gauges?.port || "no MIDI port"}${peers}`;
    for (const { action, select } of this.selects) {
      const none = action.name === "port" ? "a virtual port" : "the instrument's";
      const [now = ""] = this.model.published(`/mvae/port/${action.name.slice(5) || MAIN_PORT}`) ?? [];
      offer(select, none, ports?.outputs ?? [], now);
    }
    const taken = this.model.published("/mvae/controller/list") ?? [], [heard = ""] = this.model.published("/mvae/listen/input") ?? [];
    for (const { action, select, away } of this.inputs) {
      const adds = action.name === "controller", names = (ports?.inputs ?? []).filter((name) => !adds || !taken.includes(name));
      offer(select, away, names, adds ? "" : heard);
    }
  }

  // Which controllers there are, and which way to turn what does not have its knob.
  hands({ controllers = [], takeover = {}, bound = [] }) {
    const remove = (deed, said, ...words) => button("×", { class: "remove", title: this.model.actions.get(deed)?.help, "aria-label": said }, () => this.turn(deed, ...words));
    const away = (name, port) => remove("controller remove", `hear ${name} no more`, port || name);
    this.bound?.replaceChildren(...bound.map(([says, control]) => el("span", { class: "pill" }, `${spaced(says)}: ${control}`, remove("learn forget", `forget ${says}`, says))));
    this.controllers?.replaceChildren(...controllers.map(({ name, port, present }) => el("span", { class: `pill${present ? " here" : " gone"}`, title: port }, present ? name : `${name} is gone`, this.model.has("controller remove") ? away(name, port) : null)));
    for (const [name, all] of this.controls) for (const { element } of all) if (takeover[name]) element.dataset.turn = takeover[name]; else delete element.dataset.turn;
  }

  knobs() {
    const left = [...this.model.actions.values()].filter((action) => !this.placed.has(action.name));
    const take = (test) => left.filter((action) => action.kind === "knob" && test(action) && !this.placed.has(action.name)).map((action) => this.add(action.name, new Knob(action, this.turn)));
    const group = (title, made) => made.length ? el("div", { class: "panel group" }, el("h2", {}, title), el("div", { class: "knobs" }, ...made)) : null;
    const music = take((action) => action.unit === "sd"), shape = take((action) => SHAPE.includes(action.name));
    const way = take((action) => WAY.includes(action.name)), rest = take(() => true);
    const choices = left.filter((action) => action.kind === "choice" && !this.placed.has(action.name)).map((action) => this.add(action.name, new Choice(action, this.turn)));
    const others = left.filter((action) => ["switch", "trigger"].includes(action.kind) && !this.placed.has(action.name) && !action.name.startsWith("learn"))
      .map((action) => this.add(action.name, action.kind === "switch" ? new Switch(action, this.turn) : new Trigger(action, this.turn, action.name === "infill" ? { value: () => Number(this.heardBars.value) } : {})));
    const [short, long] = [false, true].map((spaces) => others.filter((each) => each.dataset.action.includes(" ") === spaces));
    const hold = el("div", { class: "panel row hold" }, ...choices, ...short, long.length ? more("more", el("div", { class: "row" }, ...long)) : null);
    $("knobs").replaceChildren(...[group("music", music), group("chance and feel", shape), group("way and time", [...way, ...rest]), hold].filter(Boolean));
  }
}

// What a select offers: none, or one of these; left alone while a hand is on it.
function offer(select, none, names, now) {
  const key = JSON.stringify([names, now]);
  if (select.dataset.shown === key || document.activeElement === select) return;
  select.dataset.shown = key;
  select.replaceChildren(el("option", { value: "" }, none), ...names.map((name) => el("option", { value: name }, name)));
  select.value = names.includes(now) ? now : "";
}

function more(title, ...inside) {
  return el("details", { open: matchMedia("(min-width: 1800px)").matches && title === "shape" }, el("summary", {}, title), ...inside);
}

