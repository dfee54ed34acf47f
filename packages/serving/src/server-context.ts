import type { IncomingMessage } from 'node:http';
import type { Condition } from '@gru4rec/dataset/items';
import type { Table } from '@gru4rec/report';
import { Problem } from './http/problem.ts';
import type { ItemsFile } from './items/items-file.ts';
import type { Learning } from './learning/learning.ts';
import type { Metrics } from './metrics.ts';
import type { FreshClicks } from './models/fresh-clicks.ts';
import type { Models } from './models/served-model.ts';
import type { History } from './online/history.ts';
import type { NewItems } from './online/new-items.ts';
import type { OnlineEvaluation } from './online/online-evaluation.ts';
import type { SessionStore } from './sessions/session-store.ts';
import type { TrafficObserver } from './traffic.ts';

/** How far the time of a click may be from the server's clock. */
export interface ClickTimes {
  readonly behindMs: number;
  readonly aheadMs: number;
}

export interface ServerContext {
  readonly models: Models;
  readonly sessions: SessionStore;
  readonly items: ItemsFile | undefined;
  /** The rule of all lists. */
  readonly where: readonly Condition[];
  readonly metrics: Metrics;
  readonly evaluation: OnlineEvaluation;
  readonly observers: readonly TrafficObserver[];
  readonly learning: Learning | undefined;
  readonly history: History;
  readonly newItems: NewItems;
  readonly versions: (() => Table) | undefined;
  readonly freshClicks: FreshClicks;
  readonly readOnly: boolean;
  readonly clickTimes: ClickTimes;
  isStopping: boolean;
  warmUp: WarmUp | undefined;
}

/** Requests of a server to itself, and what they use in the place of its store, observers and metrics. */
interface WarmUp {
  readonly own: WeakSet<IncomingMessage>;
  readonly scratch: ServerContext;
}

/** @throws Problem (403) by a server that is read-only. @param what - it does not do. */
export function refuseReadOnly({ readOnly }: ServerContext, what: string): void {
  if (readOnly) throw new Problem(403, `This server is read-only: it ${what}`);
}

export function contextOf(context: ServerContext, request: IncomingMessage): ServerContext {
  return context.warmUp?.own.has(request) ? context.warmUp.scratch : context;
}
