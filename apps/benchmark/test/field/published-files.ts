/** A pickle of protocol 3, as Python writes it, of numbers ≥ 0 and lists; a pair of lists is a tuple if `isPair`. */
export function pickle(value: unknown, isPair = false): Buffer {
  const bytes: number[] = [0x80, 3];
  const write = (one: unknown): void => {
    if (!Array.isArray(one)) {
      const number = Number(one);
      const width = number < 256 ? 1 : number < 65_536 ? 2 : 4;
      bytes.push({ 1: 0x4b, 2: 0x4d, 4: 0x4a }[width] as number);
      for (let byte = 0; byte < width; byte++) bytes.push((number >>> (8 * byte)) & 255);
      return;
    }
    bytes.push(0x5d, 0x71, 0);
    if (one.length === 1) {
      write(one[0]);
      bytes.push(0x61);
    } else if (one.length > 1) {
      bytes.push(0x28);
      for (const part of one) write(part);
      bytes.push(0x65);
    }
  };
  if (isPair) {
    for (const part of value as unknown[]) write(part);
    bytes.push(0x86);
  } else write(value);
  return Buffer.from([...bytes, 0x2e]);
}

/** Each prefix of each session, the longest first, and the item that follows it. */
export function prefixesOf(sessions: readonly (readonly number[])[]): [number[][], number[]] {
  const prefixes: number[][] = [];
  const targets: number[] = [];
  for (const session of sessions) {
    for (let end = session.length - 1; end > 0; end--) {
      prefixes.push(session.slice(0, end));
      targets.push(session[end] as number);
    }
  }
  return [prefixes, targets];
}
