import { parentPort, workerData } from 'node:worker_threads';
import type { Engine } from '@gru4rec/program';
import { answerMessages } from './inference/answer-messages.ts';

/**
 * Answers with the model that the server named, or learns from clicks. To be called once in a file that `startThread` starts.
 * @param createEngine - with one thread if several models or servers share the processor.
 */
export async function serveInference(createEngine: () => Engine | Promise<Engine>): Promise<void> {
  if (!parentPort) throw new RangeError('serveInference: expected a worker thread, got the main thread');
  await answerMessages(parentPort, workerData, createEngine);
}
