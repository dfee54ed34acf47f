import { parentPort, workerData } from 'node:worker_threads';
import { openBaseline } from '@gru4rec/baselines';
import { evaluateSlices, type SliceThreadData } from './evaluate-scorer.ts';

const { from, work } = workerData as SliceThreadData;
parentPort?.postMessage([...evaluateSlices(openBaseline(from), work)]);
