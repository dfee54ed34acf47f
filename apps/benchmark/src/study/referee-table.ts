import type { Difference } from '@gru4rec/report';
import { markdownTable } from '../markdown-table.ts';
import type { RefereeSection } from './referee.ts';

/** A row per data set and method of another program: its figures, and its lead over the GRU4Rec that validation chose. */
export function refereeMarkdown(sections: readonly RefereeSection[]): string {
  const head = [
    ...['data', 'method', 'recall@20', 'MRR@20', 'fit, s', 'answer, ms', 'compared with'],
    ...['recall@20: difference', 'MRR@20: difference'],
  ];
  const rows = sections.flatMap(({ data, methods }) =>
    methods.map(({ row, lead }) => [
      data,
      row.name,
      row.recall.mean.toFixed(4),
      row.mrr.mean.toFixed(4),
      row.fitSeconds.toPrecision(3),
      row.answerMilliseconds.toPrecision(3),
      lead?.over ?? '',
      lead ? shown(lead.recall) : '',
      lead ? shown(lead.mrr) : '',
    ]),
  );
  return markdownTable([head, ...rows]);
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;

/** `+0.0123 (+0.0100 to +0.0146)`. */
function shown({ difference, interval }: Difference): string {
  return `${signed(difference)} (${interval.map(signed).join(' to ')})`;
}
