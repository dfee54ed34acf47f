import type { ComparisonRow } from './contest.ts';
import type { Environment } from './environment.ts';
import { figure, formatTable, whole } from './measure.ts';

/** In Markdown. */
export function formatReport(environment: Environment, rows: readonly ComparisonRow[]): string {
  const { cpu, cores, platform, node, commit, date, load } = environment;
  const head = `${cpu}, ${cores} cores, ${platform}, Node ${node}, commit ${commit}, ${date}, load ${load.toFixed(2)}`;
  const table = formatTable([
    ['row', 'contestant', 'unit', 'median', 'least', 'most', 'ours is better by', 'correctness', 'MiB'],
    ...rows.flatMap(linesOf),
  ]);
  const missing = rows.flatMap((row) =>
    row.missing.map(({ name, problem }) => `- ${row.suite}: ${name}: ${problem}`),
  );
  const absent = missing.length > 0 ? `Peers that could not take part:\n\n${missing.join('\n')}` : '';
  return [head, table, absent].join('\n\n').trimEnd();
}

function linesOf({ name, unit, engine, contestants }: ComparisonRow): string[][] {
  return contestants.map((contestant, at) => {
    const { figure: measured, ratio, correctness, peakMiB } = contestant;
    return [
      name,
      at === 0 ? `${contestant.name}, ${engine}` : contestant.name,
      unit,
      ...[measured.median, measured.min, measured.max].map(figure),
      ratio ? `**${figure(ratio.median)}** (${figure(ratio.min)}–${figure(ratio.max)})` : '',
      Object.entries(correctness)
        .map(([work, value]) => `${work} ${Number.isInteger(value) ? whole(value) : value.toPrecision(4)}`)
        .join(', '),
      peakMiB === undefined ? '' : whole(peakMiB),
    ];
  });
}
