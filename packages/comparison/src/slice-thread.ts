import { parentPort, workerData } from 'node:worker_threads';
import { type LearnedBaseline, openBaseline } from '@gru4rec/baselines';
import { evaluateSlices, type SliceWork } from './session-slices.ts';

/** What a thread of an evaluation gets when it starts. */
export interface SliceThreadData {
  readonly from: LearnedBaseline;
  readonly work: SliceWork;
}

const { from, work } = workerData as SliceThreadData;
parentPort?.postMessage([...evaluateSlices(openBaseline(from), work)]);
