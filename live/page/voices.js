// The sound of nine drums as samples, computed once: pure functions of a sample rate. Knows nothing of audio contexts.

export const DRUMS = ["kick", "snare", "closed_hat", "open_hat", "low_tom", "mid_tom", "high_tom", "crash", "ride"];
const TAU = 2 * Math.PI;

function noise(seed) {  // the same at every start: a linear congruence, -1..1
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2147483648 - 1;
}

const decay = (t, seconds) => Math.exp(-t / seconds);

// A filter of two poles: gives low, band and high of what it is fed.
function filter(rate, hertz, q) {
  const f = 2 * Math.sin(Math.PI * Math.min(hertz / rate, 0.16)), damp = 1 / q;
  let low = 0, band = 0;
  return (x) => {
    low += f * band;
    const high = x - low - damp * band;
    band += f * high;
    return [low, band, high];
  };
}

function render(rate, seconds, sample, peak) {
  const out = new Float32Array(Math.ceil(rate * seconds));
  let top = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = sample(i / rate, i);
    top = Math.max(top, Math.abs(out[i]));
  }
  const fade = Math.round(rate * 0.01);
  for (let i = 0; i < out.length; i++) out[i] *= (peak / (top || 1)) * Math.min(1, (out.length - i) / fade);
  return out;
}

// A sine that falls from `from` to `to` hertz.
function sweep(rate, from, to, seconds) {
  let phase = 0;
  return (t) => Math.sin((phase += (TAU * (to + (from - to) * decay(t, seconds))) / rate));
}

function kick(rate) {
  const body = sweep(rate, 190, 47, 0.035), click = noise(1), edge = filter(rate, 3000, 0.8);
  return render(rate, 0.55, (t) => Math.tanh(1.7 * body(t) * decay(t, 0.16)) + 0.35 * edge(click())[1] * decay(t, 0.004), 0.95);
}

function snare(rate) {
  const low = sweep(rate, 260, 182, 0.02), high = sweep(rate, 420, 331, 0.02), wires = noise(2), cut = filter(rate, 4200, 0.7);
  const crisp = filter(rate, 1500, 0.6);
  return render(rate, 0.4, (t) => {
    const rattle = crisp(cut(wires())[1])[2] + 0.2 * cut(wires())[2];
    return 0.6 * low(t) * decay(t, 0.07) + 0.28 * high(t) * decay(t, 0.045) + 1.1 * rattle * (decay(t, 0.085) + 0.5 * decay(t, 0.012));
  }, 0.8);
}

function tom(rate, hertz, seed) {
  const body = sweep(rate, hertz * 1.9, hertz, 0.05), second = sweep(rate, hertz * 2.9, hertz * 1.58, 0.04);
  const skin = noise(seed), dull = filter(rate, 1100, 0.7);
  return render(rate, 0.6, (t) => body(t) * decay(t, 0.17) + 0.25 * second(t) * decay(t, 0.07) + 0.35 * dull(skin())[1] * decay(t, 0.018), 0.8);
}

// Metal: six squares that are no chord, and noise, above a few kilohertz.
const METAL = [205.3, 304.4, 369.6, 522.7, 540, 800];
function metal(rate, seconds, { stretch = 1, cut, fall, tick = 0, hiss = 0.5, seed, ping = 0, peak }) {
  const bright = filter(rate, cut, 1.1), airy = filter(rate, 6500, 0.8), air = noise(seed);
  const partials = METAL.map((hertz) => hertz * stretch * 2);
  return render(rate, seconds, (t) => {
    let clang = 0;
    for (const hertz of partials) clang += (t * hertz) % 1 < 0.5 ? 1 : -1;
    const ring = bright(clang / 6)[2], breath = airy(air())[2];
    const bell = ping * Math.sin(TAU * 3050 * t) * decay(t, 0.18) + ping * 0.6 * Math.sin(TAU * 4721 * t) * decay(t, 0.11);
    const attack = Math.min(1, t / 0.0008);
    return attack * ((ring + hiss * breath) * (decay(t, fall) + tick * decay(t, 0.006)) + bell);
  }, peak);
}

const RECIPES = {
  kick: kick,
  snare: snare,
  closed_hat: (rate) => metal(rate, 0.16, { cut: 7200, fall: 0.028, tick: 0.5, hiss: 0.6, seed: 3, peak: 0.42 }),
  open_hat: (rate) => metal(rate, 0.75, { cut: 6800, fall: 0.2, tick: 0.4, hiss: 0.6, seed: 4, peak: 0.42 }),
  low_tom: (rate) => tom(rate, 92, 5),
  mid_tom: (rate) => tom(rate, 128, 6),
  high_tom: (rate) => tom(rate, 174, 7),
  crash: (rate) => metal(rate, 2.0, { stretch: 1.31, cut: 4200, fall: 0.55, tick: 0.9, hiss: 1.2, seed: 8, peak: 0.5 }),
  ride: (rate) => metal(rate, 1.3, { stretch: 1.12, cut: 5600, fall: 0.34, tick: 0.7, hiss: 0.25, seed: 9, ping: 0.25, peak: 0.4 }),
};

export function drum(name, rate) { return RECIPES[name](rate); }

// A room: noise that dies away, a little darker the later it is; two channels.
export function room(rate, seconds = 1.1) {
  return [11, 12].map((seed) => {
    const air = noise(seed), dark = filter(rate, 2600, 0.7);
    return render(rate, seconds, (t) => dark(air())[0] * decay(t, seconds / 5) * Math.min(1, t / 0.006), 0.5);
  });
}
