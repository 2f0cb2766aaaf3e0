/**
 * The live panel: what a running cell uses, drawn in the browser while the kernel is busy.
 *
 * The kernel (panel.py) tells what its sampler saw; this module keeps it, draws it, and turns joules into grams for the
 * region that the learner chooses. Numbers are worded here exactly as Python words them on the card that follows
 * (interval.py, units.py, carbon/, notebook/wording.py): a test compares the two digit for digit.
 *
 * One file of this length, because an anywidget is one module and there is no build step that could join several.
 * Read it from above: numbers, memory of bounded size, what is known of a run (Store), the chart, the view.
 *
 * The default export is a function, so that anywidget makes a pair of `initialize` and `render` for each model: the two
 * get different proxies of one model, and what they share is this closure.
 */

// ---------------------------------------------------------------------------------------------- numbers, as in Python

const JOULES_PER_KWH = 3_600_000;
const JOULES_PER_LITRE_BOILED = 4_186 * 80;
const LED_LAMP_W = 10;
const PREFIXES = [[1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"], [1e-6, "µ"], [1e-9, "n"]];
const EXACT_DIGITS = 100; // the most that toFixed gives: enough to see whether a double lies half-way

/** Python's f"{round(value, decimals):.{decimals}f}": ties go to the even digit, where toFixed takes the larger. */
export function fixed(value, decimals) {
  const digits = BigInt(Math.abs(value).toFixed(EXACT_DIGITS).replace(".", ""));
  const unit = 10n ** BigInt(EXACT_DIGITS - Math.min(decimals, EXACT_DIGITS));
  const twice = (digits % unit) * 2n;
  let count = digits / unit;
  if (twice > unit || (twice === unit && count % 2n === 1n)) count += 1n;
  const sign = value < 0 ? "-" : "";
  if (decimals <= 0) return `${sign}${count * 10n ** BigInt(-decimals)}`;
  const text = String(count).padStart(decimals + 1, "0");
  return `${sign}${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
}

/** A figure that fits beside an axis: six characters at most. */
export function axisFigure(value) {
  const plain = general(value, 3);
  if (plain.length <= 6 && !plain.includes("e")) return plain;
  const [digits, exponent] = Number(general(value, 2)).toExponential(1).split("e"); // rounded as Python rounds
  return `${digits}e${Number(exponent)}`;
}

/** Python's f"{value:.{digits}g}". */
export function general(value, digits) {
  if (value === 0) return "0";
  let exponent = Number(value.toExponential().split("e")[1]);
  if (Math.abs(Number(fixed(value, digits - 1 - exponent))) >= Number(`1e${exponent + 1}`)) exponent += 1;
  const rounded = fixed(value, digits - 1 - exponent);
  const stripped = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent >= -4 && exponent < digits) return stripped(rounded);
  const mantissa = stripped(Number(rounded).toExponential(digits - 1).split("e")[0]);
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function scaled(value, unit) {
  const size = Math.abs(value);
  const found = PREFIXES.find(([factor]) => size >= factor * 0.9995); // below, it would print as 1000 of the next unit
  if (found) return [found[0], found[1] + unit];
  return size === 0 ? [1, unit] : [1e-9, `n${unit}`];
}

function rounded(value, doubt) {
  if (value === 0) return "0";
  const twoDigits = 1 - Math.floor(Math.log10(Math.abs(value)));
  const decimals = doubt <= 0 ? twoDigits : Math.max(twoDigits, -Math.floor(Math.log10(doubt)));
  return fixed(value, Math.min(decimals, twoDigits + 2));
}

/** [best, low, high, prefixed unit] of an interval [low, best, high], with no more digits than the range supports. */
export function figures([low, best, high], unit) {
  const [factor, prefixed] = scaled(best || high, unit);
  const doubt = (high - low) / 2 / factor;
  return [...[best, low, high].map((value) => rounded(value / factor, doubt)), prefixed];
}

/** The best figure with its unit, such as "15.4 kJ". */
export function amount(interval, unit = "J") {
  const [best, , , prefixed] = figures(interval, unit);
  return `${best} ${prefixed}`;
}

const exactly = (value) => [value, value, value];

/** The product of independent factors: the logarithms of their ranges in quadrature. */
export function product(factors) {
  const multiplied = (index) => factors.reduce((whole, factor) => whole * factor[index], 1);
  const [least, best, most] = [multiplied(0), multiplied(1), multiplied(2)];
  if (best === 0) return [0, 0, most];
  const below = Math.hypot(...factors.map(([low, middle]) => Math.log(middle) - Math.log(low)));
  const spread = Math.hypot(...factors.map(([, middle, high]) => Math.log(high) - Math.log(middle)));
  const low = least > 0 ? best * Math.exp(-below) : 0;
  const high = spread < 700 ? Math.min(best * Math.exp(spread), most) : most; // exp overflows from 710 on
  return [Math.min(Math.max(low, least), best), best, Math.max(high, best)];
}

/** Grams of CO2e: PUE × energy × grid intensity. */
export function footprint(energyJ, pue, intensityGPerKwh) {
  return product([energyJ.map((value) => value * (pue / JOULES_PER_KWH)), intensityGPerKwh]);
}

/** What else this much electricity does: a 10 W lamp by definition, heating water by physics. */
export function everyday(energyJ) {
  if (energyJ < JOULES_PER_LITRE_BOILED / 1000) return `like a ${LED_LAMP_W} W lamp for ${short(energyJ / LED_LAMP_W)} s`;
  const litres = energyJ / JOULES_PER_LITRE_BOILED;
  const water = litres < 0.9995 ? `${short(litres * 1000)} ml` : `${short(litres)} litres`;
  return `like heating ${water} of water to the boil`;
}

function short(value) {
  if (value >= 9.95) return fixed(value, 0).replace(/\B(?=(\d{3})+$)/g, ",");
  return value < 0.995 ? general(value, 2) : fixed(value, 1);
}

/** The basis with its mark and how far the figure may be off: "≈ modelled ×/÷ 2", "counter ± 5 %". */
export function basisText(basis, energyJ, belowResolution = false) {
  if (!energyJ) return "? not measured";
  const [low, best, high] = energyJ;
  const sign = { modelled: "≈ ", replayed: "▷ " }[basis] ?? "";
  if (belowResolution) return `${sign}${basis}, below resolution`;
  if (low <= 0 || best <= 0) return `${sign}${basis}`;
  const factor = Math.max(high / best, best / low);
  const share = Math.max(high - best, best - low) / best;
  if (factor >= 1.25) return `${sign}${basis} ×/÷ ${general(factor, 2)}`;
  return share > 0 ? `${sign}${basis} ± ${general(share * 100, 2)} %` : `${sign}${basis}`;
}

/** Round figures from 0 that cover 0 … most, about so many steps. */
export function niceTicks(most, about = 4) {
  if (most <= 0) return [0, 1];
  const magnitude = Number(`1e${Math.floor(Math.log10(most / about))}`);
  const step = [1, 2, 2.5, 5, 10].map((size) => size * magnitude).find((size) => most / size <= about);
  const count = Math.ceil(most / step - 1e-9) + 1;
  return Array.from({ length: count }, (_, index) => Number(fixed(index * step, 10)));
}

/** A stretch of time as a person says it: "21 s", "3 min 20 s", "1 h 05 min". */
export function duration(seconds) {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}

/** A share as whole per cent; cut off, not rounded, so that 100 % means all of it. */
function percent(share) {
  if (share > 0 && share < 0.001) return "under 0.1 %";
  return share < 0.0995 ? `${general(share * 100, 2)} %` : `${fixed(Math.floor(share * 100 + 1e-9), 0)} %`;
}

const PREFIX_WORDS = { G: "giga", M: "mega", k: "kilo", m: "milli", "µ": "micro", n: "nano" };

/** A figure for a screen reader, which would read "kJ" letter by letter: "9.8 kilojoules". */
function spokenEnergy(interval) {
  const [best, , , unit] = figures(interval, "J");
  return `${best} ${unit.length > 1 ? PREFIX_WORDS[unit[0]] : ""}joules`;
}

// ------------------------------------------------------------------------------------------- memory of bounded size

const MOST_KEPT = 600; // about one for each pixel of the chart's width

/** Power over time as [from s, to s, watts]; an hour of it takes no more room than a minute, and keeps its joules. */
export class Steps {
  constructor() {
    this.items = [];
    this.leastS = 0; // shorter steps are merged into their neighbour
  }

  add(step) {
    const last = this.items.at(-1);
    if (last && step[1] - last[0] <= this.leastS) this.items[this.items.length - 1] = merged(last, step);
    else this.items.push([step[0], step[1], step[2]]);
    if (this.items.length > MOST_KEPT) this.compact();
  }

  compact() {
    const spanS = this.items.at(-1)[1] - this.items[0][0];
    this.leastS = Math.max(2 * this.leastS, (2 * spanS) / MOST_KEPT);
    const kept = [];
    for (const step of this.items) {
      if (kept.length && step[1] - kept.at(-1)[0] <= this.leastS) kept.push(merged(kept.pop(), step));
      else kept.push(step);
    }
    this.items = kept;
  }
}

/** Two neighbouring steps as one: the mean weighted by time, so that the area is kept. */
function merged([from, middle, before], [start, to, after]) {
  const energyJ = before * (middle - from) + after * (to - start);
  return [from, to, to > from ? energyJ / (to - from) : after];
}

/** A loss curve as [s, loss]; thinned evenly, its newest point always kept. */
export class Curve {
  constructor() {
    this.points = [];
    this.leastS = 0;
  }

  add([timeS, value]) {
    if (!Number.isFinite(value)) return;
    const before = this.points.at(-2);
    if (before && timeS - before[0] < this.leastS) this.points.pop();
    this.points.push([timeS, value]);
    if (this.points.length > MOST_KEPT) this.thin();
  }

  thin() {
    this.leastS = Math.max(2 * this.leastS, (2 * (this.points.at(-1)[0] - this.points[0][0])) / MOST_KEPT);
    const all = this.points;
    this.points = [];
    for (const point of all) {
      if (!this.points.length || point === all.at(-1) || point[0] - this.points.at(-1)[0] >= this.leastS) {
        this.points.push(point);
      }
    }
  }
}

// -------------------------------------------------------------------------------------------- what is known of a run

const EMPTY_RUN = { id: "", mode: "panel", place: "", parts: [], missing: [], region: "", regions: [], pue: 1 };

/** Everything that arrived for one model. Views come and go (JupyterLab detaches them) and draw from here. */
export class Store {
  constructor(model) {
    this.model = model;
    this.views = new Set();
    this.hasKernelEnded = false;
    this.takeRun();
  }

  takeRun() {
    const run = { ...EMPTY_RUN, ...this.model.get("run") };
    if (run.id !== this.run?.id) this.forget(run);
    this.run = run;
    if (!this.hasChosen) this.region = this.startRegion = run.region;
    if (run.guess_j != null) this.guess = { energyJ: run.guess_j };
    this.tellViews();
  }

  forget(run) {
    this.latest = { t: 0, parts: {}, total: null, idle_j: null, progress: null, notices: [] };
    this.hasTicked = false;
    this.status = ""; // how the cell ended; empty while it runs
    this.hasChosen = false; // whether the learner chose a region here
    this.guess = run.guess_j == null ? null : { energyJ: run.guess_j }; // energyJ null: shown without guessing
    this.heardMs = performance.now();
    this.clearSeries();
  }

  clearSeries() {
    this.steps = new Map();
    this.wattsNow = new Map(); // of the newest step by itself: the kept ones may be means
    this.curves = new Map();
  }

  take(message) {
    if (message.kind === "end") this.status = message.status;
    if (message.kind === "all") this.clearSeries();
    if (message.kind === "tick" || message.kind === "all") this.takeTick(message);
    this.heardMs = performance.now();
    this.hasKernelEnded = false;
    this.tellViews();
  }

  takeTick(tick) {
    this.latest = tick;
    this.hasTicked = true;
    for (const [key, steps] of Object.entries(tick.steps ?? {})) {
      if (!this.steps.has(key)) this.steps.set(key, new Steps());
      for (const step of steps) this.steps.get(key).add(step);
      if (steps.length) this.wattsNow.set(key, steps.at(-1)[2]);
    }
    for (const [key, points] of Object.entries(tick.losses ?? {})) {
      if (!this.curves.has(key)) this.curves.set(key, new Curve());
      for (const point of points) this.curves.get(key).add(point);
    }
  }

  endKernel() {
    this.hasKernelEnded = true;
    for (const view of [...this.views]) view.draw(); // at once: the view may be taken away in this very moment
  }

  tellKernel(message) {
    if (!this.hasKernelEnded) this.model.send(message);
  }

  chooseRegion(code) {
    this.hasChosen = true;
    this.region = code;
    this.tellKernel({ kind: "region", region: code });
    for (const view of this.views) view.draw();
  }

  makeGuess(energyJ) {
    this.guess = { energyJ };
    this.tellKernel({ kind: "guess", energy_j: energyJ });
    for (const view of this.views) view.draw();
  }

  tellViews() {
    for (const view of this.views) view.schedule();
  }

  /** Whether the figures wait for the learner's guess. */
  get isHidden() {
    return this.run.mode === "guess" || Boolean(this.run.predict && !this.guess);
  }

  /** Seconds without news while the cell runs, 0 while they are few. */
  get silenceS() {
    const silentS = (performance.now() - this.heardMs) / 1000;
    return this.status || this.run.mode === "guess" || silentS <= 3 ? 0 : Math.floor(silentS);
  }

  /** The row of a region: { name, valueGPerKwh, intensity, text }. */
  grid(code = this.region) {
    const row = this.run.regions.find(([known]) => known === code);
    if (!row) return null;
    const [, name, valueGPerKwh, year, source, low, high] = row;
    const text = `${fixed(valueGPerKwh, 0)} g/kWh · ${year} · ${source}`;
    return { code, name, text, intensity: [low, valueGPerKwh, high] };
  }

  /** Grams for the joules so far on a region's grid; null where either is unknown. */
  grams(code = this.region) {
    const grid = this.grid(code);
    return this.latest.total && grid ? footprint(this.latest.total, this.run.pue, grid.intensity) : null;
  }
}

// ---------------------------------------------------------------------------------------------------- elements

function make(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function makeSvg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Changes one text node in place, and only if need be: a selection, a focus, a screen reader's place stay. */
function say(node, text) {
  if (!node.firstChild) node.append("");
  if (node.firstChild.data !== text) node.firstChild.data = text;
}

function set(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/** A line that is there only while it has something to say. */
function sayOrHide(node, text) {
  say(node, text);
  node.hidden = !text;
}

function fillTo(node, share) {
  const value = `${(100 * Math.min(1, Math.max(0, share))).toFixed(1)}%`;
  if (node.style.width !== value) node.style.width = value;
}

// Okabe and Ito's colours, made lighter where they lie on a dark page.
const ON_DARK = {
  "#0072b2": "#56b4e9", "#56b4e9": "#a8dcf8", "#009e73": "#2fc79b", "#cc79a7": "#e3a3c5",
  "#e69f00": "#f0b93c", "#8a939c": "#a7b0b9", "#999933": "#c4c46a",
};

function colourOf(part) {
  return `--glm-on-light:${part.colour};--glm-on-dark:${ON_DARK[part.colour.toLowerCase()] ?? part.colour}`;
}

// ------------------------------------------------------------------------------------------------------- the chart

const LEFT = 46;
const RIGHT = 14;
const BOTTOM = 26;
const POWER_HEIGHT = 132;
const LOSS_TOP = 24;
const LOSS_HEIGHT = 44;
const LOSS_ALONE_HEIGHT = 110;
const LEAST_SPAN_S = 5; // a time axis of less would jump with every tick
const MOST_TICKS = 8;
const LABEL_EVERY_MS = 5000;
const CURVES = [["loss", "training"], ["val_loss", "validation"]];

/** Stacked power below, the loss above it, on one time axis. Its elements are made once; drawing moves them. */
class Chart {
  constructor() {
    this.wattLines = pool(() => makeSvg("path", { class: "glm-line" }));
    this.wattTexts = pool(() => makeSvg("text", { "text-anchor": "end", x: LEFT - 6 }));
    this.timeTexts = pool(() => makeSvg("text"));
    this.wattUnit = makeSvg("text", { "text-anchor": "end", x: LEFT - 6 }, "W");
    this.areas = makeSvg("g");
    this.mostText = makeSvg("text", { "text-anchor": "end", x: LEFT - 6 });
    this.leastText = makeSvg("text", { "text-anchor": "end", x: LEFT - 6 });
    this.lossText = makeSvg("text", { class: "glm-loss-text", "text-anchor": "end", x: LEFT - 6 }, "loss");
    this.legend = makeSvg("text", { class: "glm-loss-text", "text-anchor": "end", y: 12 });
    this.curves = new Map(CURVES.map(([key]) => [key, makeSvg("path", { class: `glm-curve glm-${key}` })]));
    this.power = makeSvg("g", {}, ...this.wattLines, this.wattUnit, ...this.wattTexts, this.areas);
    this.loss = makeSvg("g", {}, this.mostText, this.leastText, this.lossText, this.legend, ...this.curves.values());
    this.baseLine = makeSvg("path", { class: "glm-line" });
    this.svg = makeSvg("svg", { role: "img", "aria-label": "Power over time" });
    this.svg.append(this.baseLine, this.power, this.loss, ...this.timeTexts);
    this.labelledMs = -Infinity;
    this.paths = [];
  }

  takeParts(parts) {
    this.paths = parts.map((part) => {
      const area = makeSvg("path", { class: "glm-area" }, makeSvg("title", {}, part.label));
      const edge = makeSvg("path", { class: "glm-edge" });
      const classes = part.replayed ? "glm-part glm-replayed" : "glm-part";
      return { key: part.key, area, edge, group: makeSvg("g", { class: classes, style: colourOf(part) }, area, edge) };
    });
    this.areas.replaceChildren(...this.paths.map((path) => path.group));
  }

  /** Draws what the store knows; gives whether there was anything to draw. */
  draw(store, widthPx) {
    const curves = CURVES.filter(([key]) => store.curves.get(key)?.points.length);
    const isWaiting = !store.hasTicked && store.run.parts.length > 0; // axes keep the place of what will come
    const hasPower = !store.isHidden && (isWaiting || [...store.steps.values()].some((steps) => steps.items.length));
    if (!hasPower && !curves.length) return false;
    const lossHeight = hasPower ? LOSS_HEIGHT : LOSS_ALONE_HEIGHT;
    const lossBottom = curves.length ? LOSS_TOP + lossHeight : 0;
    const floor = hasPower ? lossBottom + (curves.length ? 34 : 18) + POWER_HEIGHT : lossBottom + 8;
    const spanS = Math.max(store.latest.t, LEAST_SPAN_S);
    const plotPx = widthPx - LEFT - RIGHT;
    const x = (timeS) => LEFT + plotPx * Math.min(1, Math.max(0, timeS / spanS));
    for (const [name, value] of [["width", widthPx], ["height", floor + BOTTOM]]) set(this.svg, name, value);
    display(this.power, hasPower);
    display(this.loss, curves.length > 0);
    if (hasPower) this.drawPower(store, floor, x, widthPx, spanS / plotPx);
    if (curves.length) this.drawLoss(store, curves, lossHeight, x, widthPx);
    set(this.baseLine, "d", `M${LEFT} ${floor}H${widthPx - RIGHT}`);
    this.drawTime(spanS, floor, x, widthPx);
    this.label(store, hasPower);
    return true;
  }

  drawPower(store, floor, x, widthPx, secondsPerPx) {
    const series = this.paths.map((path) => store.steps.get(path.key)?.items ?? []);
    const edges = commonEdges(series, 0.7 * secondsPerPx);
    const levels = stacked(series, edges);
    const ticks = niceTicks(Math.max(0, ...levels.at(-1)));
    const mostW = ticks.at(-1);
    const y = (watts) => floor - (POWER_HEIGHT * watts) / mostW;
    this.paths.forEach((path, index) => {
      const across = edges.map(x);
      const top = outline(across, levels[index + 1].map(y));
      const isDrawn = series[index].length > 0 && edges.length > 1; // steps within one pixel have no width yet
      set(path.area, "d", isDrawn ? `M${top}L${outline(across.toReversed(), levels[index].toReversed().map(y))}Z` : "");
      if (path.group.classList.contains("glm-replayed")) set(path.edge, "d", isDrawn ? `M${top}` : "");
    });
    set(this.wattUnit, "y", floor - POWER_HEIGHT - 6);
    this.wattLines.forEach((line, index) => {
      display(line, index < ticks.length);
      if (index < ticks.length) set(line, "d", `M${LEFT} ${tenth(y(ticks[index]))}H${widthPx - RIGHT}`);
    });
    this.wattTexts.forEach((text, index) => {
      const isShown = index < ticks.length && ticks[index] < mostW; // the unit stands at the uppermost
      display(text, isShown);
      if (isShown) place(text, null, y(ticks[index]) + 4, general(ticks[index], 6));
    });
  }

  drawLoss(store, curves, height, x, widthPx) {
    const all = curves.map(([key]) => store.curves.get(key).points);
    const values = all.flat().map(([, value]) => value);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const y = (value) => LOSS_TOP + (height * (most - value)) / (most - least || 1);
    place(this.mostText, null, y(most) + 4, axisFigure(most));
    place(this.leastText, null, y(least) + 4, axisFigure(least));
    display(this.leastText, most > least);
    place(this.lossText, null, LOSS_TOP + height / 2 + 4, "loss");
    display(this.lossText, most > least);
    for (const [key, path] of this.curves) {
      const points = store.curves.get(key)?.points ?? [];
      const line = points.map(([timeS, value]) => `${tenth(x(timeS))} ${tenth(y(value))}`).join("L");
      set(path, "d", points.length > 1 ? `M${line}` : line && `M${line}h.01`); // round ends make one point a dot
    }
    const said = curves.map(([key, name], index) => `${name} ${general(all[index].at(-1)[1], 3)}`);
    const dashed = curves.some(([key]) => key === "val_loss") ? " (dashed)" : "";
    place(this.legend, widthPx - RIGHT, null, `${said.join(" · ")}${dashed}`);
  }

  drawTime(spanS, floor, x, widthPx) {
    const [unit, size] = spanS >= 300 ? ["min", 60] : ["s", 1];
    const ticks = niceTicks(spanS / size).filter((tick) => tick * size <= spanS * 1.001);
    this.timeTexts.forEach((text, index) => {
      display(text, index < ticks.length);
      if (index >= ticks.length) return;
      const at = x(ticks[index] * size);
      const isAtEdge = index === 0 || index === ticks.length - 1;
      set(text, "text-anchor", at > widthPx - RIGHT - 12 ? "end" : "middle");
      place(text, at, floor + 17, general(ticks[index], 6) + (isAtEdge ? ` ${unit}` : ""));
    });
  }

  /** The picture in words, renewed calmly: a screen reader that rests on it is not to stutter. */
  label(store, hasPower) {
    const now = performance.now();
    if (now - this.labelledMs < LABEL_EVERY_MS) return;
    this.labelledMs = now;
    const watts = hasPower ? totalWattsNow(store) : null;
    const losses = CURVES.filter(([key]) => store.curves.get(key)?.points.length).map(
      ([key, name]) => `${name} loss ${general(store.curves.get(key).points.at(-1)[1], 3)}`,
    );
    const power = hasPower ? `Power over ${duration(store.latest.t)}, stacked by component` : "Loss over time";
    const current = watts === null ? [] : [`now ${amount(exactly(watts), "W")} in all`];
    set(this.svg, "aria-label", [power, ...current, ...losses].join("; "));
  }
}

function pool(makeOne) {
  return Array.from({ length: MOST_TICKS }, makeOne);
}

function display(node, isShown) {
  const value = isShown ? "" : "none";
  if (node.style.display !== value) node.style.display = value;
}

function place(text, x, y, words) {
  if (x !== null) set(text, "x", tenth(x));
  if (y !== null) set(text, "y", tenth(y));
  say(text, words);
}

const tenth = (value) => Math.round(value * 10) / 10;

/** Every time at which a part's power changes, without those that fall into one pixel. */
export function commonEdges(series, leastS) {
  const all = Float64Array.from(series.flatMap((items) => items.flatMap(([from, to]) => [from, to]))).sort();
  const kept = [];
  for (const edge of all) if (!kept.length || edge - kept.at(-1) > leastS) kept.push(edge);
  if (kept.length > 1) kept[kept.length - 1] = all.at(-1);
  return kept;
}

/** The mean watts of a part between neighbouring edges; the area under its steps is kept. */
export function meanWatts(items, edges) {
  const watts = new Array(Math.max(0, edges.length - 1)).fill(0);
  let bin = 0;
  for (const [from, to, powerW] of items) {
    while (bin < watts.length && edges[bin + 1] <= from) bin += 1;
    for (let at = bin; at < watts.length && edges[at] < to; at += 1) {
      const overlapS = Math.min(to, edges[at + 1]) - Math.max(from, edges[at]);
      if (overlapS > 0) watts[at] += (powerW * overlapS) / (edges[at + 1] - edges[at]);
    }
  }
  return watts;
}

/** The lower edge of each part, and above the last one the sum of all. */
function stacked(series, edges) {
  const levels = [new Array(Math.max(0, edges.length - 1)).fill(0)];
  for (const items of series) {
    const own = meanWatts(items, edges);
    levels.push(levels.at(-1).map((below, index) => below + own[index]));
  }
  return levels;
}

/** Steps as a path: one level between each two neighbouring places. */
function outline(across, heights) {
  let path = `${tenth(across[0])} ${tenth(heights[0])}`;
  let drawn = tenth(heights[0]);
  for (let index = 0; index < heights.length; index += 1) {
    const height = tenth(heights[index]);
    if (height !== drawn) path += `H${tenth(across[index])}V${height}`;
    drawn = height;
  }
  return `${path}H${tenth(across.at(-1))}`;
}

function totalWattsNow(store) {
  const known = store.run.parts.filter((part) => store.wattsNow.has(part.key));
  return known.length ? known.reduce((sum, part) => sum + store.wattsNow.get(part.key), 0) : null;
}

// ------------------------------------------------------------------------------------------------ the guess beforehand

const GUESS_POWERS = { min: 0, max: 6, step: 0.05, value: 3 }; // of ten: from 1 J to 1 MJ
const GUESS_LABELS = ["1 J", "10 J", "100 J", "1 kJ", "10 kJ", "100 kJ", "1 MJ"];

/** The joules that a place on the slider stands for, to two digits: what is shown is what is sent. */
export function guessedJ(power) {
  return Number(general(10 ** power, 2));
}

/** A logarithmic slider with two answers; `onGuess` gets joules, or null for “show without guessing”. */
function guessForm(onGuess) {
  const id = `greenlm-${Math.random().toString(36).slice(2)}`; // each model loads a module of its own: no counter
  const slider = make("input", { type: "range", id, ...GUESS_POWERS });
  const value = make("span", { class: "glm-big" });
  const helps = make("span", { class: "glm-sub" });
  const scale = make("div", { class: "glm-scale", "aria-hidden": "true" });
  scale.append(...GUESS_LABELS.map((label) => make("span", {}, label)));
  const guess = make("button", { type: "submit", class: "glm-main" }, "This is my guess");
  const skip = make("button", { type: "button", class: "glm-quiet" }, "show without guessing");
  const title = make("label", { class: "glm-question", for: id });
  const node = make("form", { class: "glm-guess" }, title, make("div", {}, value), helps, slider, scale);
  node.append(make("div", { class: "glm-buttons" }, guess, skip));
  const showValue = () => {
    const energyJ = guessedJ(Number(slider.value));
    say(value, amount(exactly(energyJ)));
    say(helps, everyday(energyJ));
    set(slider, "aria-valuetext", `${spokenEnergy(exactly(energyJ))}, ${everyday(energyJ)}`);
  };
  slider.addEventListener("input", showValue);
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    onGuess(guessedJ(Number(slider.value)));
  });
  skip.addEventListener("click", () => onGuess(null));
  showValue();
  return { node, title };
}

// -------------------------------------------------------------------------------------------------------- the view

const DRAW_EVERY_MS = 100;
const SPEAK_EVERY_MS = 10_000;
const LOOK_EVERY_MS = 1000; // for silence
const FIRST_WIDTH_PX = 420; // until the page has laid the chart out

/** One drawing of a store in one element of the page. */
export class View {
  constructor(store, element) {
    this.store = store;
    this.spokenMs = -Infinity;
    this.drawnMs = -Infinity;
    this.widthPx = FIRST_WIDTH_PX;
    this.build(element);
    store.views.add(this);
    this.draw();
    this.resizing = new ResizeObserver(([entry]) => this.resize(entry.contentRect.width));
    this.resizing.observe(this.picture);
    this.looking = setInterval(() => this.look(), LOOK_EVERY_MS);
    afterPaint(() => store.tellKernel({ kind: "drawn" }));
  }

  close() {
    this.store.views.delete(this);
    this.resizing.disconnect();
    clearInterval(this.looking);
    clearTimeout(this.waiting);
    cancelAnimationFrame(this.frame);
    if (!this.store.hasKernelEnded) this.root.remove(); // else it stays for as long as its place does, and says so
  }

  resize(widthPx) {
    if (widthPx < 1 || Math.abs(widthPx - this.widthPx) < 1) return; // 0: out of sight
    this.widthPx = Math.floor(widthPx);
    this.schedule();
  }

  /** Silence has no message that would announce it. */
  look() {
    if (this.store.status) this.speak();
    else this.schedule();
  }

  /** At most ten drawings a second, each with the next picture of the screen. */
  schedule() {
    if (this.waiting) return;
    const waitMs = Math.max(0, this.drawnMs + DRAW_EVERY_MS - performance.now());
    this.waiting = setTimeout(() => {
      this.frame = requestAnimationFrame(() => {
        this.waiting = null;
        this.draw();
      });
    }, waitMs);
  }

  build(element) {
    const tableId = `greenlm-${Math.random().toString(36).slice(2)}`;
    this.state = make("b");
    this.place = make("span", { class: "glm-place" });
    this.elapsed = make("span", { class: "glm-elapsed" });
    this.news = make("span", { class: "glm-news" });
    this.select = make("select");
    this.gridText = make("span", { class: "glm-grid-text" });
    this.grid = make("div", { class: "glm-grid" }, make("label", {}, "grid ", this.select), this.gridText);
    this.chart = new Chart();
    this.picture = make("div", { class: "glm-picture" }, this.chart.svg);
    this.form = guessForm((energyJ) => this.answer(energyJ));
    this.sent = make("p", { class: "glm-sent", tabindex: "-1" });
    this.body = make("div", { class: "glm-body" }, this.buildFigures(), this.form.node, this.sent, this.picture);
    this.notes = make("div", { class: "glm-notes" });
    this.chips = make("div", { class: "glm-chips" });
    this.toggle = make("button", { type: "button", "aria-expanded": "false", "aria-controls": tableId }, "show as table");
    this.foot = make("div", { class: "glm-foot" }, this.chips, this.toggle);
    this.table = make("div", { class: "glm-table", id: tableId, hidden: "" });
    this.spoken = make("div", { class: "glm-spoken", "aria-live": "polite" });
    const dot = make("span", { class: "glm-dot", "aria-hidden": "true" });
    const state = make("span", { class: "glm-state" }, dot, this.state);
    const head = make("div", { class: "glm-head" }, state, this.elapsed, this.place, this.news, this.grid);
    // JupyterLab's command mode would take keys from a list or a button: “d d” deletes a cell.
    this.root = make("section", { class: "greenlm-panel", role: "group", "data-lm-suppress-shortcuts": "true" });
    this.root.setAttribute("aria-label", "Live energy meter of this cell");
    this.root.append(head, this.body, this.notes, this.foot, this.table, this.spoken);
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    this.select.addEventListener("change", () => this.store.chooseRegion(this.select.value));
    this.toggle.addEventListener("click", () => this.toggleTable());
    element.append(this.root);
  }

  buildFigures() {
    this.energy = make("span", { class: "glm-number" });
    this.energyUnit = make("span", { class: "glm-unit" });
    this.energyRange = make("div", { class: "glm-sub" });
    this.emissions = make("span", { class: "glm-number" });
    this.emissionsUnit = make("span", { class: "glm-unit" });
    this.emissionsRange = make("div", { class: "glm-sub" });
    this.whatIf = make("div", { class: "glm-sub glm-what-if" });
    this.everyday = make("div", { class: "glm-sub" });
    this.replayed = make("div", { class: "glm-sub" });
    this.epochs = gauge("progressbar", "epochs done");
    this.budget = gauge("meter", "budget used");
    this.guess = gauge("", "");
    this.guessMark = make("span", { class: "glm-mark" });
    this.guess.bar.append(this.guessMark);
    this.figures = make("div", { class: "glm-figures", tabindex: "-1" });
    this.figures.append(
      make("div", { class: "glm-big" }, this.energy, " ", this.energyUnit), this.energyRange, this.replayed,
      make("div", { class: "glm-big glm-second" }, this.emissions, " ", this.emissionsUnit), this.emissionsRange,
      this.whatIf, this.everyday, this.guess.node, this.epochs.node, this.budget.node,
    );
    return this.figures;
  }

  /** The parts of the page that a run brings with it; made anew only when they differ. */
  takeRun(run) {
    if (run.regions !== this.run?.regions) this.takeRegions(run.regions);
    const shape = JSON.stringify([run.parts, run.missing]);
    if (shape !== this.shape) this.takeParts(run, shape);
    say(this.place, run.place);
    this.run = run;
  }

  takeRegions(regions) {
    this.select.replaceChildren(...regions.map(([code, name]) => make("option", { value: code }, name)));
  }

  takeParts(run, shape) {
    this.shape = shape;
    this.chart.takeParts(run.parts);
    this.bases = new Map(run.parts.map((part) => [part.key, make("span", { class: "glm-basis" })]));
    const parts = [...run.parts].reverse(); // read from the top of the stack
    const known = parts.map((part) => chip(part.label, this.bases.get(part.key), part));
    const unknown = run.missing.map((one) => {
      return chip(one.label, make("span", { class: "glm-basis", title: one.reason }, "? not measured"), null);
    });
    this.chips.replaceChildren(...known, ...unknown);
    this.rows = new Map();
    this.table.replaceChildren(this.buildTable(run));
  }

  buildTable(run) {
    const row = (key, label, reason) => {
      const [best, range, watts, basis] = [make("div"), make("div", { class: "glm-sub" }), make("td"), make("td")];
      const name = make("th", { scope: "row" }, label);
      if (reason) name.append(make("span", { class: "glm-reason" }, reason));
      this.rows.set(key, [best, range, watts, basis]);
      return make("tr", {}, name, make("td", {}, best, range), watts, basis);
    };
    const names = ["component", "energy and range", "watts now", "basis"];
    const head = make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name)));
    const known = [...run.parts].reverse().map((part) => row(part.key, part.label, part.reason ?? ""));
    const unknown = run.missing.map((one, index) => row(`missing ${index}`, one.label, one.reason));
    const body = make("tbody", {}, ...known, ...unknown, row("all of them", "all that is known", ""));
    return make("table", {}, make("caption", {}, "Energy by component"), make("thead", {}, head), body);
  }

  toggleTable() {
    this.table.hidden = !this.table.hidden;
    set(this.toggle, "aria-expanded", String(!this.table.hidden));
    say(this.toggle, this.table.hidden ? "show as table" : "hide the table");
    this.drawTable();
  }

  answer(energyJ) {
    this.store.makeGuess(energyJ);
    const next = this.store.run.mode === "guess" ? this.sent : this.figures;
    next.focus({ preventScroll: true }); // its button is gone: the keyboard goes on where the answer appears
  }

  draw() {
    const { store } = this;
    if (store.run !== this.run) this.takeRun(store.run);
    this.drawnMs = performance.now();
    const isHidden = store.isHidden;
    const isForm = store.run.mode === "guess";
    this.drawHead(isForm);
    this.figures.hidden = isHidden;
    this.form.node.hidden = !isHidden || store.guess !== null;
    this.foot.hidden = isForm;
    this.toggle.hidden = isHidden;
    if (isHidden) this.table.hidden = true;
    this.drawQuestion(isForm);
    if (!isHidden) this.drawFigures();
    this.picture.hidden = isForm || !this.chart.draw(store, this.widthPx);
    this.drawChips();
    this.drawTable();
    this.drawNotes();
    this.speak();
  }

  drawHead(isForm) {
    const { store } = this;
    const isOver = store.hasKernelEnded || store.status !== "" || isForm;
    const silenceS = store.silenceS;
    this.root.classList.toggle("glm-still", isOver || silenceS > 0);
    this.root.classList.toggle("glm-beat", store.hasTicked && store.latest.t % 2 >= 1);
    say(this.state, isForm ? "your guess" : store.status || "metering");
    sayOrHide(this.elapsed, store.hasTicked ? duration(store.latest.t) : "");
    sayOrHide(this.news, store.hasKernelEnded && !store.status ? "the kernel has ended" : silenceText(silenceS));
    this.grid.hidden = isForm;
    if (this.select.value !== store.region) this.select.value = store.region;
    say(this.gridText, store.grid()?.text ?? "");
  }

  drawQuestion(isForm) {
    const { guess } = this.store;
    say(this.form.title, isForm ? "How much energy did this cell take?" : "How much energy will this cell take in all?");
    const words = guess?.energyJ == null ? "shown without a guess" : `guess sent: ${amount(exactly(guess.energyJ))}`;
    sayOrHide(this.sent, isForm && guess ? words : "");
  }

  drawFigures() {
    const { store } = this;
    const totalJ = store.latest.total;
    const bases = basesOf(store);
    const about = bases.includes("modelled") ? "≈ " : "";
    const [best, low, high, unit] = totalJ ? figures(totalJ, "J") : ["?", "", "", "J"];
    say(this.energy, totalJ ? about + best : "?");
    say(this.energyUnit, unit);
    const unknown = store.hasTicked ? "not measured" : "waiting for the first reading";
    say(this.energyRange, totalJ ? `${low} – ${high} ${unit} · ${bases.join(" + ")}${idleText(store)}` : unknown);
    sayOrHide(this.replayed, replayedText(store));
    this.drawEmissions(about);
    sayOrHide(this.everyday, totalJ ? everyday(totalJ[1]) : "");
    this.drawGuess(totalJ);
    this.drawEpochs();
    this.drawBudget();
  }

  drawEmissions(about) {
    const { store } = this;
    const gramsNow = store.grams();
    const [best, low, high, unit] = gramsNow ? figures(gramsNow, "g") : ["?", "", "", "g"];
    const pue = store.run.pue === 1 ? "" : ` · PUE ${general(store.run.pue, 6)}`;
    say(this.emissions, gramsNow ? about + best : "?");
    say(this.emissionsUnit, `${unit} CO₂e`);
    say(this.emissionsRange, gramsNow ? `${low} – ${high} ${unit}${pue}` : "not known without the energy");
    sayOrHide(this.whatIf, whatIfText(store));
  }

  drawGuess(totalJ) {
    const guessJ = this.store.guess?.energyJ ?? null;
    this.guess.node.hidden = guessJ === null;
    if (guessJ === null) return;
    const best = totalJ ? totalJ[1] : 0;
    const mostJ = 1.15 * Math.max(best, guessJ);
    fillTo(this.guess.fill, best / mostJ);
    this.guessMark.style.left = `${((100 * guessJ) / mostJ).toFixed(1)}%`;
    const ratio = best / guessJ;
    const so = this.store.status ? "it took" : "so far";
    const part = ratio < 1 ? `${so} ${percent(ratio)} of it` : `${so} ${figures(exactly(ratio), "")[0]} times as much`;
    say(this.guess.text, `your guess: ${amount(exactly(guessJ))}${totalJ ? ` · ${part}` : ""}`);
  }

  drawEpochs() {
    const { progress } = this.store.latest;
    this.epochs.node.hidden = !progress;
    if (!progress) return;
    const { epoch, epochs, share, left_s: leftS, left_j: leftJ } = progress;
    const known = share != null;
    this.epochs.bar.hidden = !known;
    if (known) fillTo(this.epochs.fill, share);
    if (known) set(this.epochs.bar, "aria-valuenow", Math.round(100 * share));
    const parts = [leftS == null ? "" : duration(leftS), leftJ == null ? "" : `about ${amount(exactly(leftJ))}`];
    const left = parts.filter(Boolean).join(" and ");
    const where = epochs == null ? `epoch ${epoch}` : `epoch ${epoch} of ${epochs}`;
    say(this.epochs.text, left && !this.store.status ? `${where} · ${left} left` : where);
  }

  drawBudget() {
    const { budget } = this.store.run;
    this.budget.node.hidden = !budget;
    if (!budget) return;
    const spent = (budget.unit === "g" ? this.store.grams() : this.store.latest.total)?.[1];
    const share = spent === undefined ? null : spent / budget.limit;
    this.budget.bar.hidden = share === null;
    this.budget.node.classList.toggle("glm-warn", share >= 0.8);
    this.budget.node.classList.toggle("glm-over", share >= 1);
    const used = share === null ? `not known how much of ${budget.text}` : `${percent(share)} of ${budget.text}`;
    const warning = share >= 1 ? "⚠ over budget: " : share >= 0.8 ? "⚠ budget nearly used up: " : "budget: ";
    say(this.budget.text, warning + used);
    if (share === null) return;
    fillTo(this.budget.fill, share);
    set(this.budget.bar, "aria-valuenow", Math.min(100, Math.round(100 * share)));
    set(this.budget.bar, "aria-valuetext", used);
  }

  drawChips() {
    for (const part of this.store.run.parts) say(this.bases.get(part.key), basisOf(this.store, part));
  }

  drawTable() {
    if (this.table.hidden) return;
    const { store } = this;
    const fill = (key, energyJ, watts, basis) => {
      const [best, low, high, unit] = energyJ ? figures(energyJ, "J") : [];
      const words = [
        energyJ ? `${best} ${unit}` : "not measured",
        energyJ ? `${low} – ${high} ${unit}` : "",
        watts == null ? "–" : amount(exactly(watts), "W"),
        basis,
      ];
      this.rows.get(key).forEach((cell, index) => say(cell, words[index]));
    };
    for (const part of store.run.parts) {
      fill(part.key, store.latest.parts[part.key], store.wattsNow.get(part.key), basisOf(store, part));
    }
    store.run.missing.forEach((_, index) => fill(`missing ${index}`, null, null, "? not measured"));
    fill("all of them", store.latest.total, totalWattsNow(store), basesOf(store).join(" + ") || "–");
  }

  drawNotes() {
    const notices = this.store.latest.notices ?? [];
    const shown = [...this.notes.children].map((note) => note.textContent);
    if (notices.join("\n") === shown.join("\n")) return;
    this.notes.replaceChildren(...notices.map((notice) => make("div", { class: "glm-note", role: "note" }, notice)));
  }

  /** One sentence now and then, for who does not see the picture. */
  speak() {
    const now = performance.now();
    if (now - this.spokenMs < SPEAK_EVERY_MS) return;
    const sentence = spokenText(this.store);
    if (!sentence || sentence === this.spoken.textContent) return;
    this.spokenMs = now;
    say(this.spoken, sentence);
  }
}

function afterPaint(callback) {
  if (document.hidden) callback(); // nothing is painted there, and no frame would ever come
  else requestAnimationFrame(() => setTimeout(callback));
}

/** A bar with a line of words below it. */
function gauge(role, label) {
  const fill = make("span", { class: "glm-fill" });
  const spoken = role ? { role, "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 0 } : {};
  const bar = make("div", { class: "glm-bar", ...spoken }, fill);
  const text = make("div", { class: "glm-sub" });
  return { node: make("div", { class: "glm-gauge" }, bar, text), bar, fill, text };
}

function chip(label, basis, part) {
  const look = part ? { class: "glm-chip glm-part", style: colourOf(part) } : { class: "glm-chip glm-missing" };
  return make("span", { class: "glm-chip-and-basis" }, make("span", look, label), " ", basis);
}

// ------------------------------------------------------------------------------------------------- what it says

const BASES = ["counter", "sampled", "modelled", "replayed"];

function basesOf(store) {
  const known = store.run.parts.filter((part) => store.latest.parts[part.key]);
  return BASES.filter((basis) => known.some((part) => part.basis === basis));
}

function basisOf(store, part) {
  if (!store.hasTicked) return part.basis;
  const isBelow = store.latest.below_resolution?.includes(part.key) ?? false;
  return basisText(part.basis, store.latest.parts[part.key], isBelow);
}

function idleText(store) {
  const idleJ = store.latest.idle_j;
  return idleJ == null ? " · idle part not measured" : ` · ${amount(exactly(idleJ))} of it idle`;
}

/** How much of the total this machine did not use; the parts' doubts are taken as independent. */
function replayedText(store) {
  const replayed = store.run.parts.filter((part) => part.replayed).map((part) => store.latest.parts[part.key]);
  const known = replayed.filter(Boolean);
  if (!known.length) return "";
  const best = known.reduce((sum, [, value]) => sum + value, 0);
  const below = Math.hypot(...known.map(([low, value]) => value - low));
  const above = Math.hypot(...known.map(([, value, high]) => high - value));
  return `▷ ${amount([Math.max(0, best - below), best, best + above])} of it replayed, not used here and now`;
}

/** The same joules on the grid that the run was started with, once the learner chose another one. */
function whatIfText(store) {
  const grid = store.grid(store.startRegion);
  const grams = store.grams(store.startRegion);
  if (store.region === store.startRegion || !grams) return "";
  const isWorld = grid.code === "" || grid.code === "WLD";
  return `with ${isWorld ? "the world average" : `the grid of ${grid.name}`}: ${amount(grams, "g")} CO₂e`;
}

function silenceText(silenceS) {
  return silenceS ? `no news for ${duration(silenceS)}: the kernel is busy or gone` : "";
}

function spokenText(store) {
  if (store.run.mode === "guess") return "";
  const totalJ = store.isHidden ? null : store.latest.total;
  if (store.status) return `The cell has ended: ${store.status}.${totalJ ? ` ${spokenEnergy(totalJ)} in all.` : ""}`;
  if (store.hasKernelEnded) return "The kernel has ended.";
  if (store.silenceS) return "No news from the kernel: it is busy or gone.";
  if (!store.hasTicked) return "";
  const { progress, t } = store.latest;
  const known = totalJ ? `${spokenEnergy(totalJ)} so far` : `${duration(t)} so far`;
  if (!progress) return `${known}.`;
  return `${known}, epoch ${progress.epoch}${progress.epochs == null ? "" : ` of ${progress.epochs}`}.`;
}

// ------------------------------------------------------------------------------------------------- the widget

export default () => {
  let store = null;
  return {
    initialize({ model, signal }) {
      store = new Store(model);
      const end = () => store.endKernel();
      model.on("msg:custom", (message) => store.take(message));
      model.on("change:run", () => store.takeRun());
      model.on("comm_live_update", end); // JupyterLab's word for a kernel that is restarted; the next tick takes it back
      model.send({ kind: "hello" });
      signal?.addEventListener("abort", end, { once: true });
      return end;
    },
    render({ el }) {
      const view = new View(store, el);
      return () => view.close();
    },
  };
};
