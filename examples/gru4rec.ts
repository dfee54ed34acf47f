/**
 * GRU4Rec on one page: session-parallel mini-batches, a GRU, losses over sampled items, Adagrad, recall and MRR.
 *
 *   node --import tsx examples/gru4rec.ts train.tsv test.tsv     lines of session, item, time, after a header
 *
 * [1] Hidasi et al. 2016, arXiv:1511.06939   [2] Hidasi and Karatzoglou 2018, arXiv:1706.03847
 *
 * docs/tour.md goes from each function to what the packages run instead.
 */
import { readFileSync } from 'node:fs';

const settings = {
  loss: 'cross-entropy' as 'cross-entropy' | 'bpr-max',
  units: 100,
  batchSize: 32,
  nSample: 512,
  sampleAlpha: 0.5,
  logq: 1,
  bpreg: 1,
  elu: 0.5,
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

/** The items of each session, in order of time. Numbers items as they appear. @param known - leaves out items without a number. */
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

/** A click, the next one, and the row of the session in the step before, −1 where it starts. */
type Row = { input: number; target: number; before: number };

/** Sessions side by side. One that ends is replaced by the next ([1], figure 2). */
function* batches(sessions: Sessions, batchSize: number, fewest: number): Generator<Row[]> {
  let next = Math.min(batchSize, sessions.length);
  let slots = sessions.slice(0, next).map((session) => ({ session, at: 0, before: -1 }));
  while (slots.length >= fewest) {
    yield slots.map(({ session, at, before }) => ({ input: session[at], target: session[at + 1], before }));
    slots = slots.flatMap(({ session, at }, row) => {
      if (at + 2 < session.length) return { session, at: at + 1, before: row };
      return next < sessions.length ? { session: sessions[next++], at: 0, before: -1 } : [];
    });
  }
}

/** Draws items with probability ∝ clicks^α ([2], section 3.1). */
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

/** Uniform numbers in [0, 1), from a seed (xorshift). */
function randomNumbers(seed: number) {
  return () => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) / 2 ** 32;
  };
}

// Parameters and Adagrad.

/** A parameter, and the gradients of the rows in a step. */
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

  /** G += g², v = μ v − η g / √(G + 1e-6), θ += v, of these rows only. */
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

/** Clicks per item; Wy [I, D], whose rows are items as input and output, by [I, 1]; W, U [D, D] and b [1, D] of each gate. */
export type Model = { support: number[]; Wy: Parameter; by: Parameter; gates: Record<'r' | 'z' | 'n', Gate> };

/** Matrices are uniform in ±√(6 / (rows + columns)). */
function newModel(support: number[], units: number, random: () => number): Model {
  const matrix = (rows: number) => {
    const range = Math.sqrt(6 / (rows + units));
    return new Parameter(rows, units, () => range * (2 * random() - 1));
  };
  const gate = () => ({ W: matrix(units), U: matrix(units), b: new Parameter(1, units) });
  const items = support.length;
  return {
    support,
    Wy: matrix(items),
    by: new Parameter(items, 1),
    gates: { r: gate(), z: gate(), n: gate() },
  };
}

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

/** r = σ(x Wr + h Ur + br), z = σ(x Wz + h Uz + bz), n = tanh(x Wn + (r ∘ h) Un + bn), h' = (1 − z) h + z n ([1], section 3). */
function gru({ gates }: Model, x: Vector, h: Vector) {
  const r = affine(x, h, gates.r).map(sigmoid);
  const z = affine(x, h, gates.z).map(sigmoid);
  const reset = h.map((value, i) => r[i] * value);
  const n = affine(x, reset, gates.n).map(Math.tanh);
  const next = h.map((value, i) => (1 - z[i]) * value + z[i] * n[i]);
  return { x, h, r, z, n, reset, next };
}

/** Adds the gradients, h being constant: no backpropagation through time. @returns that of x. */
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

// Losses. s has the scores of all columns, and is replaced by dL/ds.

function softmax(s: Vector): Vector {
  const greatest = Math.max(...s);
  const e = s.map((value) => Math.exp(value - greatest));
  const sum = e.reduce((a, b) => a + b);
  return e.map((value) => value / sum);
}

/** L = −log p_target, p = softmax(s − α log q): sampled cross-entropy with the logQ correction ([2], section 3.2). */
function crossEntropy(s: Vector, target: number, logQ: Vector): number {
  s.set(softmax(s.map((value, n) => value - logQ[n])));
  const loss = -Math.log(s[target]);
  s[target] -= 1;
  return loss;
}

/** L = −log(Σ w σ(f_target − f) + 1e-24) + λ Σ w f², f = elu(s), w = softmax(f) over the other columns ([2], section 3.3). */
function bprMax(s: Vector, target: number, { elu, bpreg }: Settings): number {
  const f = s.map((value) => (value > 0 ? value : elu * Math.expm1(value)));
  const w = softmax(f.map((value, n) => (n === target ? -Infinity : value)));
  const below = f.map((value) => sigmoid(f[target] - value));
  const likelihood = dot(w, below) + 1e-24;
  const squares = w.reduce((sum, weight, n) => sum + weight * f[n] ** 2, 0);
  const slopeOfElu = (n: number) => (f[n] > 0 ? 1 : f[n] + elu);
  let df = 0;
  for (const [n, weight] of w.entries()) {
    const slope = below[n] * (1 - below[n]);
    df -= (weight * slope) / likelihood;
    const ranking = (likelihood - below[n] + slope) / likelihood;
    const regularisation = bpreg * (f[n] ** 2 - squares + 2 * f[n]);
    s[n] = weight * (ranking + regularisation) * slopeOfElu(n);
  }
  s[target] = df * slopeOfElu(target);
  return -Math.log(likelihood) + bpreg * squares;
}

// Training.

/** Updates the model by a step. @returns its loss, and the hidden states. */
function trainStep(model: Model, rows: Row[], states: Vector[], samples: number[], o: Settings) {
  const { Wy, by, support, gates } = model;
  const columns = [...rows.map(({ target }) => target), ...samples];
  const power = (n: number) => o.logq * (n < rows.length ? 1 : o.sampleAlpha);
  const logQ = Float64Array.from(columns, (item, n) => power(n) * Math.log(support[item]));
  let loss = 0;
  const next = rows.map(({ input, before }, b) => {
    const cell = gru(model, Wy.rows[input], states[before] ?? zeros(o.units));
    const s = Float64Array.from(columns, (item) => dot(cell.next, Wy.rows[item]) + by.rows[item][0]);
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

/** Trains a model in place. @param draw - gives the samples of a step. @returns the loss of each step. */
export function trainEpoch(model: Model, sessions: Sessions, o: Settings, draw: () => number[]): number[] {
  let states: Vector[] = [];
  return Array.from(batches(sessions, o.batchSize, o.nSample === 0 ? 2 : 1), (rows) => {
    const { loss, next } = trainStep(model, rows, states, draw(), o);
    states = next;
    return loss;
  });
}

/** Recall and MRR at 20: the share of clicks among the 20 best items, the mean of 1 / rank ([1], section 4). */
export function evaluate(model: Model, sessions: Sessions) {
  let [clicks, recall, mrr] = [0, 0, 0];
  for (const session of sessions) {
    let h = zeros(model.Wy.rows[0].length);
    for (let at = 0; at + 1 < session.length; at++) {
      h = gru(model, model.Wy.rows[session[at]], h).next;
      const score = (item: number) => dot(h, model.Wy.rows[item]) + model.by.rows[item][0];
      const target = score(session[at + 1]);
      let rank = 1;
      for (let item = 0; item < model.Wy.rows.length; item++) if (score(item) > target) rank++;
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
