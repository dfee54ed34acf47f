import {
  append,
  type DivergedError,
  type Evaluation,
  evaluate,
  evaluateAsync,
  figuresAt,
  type Gru4Rec,
  Learner,
  loadModel,
  type PrepareOptions,
  prepare,
  type Recommendation,
  type Served,
  type ServeOptions,
  type SessionDataset,
  type StepProgress,
  serve,
  type TrainingStopped,
  type TrainOptions,
  train,
} from 'gru4rec';
import { expectTypeOf } from 'vitest';

// Checked by the compiler with `exactOptionalPropertyTypes`; nothing runs.
// They take a dataset as data, and need no engine.
expectTypeOf<SessionDataset>().toExtend<Parameters<typeof train>[0]>();
expectTypeOf(train).toBeCallableWith({} as SessionDataset);
expectTypeOf(loadModel).toBeCallableWith('model');
expectTypeOf(Learner).toBeConstructibleWith({} as Gru4Rec);
expectTypeOf(train).returns.resolves.toEqualTypeOf<Gru4Rec>();

// They take `undefined` for an option that is not given.
const signal = undefined as AbortSignal | undefined;
expectTypeOf({ signal }).toExtend<TrainOptions>();
expectTypeOf({ signal, engine: undefined }).toExtend<TrainOptions>();
expectTypeOf({ inputs: [''], output: '', signal, testDays: undefined }).toExtend<PrepareOptions>();
expectTypeOf({ port: undefined, host: undefined, items: undefined }).toExtend<ServeOptions>();

// They end what takes long by a signal, and report it.
type Long = { readonly signal?: AbortSignal | undefined };
for (const options of [train, evaluateAsync])
  expectTypeOf(options).parameter(2).extract<object>().toExtend<Long>();
for (const options of [prepare, append]) expectTypeOf(options).parameter(0).toExtend<Long>();
expectTypeOf<TrainOptions['onStep']>().extract<(progress: StepProgress) => void>().not.toBeNever();

// They give figures by the cutoff, which are never undefined.
expectTypeOf(evaluate).returns.toEqualTypeOf<Evaluation>();
expectTypeOf(figuresAt({} as Evaluation, 20).recall).toEqualTypeOf<number>();

// They release what they hold with `using`.
expectTypeOf<Gru4Rec>().toExtend<Disposable>();
expectTypeOf<Learner>().toExtend<Disposable>();
expectTypeOf<Served>().toExtend<AsyncDisposable>();
expectTypeOf(serve).returns.resolves.toEqualTypeOf<Served>();

// They tell an interrupted training from one that diverged.
expectTypeOf<TrainingStopped>().toExtend<Error>();
expectTypeOf<DivergedError>().toExtend<Error>();
expectTypeOf<Gru4Rec>().not.toExtend<Recommendation>();
