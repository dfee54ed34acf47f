import type { Tensor } from '@gru4rec/program';
import type { Bounded, ProgramWriter } from './program-writer.ts';

/** Makes one random op. Returns undefined if the pool has no operands that fit. */
type Maker = (writer: ProgramWriter) => Bounded | undefined;

const fits = (a: Tensor) => (t: Tensor) =>
  (t.rows === a.rows || t.rows === 1 || a.rows === 1) && (t.cols === a.cols || t.cols === 1 || a.cols === 1);

function binary(op: 'add' | 'subtract' | 'multiply'): Maker {
  return (w) => {
    const x = w.value();
    const y = w.value(fits(x.tensor)) as Bounded;
    const bound = op === 'multiply' ? x.bound * y.bound : x.bound + y.bound;
    return { tensor: w.chance(0.5) ? w.b[op](x.tensor, y.tensor) : w.b[op](y.tensor, x.tensor), bound };
  };
}

function unary(make: (w: ProgramWriter, x: Tensor) => Tensor, bound: (x: number) => number): Maker {
  return (w) => {
    const x = w.value();
    return { tensor: make(w, x.tensor), bound: bound(x.bound) };
  };
}

/** Maps a tensor to values between 0.5 and 1.5. */
const positive = (w: ProgramWriter, x: Tensor): Tensor => w.b.affine(w.b.sigmoid(x), 1, 0.5);

const product: Maker = (w) => {
  const [transposeA, transposeB] = [w.chance(0.4), w.chance(0.4)];
  const a = w.value();
  const inner = transposeA ? a.tensor.rows : a.tensor.cols;
  const right = w.value((t) => (transposeB ? t.cols : t.rows) === inner);
  if (!right) return undefined;
  const tensor = w.b.matmul(a.tensor, right.tensor, { transposeA, transposeB });
  return { tensor, bound: Math.min(inner, 3 * Math.sqrt(inner)) * a.bound * right.bound };
};

/** A sum of products and other values, each of which an engine may accumulate onto the previous one. */
const chain: Maker = (w) => {
  let sum = product(w);
  for (let i = 0; sum && i < 3 && w.chance(0.7); i++) {
    const { rows, cols } = sum.tensor;
    const same = (t: Tensor): boolean =>
      (t.rows === rows || t.rows === 1) && (t.cols === cols || t.cols === 1);
    const another = product(w);
    const other = another && same(another.tensor) ? another : w.value(same);
    if (!other) break;
    const next = w.chance(0.5) ? w.b.add(sum.tensor, other.tensor) : w.b.add(other.tensor, sum.tensor);
    if (w.chance(0.2)) w.pool.push(sum);
    sum = { tensor: next, bound: sum.bound + other.bound };
  }
  return sum;
};

/**
 * Makers of random ops, one per kind. Kinds that are more important occur several times, so that they are drawn more.
 */
export const makers: readonly Maker[] = [
  chain,
  chain,
  chain,
  product,
  binary('add'),
  binary('subtract'),
  binary('multiply'),
  (w) => {
    const x = w.value();
    const y = w.value(fits(x.tensor)) as Bounded;
    return { tensor: w.b.divide(x.tensor, positive(w, y.tensor)), bound: 2 * x.bound };
  },
  unary(
    (w, x) => w.b.affine(x, -0.7, 0.2),
    (x) => x + 1,
  ),
  unary(
    (w, x) => w.b.sigmoid(x),
    () => 1,
  ),
  unary(
    (w, x) => w.b.tanh(x),
    () => 1,
  ),
  unary(
    (w, x) => w.b.elu(x, 0.5),
    (x) => x,
  ),
  unary(
    (w, x) => w.b.exp(w.b.tanh(x)),
    () => 3,
  ),
  unary(
    (w, x) => w.b.log(positive(w, x)),
    () => 1,
  ),
  unary(
    (w, x) => w.b.sqrt(positive(w, x)),
    () => 2,
  ),
  unary(
    (w, x) => w.b.stopGradient(x),
    (x) => x,
  ),
  unary(
    (w, x) => w.b.transpose(x),
    (x) => x,
  ),
  unary(
    (w, x) => w.b.transpose(x),
    (x) => x,
  ),
  unary(
    (w, x) => w.b.stopGradient(w.b.max(x, w.chance(0.5) ? 0 : 1)),
    (x) => x,
  ),
  (w) => {
    const x = w.pick(w.pool.filter(({ source }) => source));
    const kinked = [
      (t: Tensor) => w.b.step(t),
      (t: Tensor) => w.b.relu(t),
      (t: Tensor) => w.b.leakyRelu(t, 0.2),
    ];
    return { tensor: w.pick(kinked)(x.tensor), bound: x.bound };
  },
  (w) => {
    const x = w.value();
    const axis = w.chance(0.5) ? 0 : 1;
    const count = axis === 0 ? x.tensor.rows : x.tensor.cols;
    return { tensor: w.b.sum(x.tensor, axis), bound: Math.min(count, 3 * Math.sqrt(count)) * x.bound };
  },
  (w) => {
    const x = w.value((t) => t.rows === 1 || t.cols === 1);
    if (!x) return undefined;
    const rows = x.tensor.rows === 1 ? w.extent() : x.tensor.rows;
    return { ...x, tensor: w.b.broadcast(x.tensor, rows, x.tensor.cols === 1 ? w.extent() : x.tensor.cols) };
  },
  (w) => {
    const x = w.value((t) => t.rows >= t.cols);
    return x && { ...x, tensor: w.b.diagonal(x.tensor) };
  },
  (w) => {
    const x = w.value((t) => t.rows === 1 && t.cols <= 21);
    return x && { ...x, tensor: w.b.fromDiagonal(x.tensor, x.tensor.cols + w.random.nextBelow(3)) };
  },
  (w) => {
    const x = w.value();
    const y = w.value((t) => t.cols === x.tensor.cols) as Bounded;
    return { tensor: w.b.concat(x.tensor, y.tensor), bound: Math.max(x.bound, y.bound) };
  },
  (w) => {
    const x = w.value((t) => t.rows > 1);
    if (!x) return undefined;
    const from = w.random.nextBelow(x.tensor.rows - 1);
    return { ...x, tensor: w.b.slice(x.tensor, from, from + 1 + w.random.nextBelow(x.tensor.rows - from)) };
  },
  (w) => ({ tensor: w.b.constant(w.random.nextFloat() - 0.5, w.extent(), w.extent()), bound: 1 }),
  (w) => w.mask(),
  (w) => w.adjusted(),
  (w) => w.addedRows(),
  (w) => w.gathered(),
  (w) => w.summedRows(),
  (w) => w.gathered(),
  (w) => {
    const [one, other] = [w.pick(w.lists), w.pick(w.lists)];
    const inputs = [...one.inputs, ...other.inputs];
    if (one.tensor.rows + other.tensor.rows > 200) return undefined;
    w.lists.push({ tensor: w.b.concat(one.tensor, other.tensor), inputs });
    return undefined;
  },
];
