import { RandomStream } from '@gru4rec/random';
import { createCatalogue } from './catalogue.ts';
import { dwellSeconds, startTime } from './clock.ts';
import { Demand } from './demand.ts';
import { scrambledIds } from './ids.ts';
import type { ShopLogSettings } from './options.ts';
import { createRelatedItems } from './related-items.ts';
import { countVisits, visitLengths } from './visit-length.ts';
import type { RunningVisit } from './visit-queue.ts';
import { Visitor } from './visitor.ts';

/** Session ids are in [10⁹, 10⁹ + p), so they fit into 32 bits. p exceeds the largest number of events. */
const FIRST_SESSION_ID = 1_000_000_000;
const SESSION_PRIME = 1_073_741_789;

/**
 * Generates the visits of a log in order of their start. Their clicks add up to `settings.events`.
 *
 * The log's days are divided into equal parts, one per visit. Visit v starts at a random point of part v, which
 * `startTime` then maps to the rhythm of the day.
 */
export function* generateVisits(settings: ShopLogSettings): Generator<RunningVisit, void> {
  const catalogue = createCatalogue(settings);
  const demand = new Demand(catalogue, settings);
  const shop = { catalogue, demand, related: createRelatedItems(catalogue, settings) };
  const idOf = scrambledIds(
    FIRST_SESSION_ID,
    SESSION_PRIME,
    new RandomStream(settings.seed, 'synthetic.session-ids'),
  );
  const clicks = new RandomStream(settings.seed, 'synthetic.clicks');
  const times = new RandomStream(settings.seed, 'synthetic.times');
  const { events, days, seed } = settings;
  const daysPerVisit = days / countVisits(events, seed);
  let visit = 0;
  for (const length of visitLengths(events, seed)) {
    const elapsedDays = (visit + times.nextFloat()) * daysPerVisit;
    demand.setDay(Math.floor(elapsedDays));
    yield {
      sessionId: idOf(visit),
      visit,
      items: new Visitor(shop, clicks).visit(length),
      times: clickTimes(startTime(elapsedDays), length, times),
      next: 0,
    };
    visit++;
  }
}

function clickTimes(start: number, clicks: number, stream: RandomStream): number[] {
  const times = [start];
  while (times.length < clicks) times.push(times[times.length - 1] + dwellSeconds(stream));
  return times;
}
