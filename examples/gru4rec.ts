/**
 * GRU4Rec on one page: one layer, no dropout.
 *
 *   node --import tsx examples/gru4rec.ts TRAIN.tsv TEST.tsv
 *
 * Files have a header, then lines of session, tab, item, tab, time, a number. docs/tour.md names a pair, and what the
 * packages run instead.
 *
 * [1] Hidasi et al. 2016, arXiv:1511.06939   [2] Hidasi and Karatzoglou 2018, arXiv:1706.03847
 */
import { readFileSync } from 'node:fs';

const settings = {
  loss: 'cross-entropy' as 'cross-entropy' | 'bpr-max',
  units: 100, // D
  batchSize: 32, // sessions side by side
  nSample: 512, // negatives per step, drawn with
  sampleAlpha: 0.5, // probability ∝ clicks^this
  logq: 1, // strength of the correction for that
  bpreg: 1, // λ of BPR-max
  elu: 0.5, // α of its elu
  learningRate: 0.08,
  momentum: 0,
  epochs: 5,
};
type Settings = typeof settings;

// Vectors. A matrix is an array of rows.

type Vector = Float64Array;

const zeros = (length: number): Vector => new Float64Array(length);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** to += scale · from */
function add(to: Vector, scale: number, from: Vector) {
  for (let i = 0; i < to.length; i++) to[i] += scale * from[i];
}

// Sessions and samples.

type Sessions = number[][];

/** Each session's items, in order of time. @param items - numbers, of new items too. @param known - skips new items. */
export function readSessions(path: string, items: Map<string, number>, known = false): Sessions {
  const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const clicks = lines.map((line) => line.split('\t')).sort((a, b) => Number(a[2]) - Number(b[2]));
  const sessions = new Map<string, number[]>();
  for (const [session, item] of clicks) {
    if (known && !items.has(item)) continue;
    const number = items.get(item) ?? items.size;
    items.set(item, number);
    sessions.set(session, [...(sessions.get(session) ?? []), number]);
  }
  return [...sessions.values()].filter(({ length }) => length > 1);
}

/** A session in a step: a click, the next one, and its slot in the step before, −1 at its start. */
type Slot = { input: number; target: number; before: number };

/** Steps, of a click per session. A session that ends makes place for the next ([1], figure 2). */
function* batches(sessions: Sessions, batchSize: number, fewest: number): Generator<Slot[]> {
  let next = batchSize;
  let slots = sessions.slice(0, next).map((session) => ({ session, at: 0, before: -1 }));
  while (slots.length >= fewest) {
    yield slots.map(({ session, at, before }) => ({ input: session[at], target: session[at + 1], before }));
    slots = slots.flatMap(({ session, at }, slot) => {
      if (at + 2 < session.length) return { session, at: at + 1, before: slot };
      return next < sessions.length ? { session: sessions[next++], at: 0, before: -1 } : [];
    });
  }
}

function popularitySampler(support: number[], alpha: number, random: () => number) {
  let sum = 0;
  const cumulative = support.map((clicks) => (sum += clicks ** alpha));
  return () => {
    const drawn = random() * sum;
    let [low, high] = [0, support.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Xorshift. */
function randomNumbers(seed: number) {
  return () => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) / 2 ** 32;
  };
}

// Parameters and Adagrad.

/** A matrix, and the gradients of the rows that a step used. */
export class Parameter {
  gradients = new Map<number, Vector>();
  rows: Vector[];
  #sums: Vector[];
  #moves: Vector[];

  constructor(rows: number, columns: number, value = () => 0) {
    this.rows = Array.from({ length: rows }, () => zeros(columns).map(value));
    this.#sums = this.rows.map(() => zeros(columns));
    this.#moves = this.rows.map(() => zeros(columns));
  }

  gradient(row: number): Vector {
    const gradient = this.gradients.get(row) ?? zeros(this.rows[row].length);
    this.gradients.set(row, gradient);
    return gradient;
  }

  /** Adagrad with momentum, of these rows only. */
  update({ learningRate, momentum }: Settings) {
    for (const [row, gradient] of this.gradients) {
      const [values, sums, moves] = [this.rows[row], this.#sums[row], this.#moves[row]];
      for (const [i, g] of gradient.entries()) {
        sums[i] += g * g;
        moves[i] = momentum * moves[i] - (learningRate * g) / Math.sqrt(sums[i] + 1e-6);
        values[i] += moves[i];
      }
    }
    this.gradients.clear();
  }
}

type Gate = { W: Parameter; U: Parameter; b: Parameter };

/** Clicks per item; a row of Wy (also the input) and of by per item; W, U [D, D] and b [1, D] per gate. */
export type Model = { support: number[]; Wy: Parameter; by: Parameter; gates: Record<'r' | 'z' | 'n', Gate> };

/** Glorot's uniform numbers, and biases of 0. */
function newModel(support: number[], units: number, random: () => number): Model {
  const matrix = (rows: number) => {
    const range = Math.sqrt(6 / (rows + units));
    return new Parameter(rows, units, () => range * (2 * random() - 1));
  };
  const gate = () => ({ W: matrix(units), U: matrix(units), b: new Parameter(1, units) });
  const by = new Parameter(support.length, 1);
  return { support, Wy: matrix(support.length), by, gates: { r: gate(), z: gate(), n: gate() } };
}

const score = ({ Wy, by }: Model, h: Vector, item: number): number =>
  dot(h, Wy.rows[item]) + by.rows[item][0];

// The GRU.

/** x W + h U + b */
function affine(x: Vector, h: Vector, { W, U, b }: Gate): Vector {
  const out = b.rows[0].slice();
  for (const [i, value] of x.entries()) add(out, value, W.rows[i]);
  for (const [i, value] of h.entries()) add(out, value, U.rows[i]);
  return out;
}

/** Adds the gradients of W, U and b. @returns those of x and h. */
function affineBack(gradient: Vector, x: Vector, h: Vector, { W, U, b }: Gate) {
  for (const [i, value] of x.entries()) add(W.gradient(i), value, gradient);
  for (const [i, value] of h.entries()) add(U.gradient(i), value, gradient);
  add(b.gradient(0), 1, gradient);
  const through = ({ rows }: Parameter) => gradient.map((_, i) => dot(gradient, rows[i]));
  return { dx: through(W), dh: through(U) };
}

/** The next state, after h and a click's row x, and what its gradient needs ([1], section 3). */
function gru({ gates }: Model, x: Vector, h: Vector) {
  const r = affine(x, h, gates.r).map(sigmoid);
  const z = affine(x, h, gates.z).map(sigmoid);
  const reset = h.map((value, i) => r[i] * value);
  const n = affine(x, reset, gates.n).map(Math.tanh);
  const next = h.map((value, i) => (1 - z[i]) * value + z[i] * n[i]);
  return { x, h, r, z, n, reset, next };
}

/** Adds the gradients. The authors hold h constant: no backpropagation through time. @returns that of x. */
function gruBack(
  { gates }: Model,
  { x, h, r, z, n, reset }: ReturnType<typeof gru>,
  gradient: Vector,
): Vector {
  const dn = gradient.map((g, i) => g * z[i] * (1 - n[i] ** 2));
  const dz = gradient.map((g, i) => g * (n[i] - h[i]) * z[i] * (1 - z[i]));
  const { dx, dh } = affineBack(dn, x, reset, gates.n);
  const dr = dh.map((g, i) => g * h[i] * r[i] * (1 - r[i]));
  add(dx, 1, affineBack(dz, x, h, gates.z).dx);
  add(dx, 1, affineBack(dr, x, h, gates.r).dx);
  return dx;
}

// Losses. s has a slot's scores of the step's columns: all slots' targets, then the samples, repeats included. Becomes dL/ds.

function softmax(s: Vector): Vector {
  const max = Math.max(...s);
  const e = s.map((value) => Math.exp(value - max));
  const sum = e.reduce((a, b) => a + b);
  return e.map((value) => value / sum);
}

/** L = −log p_target, p = softmax(s − logQ). */
function crossEntropy(s: Vector, target: number, logQ: Vector): number {
  s.set(softmax(s.map((value, n) => value - logQ[n])));
  const loss = -Math.log(s[target]);
  s[target] -= 1;
  return loss;
}

/** L = −log(Σ w σ(f_target − f) + 1e-24) + λ Σ w f², f = elu(s), w = softmax(f) over the other columns ([2]). */
function bprMax(s: Vector, target: number, { elu, bpreg }: Settings): number {
  const f = s.map((value) => (value > 0 ? value : elu * Math.expm1(value)));
  const w = softmax(f.map((value, n) => (n === target ? -Infinity : value)));
  const below = f.map((value) => sigmoid(f[target] - value));
  const likelihood = dot(w, below) + 1e-24;
  const squares = dot(
    w,
    f.map((value) => value ** 2),
  );
  const dElu = (n: number) => (f[n] > 0 ? 1 : f[n] + elu);
  let df = 0;
  for (const [n, weight] of w.entries()) {
    const slope = below[n] * (1 - below[n]);
    df -= (weight * slope) / likelihood;
    const ranking = (likelihood - below[n] + slope) / likelihood;
    const penalty = bpreg * (f[n] ** 2 - squares + 2 * f[n]);
    s[n] = weight * (ranking + penalty) * dElu(n);
  }
  s[target] = df * dElu(target);
  return -Math.log(likelihood) + bpreg * squares;
}

// Training.

/** Slots weigh 1 / batchSize, however few are left. @returns the loss, and the hidden states. */
function trainStep(model: Model, slots: Slot[], states: Vector[], samples: number[], o: Settings) {
  const { Wy, by, support, gates } = model;
  const columns = [...slots.map(({ target }) => target), ...samples];
  // log q, up to a constant: targets come ∝ clicks, samples ∝ clicks^α
  const power = (n: number) => o.logq * (n < slots.length ? 1 : o.sampleAlpha);
  const logQ = Float64Array.from(columns, (item, n) => power(n) * Math.log(support[item]));
  let loss = 0;
  const next = slots.map(({ input, before }, b) => {
    const cell = gru(model, Wy.rows[input], states[before] ?? zeros(o.units));
    const s = Float64Array.from(columns, (item) => score(model, cell.next, item));
    loss += o.loss === 'bpr-max' ? bprMax(s, b, o) : crossEntropy(s, b, logQ);
    const dh = zeros(o.units);
    for (const [n, item] of columns.entries()) {
      const ds = s[n] / o.batchSize;
      add(dh, ds, Wy.rows[item]);
      add(Wy.gradient(item), ds, cell.next);
      by.gradient(item)[0] += ds;
    }
    add(Wy.gradient(input), 1, gruBack(model, cell, dh));
    return cell.next;
  });
  for (const parameter of [Wy, by, ...Object.values(gates).flatMap(Object.values<Parameter>)])
    parameter.update(o);
  return { loss: loss / o.batchSize, next };
}

/** @param draw - gives a step's samples. @returns the loss of each step. */
export function trainEpoch(model: Model, sessions: Sessions, o: Settings, draw: () => number[]): number[] {
  let states: Vector[] = [];
  const fewest = o.nSample > 0 ? 1 : 2; // a lone slot has only the samples as negatives
  return Array.from(batches(sessions, o.batchSize, fewest), (slots) => {
    const { loss, next } = trainStep(model, slots, states, draw(), o);
    states = next;
    return loss;
  });
}

/** Recall and MRR at 20: the share of clicks among the 20 best items, the mean of 1 / rank. Ties count for the target. */
export function evaluate(model: Model, sessions: Sessions) {
  let [clicks, recall, mrr] = [0, 0, 0];
  for (const session of sessions) {
    let h = zeros(model.Wy.rows[0].length);
    for (let at = 0; at + 1 < session.length; at++) {
      h = gru(model, model.Wy.rows[session[at]], h).next;
      const target = score(model, h, session[at + 1]);
      let rank = 1;
      for (const item of model.support.keys()) if (score(model, h, item) > target) rank++;
      clicks++;
      if (rank > 20) continue;
      recall++;
      mrr += 1 / rank;
    }
  }
  return { recall: recall / clicks, mrr: mrr / clicks };
}

if (process.argv[1] === import.meta.filename) {
  const items = new Map<string, number>();
  const [train, test] = process.argv.slice(2).map((path, file) => readSessions(path, items, file > 0));
  const support = Array<number>(items.size).fill(0);
  for (const item of train.flat()) support[item]++;
  const random = randomNumbers(1);
  const model = newModel(support, settings.units, random);
  const sample = popularitySampler(support, settings.sampleAlpha, random);
  const draw = () => Array.from({ length: settings.nSample }, sample);
  for (let epoch = 1; epoch <= settings.epochs; epoch++) {
    const losses = trainEpoch(model, train, settings, draw);
    const loss = losses.reduce((sum, one) => sum + one) / losses.length;
    const { recall, mrr } = evaluate(model, test);
    console.log(`epoch ${epoch}: loss ${loss}, recall ${recall}, MRR ${mrr}`);
  }
}
