import type { Inspection } from './inspection.ts';
import { columnAdvice } from './item-columns.ts';

const percent = (value: number) => `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`;

/** In a shorter log, most clicks are near the first of their item. */
const LONG_MS = 7 * 86_400_000;
/** Fewer held-out sessions say little about recall. */
const LEAST_SESSIONS = 300;
/** Relative loss of recall by shuffling below which order hardly matters. */
const LITTLE = 0.1;

/** Advice on what an inspection found in a dataset, one line each. */
export function adviceOn(found: Omit<Inspection, 'advice'>): string[] {
  const { repeats, heldOut, order, concentration, lifetime, lengths, time, columns } = found;
  const again = heldOut?.repeats.anyBefore ?? repeats.anyBefore;
  const of = heldOut ? `${heldOut.split} clicks` : 'clicks';
  return [
    ...(again >= 0.05
      ? [
          `${percent(again)} of the ${of} repeat an item of the session: train with a preset, which fits a repeat bias to them`,
        ]
      : []),
    ...(repeats.reloads >= 0.05
      ? [
          `${percent(repeats.reloads)} of the clicks repeat the click just before, such as reloads: prepare with --collapse-repeats unless they mean something, such as a cart after a view`,
        ]
      : []),
    ...orderAdvice(order),
    ...columnAdvice(columns),
    ...(heldOut?.unseen !== undefined && heldOut.unseen >= 0.05
      ? [
          `${percent(heldOut.unseen)} of the ${of} are on items unseen in training, which no model by ids can recommend: train more often, or hold out a shorter time`,
        ]
      : []),
    ...(heldOut && heldOut.duplicates >= 0.05
      ? [
          `${percent(heldOut.duplicates)} of the ${heldOut.split} sessions of three distinct items or more have exactly the items of a training session: look for bots, reloads or a session in both splits`,
        ]
      : []),
    ...(heldOut && heldOut.laterTraining > 0.01
      ? [
          `${percent(heldOut.laterTraining)} of the training events are later than half of the ${heldOut.split} events: the split leaks the future. Split by time (--test 1d, --test 10%)`,
        ]
      : []),
    ...(lifetime.withinDay >= 0.5 && time.toMs - time.fromMs >= LONG_MS
      ? [
          `${percent(lifetime.withinDay)} of the clicks come within a day of the item's first: train daily (--continue), and compare with r-pop`,
        ]
      : []),
    ...(concentration.top1 >= 0.5
      ? [
          `The top 1 % of the items have ${percent(concentration.top1)} of the clicks: compare with pop, and report metrics by popularity`,
        ]
      : []),
    ...(concentration.rare >= 0.5
      ? [
          `${percent(concentration.rare)} of the items have fewer than 5 clicks: prepare with --min-item-support 5`,
        ]
      : []),
    ...(lengths.longest > 50 * lengths.mean
      ? [
          `The longest session has ${lengths.longest} clicks, ${Math.round(lengths.longest / lengths.mean)} times the mean: remove bots with --session-length 2..${Math.round(20 * lengths.mean)}`,
        ]
      : []),
  ];
}

function orderAdvice(order: Inspection['order']): string[] {
  if (!order) return [];
  if (order.testSessions < LEAST_SESSIONS) {
    return [
      `${order.testSessions} held-out sessions are too few to tell whether the order of clicks matters, or models apart: hold out more`,
    ];
  }
  const lost = ({ log, shuffled }: { log: number; shuffled: number }) => (log > 0 ? 1 - shuffled / log : 0);
  const both = `SR ${order.rules.log.toFixed(3)} to ${order.rules.shuffled.toFixed(3)}, a GRU of one epoch ${order.gru.log.toFixed(3)} to ${order.gru.shuffled.toFixed(3)}`;
  return lost(order.rules) < LITTLE && lost(order.gru) < LITTLE
    ? [
        `The order of clicks hardly matters (recall@20 when shuffled: ${both}): compare with s-knn and item-knn, which ignore it`,
      ]
    : [
        `The order of clicks matters (recall@20 when shuffled: ${both}): recurrent models and sequential rules can use it`,
      ];
}
