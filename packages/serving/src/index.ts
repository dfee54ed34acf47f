export { createServer, type ServerOptions } from './create-server.ts';
export { EventLog, type EventLogOptions } from './event-log/event-log.ts';
export { type ForgottenEvents, forgetEvents } from './event-log/forget-events.ts';
export { restoreSessions } from './event-log/restore-sessions.ts';
export type { StartThread } from './inference/inference.ts';
export type { InferenceLimits } from './inference/inference-limits.ts';
export type { ItemCatalogue, ThreadData } from './inference/messages.ts';
export { ItemsFile, type ItemsWatch } from './items-file.ts';
export type { LearnSettings } from './learning/learner-messages.ts';
export { type LearnOptions, learnDefaults } from './learning/learning.ts';
export type { SharedModel } from './learning/shared-model.ts';
export type { ModelSource, ModelStatus } from './model-status.ts';
export type { OnlineEvaluationLimits, OnlineReport } from './online/online-evaluation.ts';
export type { Interval, OnlineFigures } from './online/rank-window.ts';
export type { RecommendationServer, StopOptions } from './recommendation-server.ts';
export {
  type Appended,
  appendClick,
  bytesOfSession,
  type Click,
  type LoggedSession,
  type SessionLimits,
  type SessionStore,
  type StoredSession,
  type StoreStatus,
  sessionLimits,
} from './session-store.ts';
export { FallbackStore } from './stores/fallback-store.ts';
export { MemoryStore } from './stores/memory-store.ts';
export { openSessionStore } from './stores/open-session-store.ts';
export { RedisRefusal, RedisStore } from './stores/redis-store.ts';
export type { AnswerEvent, ClickEvent, TrafficObserver } from './traffic.ts';
