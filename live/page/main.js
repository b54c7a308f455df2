// The page: the model, the link that keeps it in step, and everything that shows or turns it. One drawing a frame.

import { Gauges } from "./gauges.js";
import { Learn } from "./learn.js";
import { Link } from "./link.js";
import { button, el, $ } from "./make.js";
import { BEATS_PER_BAR, Model, TICKS_PER_BEAT } from "./model.js";
import { Pad } from "./pad.js";
import { Panels } from "./panels.js";
import { Roll } from "./roll.js";
import { Sound } from "./sound.js";

const NOTICE_MS = 6000, TABLE = ["actions", "facts"];

export const model = new Model();
const turn = (...words) => link.turn(...words);
export const pad = new Pad(model, turn), panels = new Panels(model, turn), sound = new Sound(model), learn = new Learn(model, turn, notice);
const gauges = new Gauges(model), roll = new Roll(model);

let said = 0;
function notice(text, stays = false) {
  clearTimeout(said);
  $("notice").textContent = text;
  if (!stays) said = setTimeout(() => ($("notice").textContent = ""), NOTICE_MS);
}

const listen = button("listen", { id: "listen", class: "tool strong", "aria-pressed": "false", title: "hear the notes here, without MIDI" }, hear, "sound");
const volume = el("input", { type: "range", min: 0, max: 1, step: 0.01, value: sound.volume, "aria-label": "volume", id: "volume", oninput: () => sound.setVolume(Number(volume.value)) });
$("tools").replaceChildren(listen, volume, learn.element);

async function hear() {
  if (sound.on) sound.stop();
  else await sound.start();
  listen.setAttribute("aria-pressed", String(sound.on));
  document.body.classList.toggle("heard", sound.on);
}

let table = "";
model.on("actions", () => {
  const now = JSON.stringify(TABLE.map((section) => model.known[section]));
  if (now === table) return;
  table = now;
  document.title = $("patch").textContent = model.known.facts.patch;
  pad.build();
  panels.build();
  learn.build();
});
model.on("positions", (positions) => {
  panels.moved(positions);
  pad.moved();
  if (Object.keys(positions).some((name) => name.startsWith("mute "))) roll.stale = true;
});
model.on("published", () => { pad.rename(); panels.rename(); panels.recast(); panels.showPatch(); panels.showPorts(); });
model.on("hands", (hands) => panels.hands(hands));
model.on("gauges", () => panels.showPorts());
model.on("ports", () => panels.showPorts());
model.on("refused", (why) => notice(why));
model.on("remark", (remark) => remark && notice(remark));

export const link = new Link(model, (state) => {
  const here = state === "here";
  document.body.classList.toggle("away", !here);
  $("away-more").textContent = here ? "" : " the instrument plays on; looking for it";
  $("away").querySelector("strong").textContent = "connection lost";
  if (!here) sound.silence();
});

// Keys, as in the terminal, where no control wants them.
const KEYS = { t: "tap", r: "reseed", f: "fill", p: "panic", 1: "recall A", 2: "recall B", 3: "recall C", 4: "recall D", n: "scene next", "[": "patch previous", "]": "patch next" };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest("input, select, textarea, dialog")) return;
  const name = KEYS[event.key];
  if (event.key === " " && !event.target.closest("button, summary")) {
    event.preventDefault();
    turn(model.known.status?.playing ? "stop" : "play");
  } else if (event.key === "s") listen.click();
  else if (event.key === "l" && model.has("learn")) learn.set(!learn.on);
  else if (event.key === "m") turn([...model.actions.keys()].find((each) => each.startsWith("mute ")));
  else if (name && model.has(name)) turn(name);
});

let shownBeat = NaN;
function place(tick) {
  const playing = Boolean(model.known.status?.playing), beat = playing ? Math.max(0, Math.floor(tick / TICKS_PER_BEAT)) : Math.floor(tick / TICKS_PER_BEAT);
  const key = playing ? beat : -1 - beat;
  if (key === shownBeat) return;
  shownBeat = key;
  document.body.classList.toggle("playing", playing);
  panels.playing?.setAttribute("aria-pressed", String(playing));
  $("bar").textContent = Math.floor(beat / BEATS_PER_BAR) + 1;
  [...$("beats").children].forEach((dot, index) => dot.classList.toggle("on", playing && index === beat % BEATS_PER_BAR));
  if (playing) {
    pad.puck.classList.remove("beat");
    void pad.puck.offsetWidth;
    pad.puck.classList.add("beat");
  }
}

function frame(now_ms) {
  if (model.known.status) {
    const tick = model.tick(model.now_s() - (sound.on ? sound.behind_s : 0));  // the eye with the ear
    place(tick);
    roll.draw(now_ms, tick);
    pad.draw(now_ms);
    if (sound.on) listen.style.setProperty("--level", Math.min(1, sound.level() * 1.4));
  }
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);
export { gauges, roll };
