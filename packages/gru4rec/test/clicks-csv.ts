import { generateShopLog } from '@gru4rec/synthetic';

/** A log of 3,000 seeded clicks with the columns that `prepare` expects. */
export function clicksCsv(): string {
  const { sessionIds, itemIds, times } = generateShopLog({ events: 3000, items: 60, days: 10, seed: 3 });
  const rows = Array.from(times, (time, row) => `${sessionIds[row]},${itemIds[row]},${time}`);
  return `SessionId,ItemId,Time\n${rows.join('\n')}\n`;
}
