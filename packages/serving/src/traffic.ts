import type { Registry } from 'prom-client';
import type { Click, SessionStore } from './sessions/session-store.ts';

/** A click that counts. */
export interface ClickEvent {
  readonly sessionId: string;
  readonly click: Click;
  /** When the click arrived, milliseconds since 1970 UTC, if its client gave a time. */
  readonly arrivedMs?: number;
  /** The answer that the visitor clicked in, as the client says. */
  readonly recommendationId: string | undefined;
  readonly model: string;
  /** The order that the click is of, and what it is worth. */
  readonly orderId?: string | undefined;
  readonly value?: number | undefined;
}

/** A click of an event log. */
export interface LoggedClick extends Pick<ClickEvent, 'sessionId' | 'click'> {
  readonly arrivedMs: number;
}

/** Recommendations that were answered. */
export interface AnswerEvent {
  /** Undefined if nothing is remembered. */
  readonly sessionId: string | undefined;
  readonly recommendationId: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly lineage: string;
  readonly items: readonly string[];
  readonly fallback: boolean;
}

/** What is known of a list but is no click: that it was answered, what of it was seen, or that an order came back. */
export interface AnswerLine {
  /** Undefined for requests without a session. */
  readonly SessionId: string | undefined;
  readonly Kind: 'answer' | 'shown' | 'return';
  readonly RecommendationId?: string | undefined;
  readonly Place?: string | undefined;
  readonly Arm?: string | undefined;
  /** The part of the sessions that the arm is to get. */
  readonly Share?: number | undefined;
  readonly Experiment?: string | undefined;
  readonly Version?: string | undefined;
  readonly Source?: string | undefined;
  readonly Items?: readonly string[] | undefined;
  /** By which a return that is sent again counts once. */
  readonly EventId?: string | undefined;
  readonly OrderId?: string | undefined;
  readonly Value?: number | undefined;
}

/** Follows the traffic of a server, such as a log of events or an evaluation. */
export interface TrafficObserver {
  /** Called when a click is stored, in order per session. The click is answered when the promise resolves. */
  onClick?(event: ClickEvent): void | Promise<void>;
  /** Called before the server listens, to take over the sessions, and for `onClick` the latest clicks, of an earlier process. */
  restore?(sessions: SessionStore, onClick: (click: LoggedClick) => void): Promise<void>;
  /** For a click that is not stored again, because it repeats an event of the session. */
  onRepeat?(event: ClickEvent): void | Promise<void>;
  /** Called before the recommendations are sent. */
  onAnswer?(event: AnswerEvent): void;
  /** Called for what is known of lists with a place and of orders, beside clicks. */
  onLine?(line: AnswerLine): void;
  /** Called when a session is deleted. If this throws at once, the session is not deleted. */
  onDelete?(sessionId: string): void | Promise<void>;
  /** Removes what it keeps of sessions after `onDelete`. Clicks may arrive meanwhile. @returns how many clicks it removed. */
  forget?(sessionIds: ReadonlySet<string>): Promise<number>;
  /** Registers metrics beside the metrics of the server. */
  registerMetrics?(registry: Registry): void;
  /** Flushes and releases everything when the server stops. */
  close?(): Promise<void>;
}
