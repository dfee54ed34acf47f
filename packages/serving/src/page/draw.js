// Numbers, elements and charts of the page.

/** Colours of lines, --c0 and on. */
const COLORS = 4;

/** @typedef {{ name: string, values: (number | null)[] }} Series */

/** @param {number} value */
export const whole = (value) => Math.round(value).toLocaleString('en');
/** @param {number} value @param {string} noun */
export const counted = (value, noun) => `${whole(value)} ${noun}${Math.round(value) === 1 ? '' : 's'}`;
/** @param {number} value */
export const digits = (value) => value.toLocaleString('en', { maximumSignificantDigits: 3 });
/** @param {number} value */
export const share = (value) => value.toFixed(3).replace(/^0/, '');
/** @param {number | string} time */
export const clock = (time) =>
  new Date(time).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });

/**
 * An element, whose children are elements or text, never markup.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 */
export function make(tag, attributes, ...children) {
  const isSvg = ['svg', 'path', 'rect', 'text', 'tspan'].includes(tag);
  const made = document.createElementNS(`http://www.w3.org/${isSvg ? '2000/svg' : '1999/xhtml'}`, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * A chart of lines over time.
 * @param {string} name
 * @param {number[]} times - milliseconds since 1970.
 * @param {Series[]} series - a value per time.
 * @param {{ width: number, format: (value: number) => string }} how
 */
export function chart(name, times, series, { width, format }) {
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const values = series.flatMap((one) => one.values.filter((value) => value !== null));
  if (first === last || values.length === 0) return make('p', {}, 'There is nothing to draw yet.');
  const [height, left, bottom, ceiling] = [160, 44, 136, 24];
  const top = roundUp(Math.max(...values));
  /** @param {number} at */
  const x = (at) => (left + ((width - left - 4) * (at - first)) / (last - first)).toFixed(1);
  /** @param {number} value */
  const y = (value) => Math.round(10 * (bottom - ((bottom - ceiling) * value) / top)) / 10;
  const range = `${format(Math.min(...values))} to ${format(Math.max(...values))}`;
  const label = `${name}, ${clock(first)} to ${clock(last)}: ${range}`;
  const drawn = make('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label });
  for (const value of [0, top / 2, top]) {
    drawn.append(make('path', { class: 'axis', d: `M${left} ${y(value)}H${width}` }));
    drawn.append(make('text', { x: left - 6, y: y(value) + 4, 'text-anchor': 'end' }, format(value)));
  }
  drawn.append(make('text', { x: left, y: height - 4 }, clock(first)));
  drawn.append(make('text', { x: width, y: height - 4, 'text-anchor': 'end' }, clock(last)));
  const legend = make('text', { x: left, y: 12 });
  for (const [number, one] of series.entries()) {
    const color = `var(--c${number % COLORS})`;
    const isDrawn = (/** @type {number} */ at) => (one.values[at] ?? null) !== null;
    const points = one.values.map((value, at) =>
      value === null ? '' : `${isDrawn(at - 1) ? 'L' : 'M'}${x(times[at] ?? 0)} ${y(value)}`,
    );
    drawn.append(make('path', { stroke: color, d: points.join('') }));
    if (series.length > 1) legend.append(make('tspan', { fill: color }, `— ${one.name} `));
  }
  drawn.append(legend);
  return drawn;
}

/** A round number that is no less. @param {number} value */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return power * ([1, 2, 3, 4, 6, 8].find((times) => times * power >= value * 0.999) ?? 10);
}

/** A share and its interval on a line from 0 to 1. @param {number} value @param {[number, number]} interval */
export function bar(value, [from, to]) {
  const box = { viewBox: '0 0 1000 16', preserveAspectRatio: 'none', class: 'bar', 'aria-hidden': 'true' };
  return make(
    'svg',
    box,
    make('path', { class: 'axis', d: 'M0 8H1000' }),
    make('rect', { x: 1000 * from, y: 3, width: Math.max(2, 1000 * (to - from)), height: 10 }),
    make('path', { stroke: 'currentColor', d: `M${1000 * value} 0V16` }),
  );
}

/**
 * @param {string[]} head - a name that begins with # is of a column of numbers.
 * @param {(Node | string)[][]} rows
 */
export function table(head, rows) {
  const kinds = head.map((name) => (name.startsWith('#') ? 'number' : 'text'));
  const cells = (/** @type {string} */ tag, /** @type {(Node | string)[]} */ contents) =>
    make('tr', {}, ...contents.map((content, at) => make(tag, { class: kinds[at] ?? '' }, content)));
  const names = head.map((name) => name.replace('#', ''));
  const body = rows.map((row) => cells('td', row));
  return make('table', {}, make('thead', {}, cells('th', names)), make('tbody', {}, ...body));
}
