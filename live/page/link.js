// The WebSocket to the surface: says when it is lost, finds it again by itself, sends the newest position of each knob once a frame.

const FIRST_MS = 250, LONGEST_MS = 3000, SILENT_MS = 4000, PING_MS = 1000, BURST = 6, BURST_MS = 60;

export class Link {
  constructor(model, onState) {
    Object.assign(this, { model, onState, wait_ms: FIRST_MS, waiting: new Map(), asked: [], drawn: false, heard_ms: 0 });
    setInterval(() => this.look(), PING_MS);
    addEventListener("online", () => this.open());
    document.addEventListener("visibilitychange", () => document.hidden || this.look());
    this.open();
  }

  open() {
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    clearTimeout(this.again);
    const socket = this.socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws${location.search}`);
    this.fresh = true;
    this.heard_ms = performance.now();
    socket.onmessage = (message) => socket === this.socket && this.hear(JSON.parse(message.data));
    socket.onclose = () => socket === this.socket && this.lost();
  }

  lost() {
    this.socket = null;
    this.waiting.clear();
    this.onState("lost");
    this.again = setTimeout(() => this.open(), this.wait_ms);
    this.wait_ms = Math.min(this.wait_ms * 1.6, LONGEST_MS);
  }

  hear(news) {
    this.heard_ms = performance.now();
    if ("pong" in news) return this.model.pong(news.pong, performance.now() / 1000, news.now_s);
    if (this.fresh) {
      this.fresh = false;
      this.wait_ms = FIRST_MS;
      this.model.forget();
      for (let count = 0; count < BURST; count++) setTimeout(() => this.ping(), count * BURST_MS);
      this.model.take(news);
      return this.onState("here");
    }
    this.model.take(news);
  }

  look() {
    if (!this.socket) return this.open();
    if (performance.now() - this.heard_ms > SILENT_MS) {
      const silent = this.socket;
      this.socket = null;
      silent.close();
      return this.lost();
    }
    this.ping();
  }

  ping() { this.send({ ping: performance.now() / 1000 }); }

  send(words) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(words));
  }

  // A knob's newest position wins; everything else keeps its order.
  turn(name, value = null, scale = "own") {
    if (scale === "normalized") this.waiting.set(name, [name, value, scale]);
    else {
      this.asked.push(...this.waiting.values(), [name, value, scale]);
      this.waiting.clear();
    }
    if (!this.drawn) {
      this.drawn = true;
      requestAnimationFrame(() => this.flush());
    }
  }

  flush() {
    this.drawn = false;
    const turns = [...this.asked, ...this.waiting.values()];
    this.asked = [];
    this.waiting.clear();
    if (turns.length) this.send({ turns });
  }
}
