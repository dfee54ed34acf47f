import type { Engine } from '@gru4rec/program';
import { Inference, type InferenceOptions, type InferenceSource } from './inference.ts';
import { LoopInference } from './loop-inference.ts';
import type { ModelVersion } from './model-version.ts';

/** How a version is started, and where it may compute. */
export interface StartOptions extends InferenceOptions {
  /** The engine of models that answer on the event loop. Without, all have threads. */
  readonly loopEngine?: (() => Promise<Engine>) | undefined;
  /** Whether versions are published. */
  readonly learns: boolean;
}

/**
 * Loads a version in a thread, which measures how long a lone answer takes. A version that takes at most `maxLoopMs` is then
 * loaded on the event loop, and the thread ends. Versions from memory stay in threads, because the event loop cannot wait until
 * one is prepared; so do models with freshness, which is renewed for all items at once, and large ones, which are grouped for seconds.
 *
 * @throws Error if loading fails.
 */
export async function startVersion(
  source: InferenceSource,
  { loopEngine, learns, ...options }: StartOptions,
): Promise<ModelVersion> {
  const exact = { exactItems: Number.POSITIVE_INFINITY };
  const thread = await Inference.start(source, learns ? { ...options, ...exact } : options);
  const { answerMs = Number.POSITIVE_INFINITY } = thread;
  const isPlain = !learns && !source.model && !thread.isFresh && !thread.probing;
  const fits = isPlain && answerMs <= options.maxLoopMs;
  if (!loopEngine || !fits) return thread;
  const openLoop = async (): Promise<LoopInference> =>
    LoopInference.open(source.directory, await loopEngine(), options);
  const loop = await openLoop().catch(async (error) => {
    await thread.close();
    throw error;
  });
  // Else the folder was replaced in between, and is read again soon.
  const isSame = loop.version === thread.version || thread.hasEnded;
  const [used, other] = isSame ? [loop, thread] : [thread, loop];
  await other.close();
  return used;
}
