const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2026-05-01');

/** 40 visits of three clicks, two a day, of 10 visitors. */
export const clicks = Array.from({ length: 120 }, (_, at) => {
  const visit = Math.floor(at / 3);
  const item = (visit + (at % 3)) % 7;
  const ms = START_MS + visit * 12 * HOUR_MS + (at % 3) * 60_000;
  const iso = new Date(ms).toISOString();
  return {
    ...{ visit, long: 1_777_000_000 + visit, visitor: `v${visit % 10}`, isLast: at % 3 === 2 },
    ...{ item, apart: (visit % 2) * 10 + item, ms, passed: ms - START_MS, s: ms / 1000, iso },
    ...{ local: iso.slice(0, 19), spaced: iso.replace('T', ' ').slice(0, 19), day: iso.slice(0, 10) },
  };
});

/** One line per click. `{visit}` is its visit, `{see|buy}` is `buy` in the last click of a visit. */
export const rowsOf = (row: string): string[] =>
  clicks.map((click) =>
    row
      .replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof click) => String(click[name]))
      .replace(/\{([\w ]+)\|([\w ]+)\}/, click.isLast ? '$2' : '$1'),
  );
