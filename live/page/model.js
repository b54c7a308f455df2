// What the page knows of the instrument: sections of news, merged as they come, and the time of the instrument's clock.
// Knows nothing of sockets and elements.

export const TICKS_PER_BEAT = 960, TICKS_PER_STEP = 240, STEPS_PER_BAR = 16, BEATS_PER_BAR = 4;
const BY_KEY = new Set(["positions", "published", "phrases"]);
const EVENTS = new Set(["notes", "refused"]);

export class Model {
  constructor() {
    this.known = {};
    this.actions = new Map();
    this.hearers = new Map();
    this.offset_s = 0;  // the instrument's seconds less the page's
    this.pings = [];
  }

  on(section, hear) {
    if (!this.hearers.has(section)) this.hearers.set(section, []);
    this.hearers.get(section).push(hear);
  }

  forget() { this.known = {}; this.pings = []; }

  take(news) {
    if (news.actions) for (const section of BY_KEY) delete this.known[section];  // of another patch
    for (const [section, told] of Object.entries(news)) {
      if (BY_KEY.has(section)) this.known[section] = { ...this.known[section], ...told };
      else if (!EVENTS.has(section)) this.known[section] = told;
    }
    if (news.actions) this.actions = new Map(news.actions.map((action) => [action.name, action]));
    const first = ["actions", "facts"].filter((section) => section in news);
    for (const section of new Set([...first, ...Object.keys(news)]))
      for (const hear of this.hearers.get(section) ?? []) hear(news[section]);
  }

  get facts() { return this.known.facts?.more ?? { parts: [], anchors: {} }; }
  position(name) { return this.known.positions?.[name]; }
  published(address) { return this.known.published?.[address]; }
  has(name) { return this.actions.has(name); }

  // The shortest way there and back tells best how the two clocks stand to each other.
  pong(sent_s, came_s, theirs_s) {
    this.pings = [...this.pings, { took_s: came_s - sent_s, offset_s: theirs_s - (sent_s + came_s) / 2 }].slice(-12);
    this.offset_s = this.pings.reduce((best, ping) => (ping.took_s < best.took_s ? ping : best)).offset_s;
  }

  now_s() { return performance.now() / 1000 + this.offset_s; }

  tick(now_s = this.now_s()) {
    const status = this.known.status;
    if (!status) return 0;
    if (!status.playing) return status.stopped_tick;
    return (status.beat + (now_s - status.at_s) / status.seconds_per_beat) * TICKS_PER_BEAT - status.origin_tick;
  }
}

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

const CURVES = {
  linear: [(t, low, high) => low + t * (high - low), (v, low, high) => (v - low) / (high - low)],
  square: [(t, low, high) => low + t * t * (high - low), (v, low, high) => Math.sqrt((v - low) / (high - low))],
  log: [(t, low, high) => low * (high / low) ** t, (v, low, high) => Math.log(v / low) / Math.log(high / low)],
};

export function valueOf(action, travel) {
  return CURVES[action.curve][0](clamp(travel, 0, 1), action.low, action.high);
}

export function travelOf(action, value) {
  if (value === undefined || action.high === action.low) return 0;
  return clamp(CURVES[action.curve][1](clamp(value, action.low, action.high), action.low, action.high), 0, 1);
}

export function shown(action, value) {
  const range = action.high - action.low;
  const digits = action.whole || range >= 50 ? 0 : range >= 10 ? 1 : 2;
  const text = Number(value ?? 0).toFixed(digits).replace(/^-(0(\.0*)?)$/, "$1");
  const signed = action.low < 0 && Number(text) > 0 ? `+${text}` : text;
  return `${signed.replace("-", "−")}${action.unit ? ` ${action.unit}` : ""}`;
}

export const spaced = (name) => name.replaceAll("_", " ");
