// The notes as they sound, through WebAudio: each a fixed moment after the time it was meant for, so that the groove is kept however
// unevenly the messages come. The moment grows at once when one comes too late, and shrinks by so little a note that nobody hears it, down
// to what the slowest of the last seconds needs. Begins with a gesture, as browsers want it.

import { DRUMS, drum, room } from "./voices.js";
import { clamp } from "./model.js";

const BEHIND_S = 0.03, LATEST_S = 0.4, MARGIN_S = 0.012, SHRINK_S = 0.001, RECENT_S = 10, KEPT = 40, LOOK_MS = 50;
const PAN = { kick: 0, snare: 0.05, closed_hat: 0.25, open_hat: 0.28, low_tom: 0.3, mid_tom: 0.05, high_tom: -0.2, crash: -0.35, ride: 0.4 };
const WET = { kick: 0.02, snare: 0.16, closed_hat: 0.04, open_hat: 0.06, low_tom: 0.14, mid_tom: 0.14, high_tom: 0.14, crash: 0.14, ride: 0.08 };
const CHOKES = { closed_hat: "open_hat" };

export class Sound {
  constructor(model, context) {
    Object.assign(this, { model, given: context, context: null, behind_s: BEHIND_S, late: 0, played: 0, volume: 0.8, leads: [], lags: [], sounding: new Map() });
    model.on("notes", (notes) => this.on && notes.forEach((note) => this.hear(note)));
    model.on("status", (status) => status.playing || this.silence());
  }

  get on() { return this.context !== null && this.context.state !== "closed" && !this.muted; }

  async start() {
    this.muted = false;
    if (!this.context) this.build(this.given ?? new AudioContext({ latencyHint: "interactive" }));
    await this.context.resume?.();
    this.leads = [];
    this.master.gain.setTargetAtTime(this.volume, this.context.currentTime, 0.02);
  }

  stop() {
    this.muted = true;
    this.silence();
    this.master.gain.setTargetAtTime(0, this.context.currentTime, 0.02);
  }

  setVolume(volume) {
    this.volume = volume;
    if (this.on) this.master.gain.setTargetAtTime(volume, this.context.currentTime, 0.02);
  }

  build(context) {
    this.context = context;
    this.master = new GainNode(context, { gain: this.volume });
    const limiter = new DynamicsCompressorNode(context, { threshold: -8, knee: 6, ratio: 8, attack: 0.002, release: 0.12 });
    this.meter = new AnalyserNode(context, { fftSize: 2048 });
    this.master.connect(limiter).connect(this.meter).connect(context.destination);
    const [left, right] = room(context.sampleRate);
    const impulse = new AudioBuffer({ length: left.length, numberOfChannels: 2, sampleRate: context.sampleRate });
    impulse.copyToChannel(left, 0);
    impulse.copyToChannel(right, 1);
    this.room = new ConvolverNode(context, { buffer: impulse });
    this.room.connect(new GainNode(context, { gain: 0.9 })).connect(this.master);
    this.kit = Object.fromEntries(DRUMS.map((name) => {
      const samples = drum(name, context.sampleRate);
      const buffer = new AudioBuffer({ length: samples.length, sampleRate: context.sampleRate });
      buffer.copyToChannel(samples, 0);
      return [name, buffer];
    }));
    this.lead = context.currentTime - performance.now() / 1000;
    if (this.given) return;
    setInterval(() => this.look(), LOOK_MS);
    document.addEventListener("visibilitychange", () => this.on && context.resume());  // telephones put it to sleep
  }

  // The audio clock moves in blocks, so it is behind by up to one: the farthest ahead of the last looks is right.
  look() {
    this.leads = [...this.leads, this.context.currentTime - performance.now() / 1000].slice(-KEPT);
    this.lead = Math.max(...this.leads);
  }

  level() {
    if (!this.on) return 0;
    const samples = new Float32Array(this.meter.fftSize);
    this.meter.getFloatTimeDomainData(samples);
    return samples.reduce((top, x) => Math.max(top, Math.abs(x)), 0);
  }

  hear([at_s, on, number, voice, pitch, velocity, step]) {
    if (on === "silence") return this.silence();
    if (on) this.keepBehind(this.model.now_s(), at_s);
    const when = Math.max(at_s - this.model.offset_s + this.behind_s + this.lead, this.context.currentTime);
    const part = this.model.facts.parts.find((each) => each.number === number), key = `${number} ${voice}`;
    if (on && !part?.melodic) return part && this.hit(DRUMS[voice], velocity / 127, when);
    if (on) this.sounding.set(key, [this.tone(part.stream === "bass" ? BASS : MELODY, pitch, velocity / 127, when, this.sounding.get(key)?.[0]), step]);
    else if (this.sounding.get(key)?.[1] === step) {
      this.sounding.get(key)[0].end(when);
      this.sounding.delete(key);
    }
  }

  keepBehind(now_s, at_s) {
    const lag_s = now_s - at_s;
    this.lags = [...this.lags.filter(([then_s]) => now_s - then_s < RECENT_S), [now_s, lag_s]];
    const needed_s = clamp(Math.max(...this.lags.map(([, each_s]) => each_s)) + MARGIN_S, BEHIND_S, LATEST_S);
    this.late += lag_s > this.behind_s - MARGIN_S / 2;
    this.behind_s = needed_s - MARGIN_S / 2 > this.behind_s ? needed_s : Math.max(this.behind_s - SHRINK_S, Math.min(needed_s, this.behind_s));
  }

  hit(name, loud, when) {
    const { context } = this;
    const source = new AudioBufferSourceNode(context, { buffer: this.kit[name], playbackRate: 1 + 0.012 * (loud - 0.6) });
    const tone = new BiquadFilterNode(context, { type: "lowpass", frequency: 1800 + 16000 * loud ** 1.4 });
    const gain = new GainNode(context, { gain: 0.06 + 0.94 * loud ** 1.7 });
    source.connect(tone).connect(gain).connect(new StereoPannerNode(context, { pan: PAN[name] })).connect(this.master);
    gain.connect(new GainNode(context, { gain: WET[name] })).connect(this.room);
    source.start(when);
    const choked = this.ringing?.[CHOKES[name]];
    choked?.gain.setTargetAtTime(0, when, 0.012);
    this.ringing = { ...this.ringing, [name]: gain };
    this.played += 1;
  }

  tone(kind, pitch, loud, when, before) {
    before?.end(when);
    this.played += 1;
    return kind(this, 440 * 2 ** ((pitch - 69) / 12), loud, when);
  }

  silence() {
    for (const [tone] of this.sounding.values()) tone.end(this.context.currentTime);
    this.sounding.clear();
  }
}

// A voice of oscillators through a low-pass that opens and closes; `end` lets it go.
function voice(sound, oscillators, { peak, sustain, attack, fall, release, cut, open, close, q, wet, pan }, when) {
  const { context, master } = sound;
  const gain = new GainNode(context, { gain: 0 });
  const tone = new BiquadFilterNode(context, { type: "lowpass", Q: q, frequency: cut });
  for (const oscillator of oscillators) oscillator.connect(tone), oscillator.source.start(when);
  tone.connect(gain).connect(new StereoPannerNode(context, { pan })).connect(master);
  gain.connect(new GainNode(context, { gain: wet })).connect(sound.room);
  gain.gain.setValueAtTime(0, when);
  gain.gain.linearRampToValueAtTime(peak, when + attack);
  gain.gain.setTargetAtTime(peak * sustain, when + attack, fall);
  tone.frequency.setValueAtTime(open, when);
  tone.frequency.setTargetAtTime(cut, when, close);
  let ended = false;
  return {
    end(at) {
      if (ended) return;
      ended = true;
      gain.gain.cancelScheduledValues(at);
      gain.gain.setTargetAtTime(0, at, release);
      for (const oscillator of oscillators) oscillator.source.stop(at + release * 8);
    },
  };
}

function wave(context, type, frequency, level, detune = 0) {
  const source = new OscillatorNode(context, { type, frequency, detune });
  const gain = new GainNode(context, { gain: level });
  source.connect(gain);
  return { source, connect: (to) => gain.connect(to) };
}

function BASS(sound, hertz, loud, when) {
  const { context } = sound;
  const parts = [wave(context, "sawtooth", hertz, 0.5, -4), wave(context, "square", hertz, 0.25, 5), wave(context, "sine", hertz, 0.7)];
  const shape = { peak: 0.12 + 0.3 * loud, sustain: 0.72, attack: 0.004, fall: 0.25, release: 0.035 };
  return voice(sound, parts, { ...shape, cut: 260 + hertz * 2, open: 500 + 2400 * loud, close: 0.09, q: 3, wet: 0.02, pan: 0 }, when);
}

function MELODY(sound, hertz, loud, when) {
  const { context } = sound;
  const parts = [wave(context, "triangle", hertz, 0.6, -3), wave(context, "triangle", hertz * 2, 0.16, 4), wave(context, "sawtooth", hertz, 0.14, 6)];
  const shape = { peak: 0.08 + 0.26 * loud, sustain: 0.45, attack: 0.006, fall: 0.3, release: 0.09 };
  return voice(sound, parts, { ...shape, cut: 900 + hertz * 1.5, open: 1800 + 5200 * loud, close: 0.16, q: 1, wet: 0.22, pan: -0.12 }, when);
}
