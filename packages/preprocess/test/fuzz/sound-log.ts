import type { LogEvent } from '../oracle.ts';
import type { Chance } from './chance.ts';

export const textFormats = ['csv', 'csv;', 'tsv', 'jsonl'] as const;
export type TextFormat = (typeof textFormats)[number];

const ids = [
  ...['7', '007', '0', '-1', '9007199254740993', '9223372036854775808', '123456789012345678901234567890'],
  ...['Łódź 👟', 'a b', 'x'],
] as const;
/** Ids that CSV must quote and JSON must escape. */
const oddIds = ['a,b', 'say "hi"', 'two\nlines', 'a;b', 'tab\there', 'back\\slash', '""'] as const;
const starts = [0, 1_396_437_466_940, 1_714_521_600_000] as const;

/** Generates a few events; times are milliseconds since 1970. */
export function soundLog(chance: Chance): LogEvent[] {
  const start = chance.pick(starts);
  const id = () => (chance.once(6) ? chance.pick(oddIds) : chance.pick(ids));
  return Array.from({ length: 1 + chance.below(8) }, () => ({
    session: id(),
    item: id(),
    ms: start + chance.below(5000) * 250,
  }));
}

/** Writes events in the format, with a random time unit. */
export function writeLog(log: readonly LogEvent[], format: TextFormat, chance: Chance): string {
  const isMs = log.every(({ ms }) => ms >= 1e11);
  const unit = chance.pick(isMs ? (['s', 'ms', 'iso'] as const) : (['s', 'iso'] as const));
  const time = (ms: number): string => {
    if (unit === 'iso') return new Date(ms).toISOString();
    return unit === 'ms' ? String(ms) : `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`;
  };
  if (format === 'jsonl') return jsonLines(log, (ms) => (unit === 'iso' ? `"${time(ms)}"` : time(ms)));
  const by = format === 'csv' ? ',' : format === 'tsv' ? '\t' : ';';
  const isQuoted = chance.once(3);
  const field = (text: string) =>
    isQuoted || /[",;\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const end = chance.once(4) ? '\r\n' : '\n';
  const rows = log.map(({ session, item, ms }) =>
    [field(session), field(item), 'x', field(time(ms))].join(by),
  );
  return [['SessionId', 'ItemId', 'Other', 'Time'].join(by), ...rows, ''].join(end);
}

function jsonLines(log: readonly LogEvent[], time: (ms: number) => string): string {
  const id = (text: string) => (/^(0|-?[1-9]\d*)$/.test(text) ? text : JSON.stringify(text));
  return log
    .map(
      ({ session, item, ms }) =>
        `{"SessionId":${id(session)},"Other":[1,{"ItemId":2}],"ItemId":${id(item)},"Time":${time(ms)}}\n`,
    )
    .join('');
}
