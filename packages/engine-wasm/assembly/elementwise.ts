import { ADD, AFFINE, ELU, EXP, LEAKY_RELU, LOG, MULTIPLY, RELU, SIGMOID, SQRT, STEP, SUBTRACT, TANH } from './generated/choices';
import { velu, vexp, vlog, vsigmoid, vtanh } from './math';
import { hi, lo, scratch } from './share';

// A step of 0 bytes repeats an operand, a step of 16 advances by one vector.
@inline
function binaryRow(op: i32, a: usize, stepA: usize, b: usize, stepB: usize, out: usize, vectors: i32): void {
  const end = out + (<usize>vectors << 4);
  if (op == ADD) for (; out < end; out += 16, a += stepA, b += stepB) v128.store(out, f32x4.add(v128.load(a), v128.load(b)));
  else if (op == SUBTRACT) for (; out < end; out += 16, a += stepA, b += stepB) v128.store(out, f32x4.sub(v128.load(a), v128.load(b)));
  else if (op == MULTIPLY) for (; out < end; out += 16, a += stepA, b += stepB) v128.store(out, f32x4.mul(v128.load(a), v128.load(b)));
  else for (; out < end; out += 16, a += stepA, b += stepB) v128.store(out, f32x4.div(v128.load(a), v128.load(b)));
}

/**
 * out[r][c] = a op b, split by rows. Row strides in bytes (0 repeats a row). An operand with `one` set holds a single
 * float per row. `out` may be `a` or `b`.
 */
export function binary(op: i32, a: usize, strideA: usize, oneA: bool, b: usize, strideB: usize, oneB: bool, out: usize, strideOut: usize, rows: i32, vectors: i32): void {
  const splatA = scratch();
  const splatB = splatA + 16;
  const from = lo(rows);
  a += strideA * from;
  b += strideB * from;
  out += strideOut * from;
  for (let r = from, end = hi(rows); r < end; r++) {
    if (oneA) v128.store(splatA, v128.load_splat<f32>(a));
    if (oneB) v128.store(splatB, v128.load_splat<f32>(b));
    binaryRow(op, oneA ? splatA : a, oneA ? 0 : 16, oneB ? splatB : b, oneB ? 0 : 16, out, vectors);
    a += strideA;
    b += strideB;
    out += strideOut;
  }
}

/** The same for rows of `stride` bytes without gaps. An operand may be a single float (`one`). */
export function binaryRun(op: i32, a: usize, oneA: bool, b: usize, oneB: bool, out: usize, rows: i32, stride: usize): void {
  const from = stride * lo(rows);
  const vectors = <i32>((stride * hi(rows) - from + 15) >> 4);
  const splatA = scratch();
  const splatB = splatA + 16;
  if (oneA) v128.store(splatA, v128.load_splat<f32>(a));
  if (oneB) v128.store(splatB, v128.load_splat<f32>(b));
  binaryRow(op, oneA ? splatA : a + from, oneA ? 0 : 16, oneB ? splatB : b + from, oneB ? 0 : 16, out + from, vectors);
}

/** out = f(x) for rows of `stride` bytes without gaps. `out` may be `x`. p, q: constants of the function. */
export function unary(op: i32, x: usize, out: usize, rows: i32, stride: usize, p: f32, q: f32): void {
  const from = stride * lo(rows);
  const vectors = <i32>((stride * hi(rows) - from + 15) >> 4);
  x += from;
  out += from;
  const end = out + (<usize>vectors << 4);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const vp = f32x4.splat(p);
  const vq = f32x4.splat(q);
  switch (op) {
    case SIGMOID:
      for (; out + 48 < end; out += 64, x += 64) {
        v128.store(out, vsigmoid(v128.load(x)));
        v128.store(out, vsigmoid(v128.load(x, 16)), 16);
        v128.store(out, vsigmoid(v128.load(x, 32)), 32);
        v128.store(out, vsigmoid(v128.load(x, 48)), 48);
      }
      for (; out < end; out += 16, x += 16) v128.store(out, vsigmoid(v128.load(x)));
      break;
    case TANH:
      for (; out + 16 < end; out += 32, x += 32) {
        v128.store(out, vtanh(v128.load(x)));
        v128.store(out, vtanh(v128.load(x, 16)), 16);
      }
      for (; out < end; out += 16, x += 16) v128.store(out, vtanh(v128.load(x)));
      break;
    case STEP: for (; out < end; out += 16, x += 16) v128.store(out, v128.and(f32x4.gt(v128.load(x), zero), one)); break;
    case RELU: for (; out < end; out += 16, x += 16) v128.store(out, f32x4.max(v128.load(x), zero)); break;
    case LEAKY_RELU:
      for (; out < end; out += 16, x += 16) {
        const v = v128.load(x);
        v128.store(out, v128.bitselect(v, f32x4.mul(v, vp), f32x4.gt(v, zero)));
      }
      break;
    case ELU: for (; out < end; out += 16, x += 16) v128.store(out, velu(v128.load(x), vp)); break;
    case EXP: for (; out < end; out += 16, x += 16) v128.store(out, vexp(v128.load(x))); break;
    case LOG: for (; out < end; out += 16, x += 16) v128.store(out, vlog(v128.load(x))); break;
    case SQRT: for (; out < end; out += 16, x += 16) v128.store(out, f32x4.sqrt(v128.load(x))); break;
    case AFFINE: for (; out < end; out += 16, x += 16) v128.store(out, f32x4.add(f32x4.mul(v128.load(x), vp), vq)); break;
    default: memory.copy(out, x, <usize>vectors << 4);
  }
}
