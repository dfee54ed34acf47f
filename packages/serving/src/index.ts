export {
  createServer,
  type RecommendationServer,
  type ServerOptions,
  type StopOptions,
} from './create-server.ts';
export { EventLog, type EventLogOptions } from './event-log/event-log.ts';
export { countEvents, type ForgottenEvents, forgetEvents } from './event-log/forget-events.ts';
export { restoreSessions } from './event-log/restore-sessions.ts';
export type { StartThread } from './inference/inference.ts';
export type { ThreadData } from './inference/messages.ts';
export type { InferenceLimits } from './inference/model-version.ts';
export { ItemsFile, type ItemsWatch } from './items/items-file.ts';
export type { LearnSettings } from './learning/learner-messages.ts';
export type { LearnOptions } from './learning/learning.ts';
export type { SharedModel } from './learning/shared-model.ts';
export type { ModelSource, ModelStatus } from './models/served-model.ts';
export type { OnlineFigures, OnlineReport } from './online/online-evaluation.ts';
export type { ClickTimes } from './server-context.ts';
export { FallbackStore, openSessionStore } from './sessions/fallback-store.ts';
export { RedisRefusal, RedisStore } from './sessions/redis-store.ts';
export type { ForgetStatus } from './sessions/routes.ts';
export {
  type Appended,
  type Click,
  type LoggedSession,
  MemoryStore,
  type SessionLimits,
  type SessionStore,
  type StoredSession,
  type StoreOptions,
  type StoreStatus,
} from './sessions/session-store.ts';
export { VISITORS_FILE } from './sessions/visitors.ts';
export type { AnswerEvent, ClickEvent, TrafficObserver } from './traffic.ts';
