import type { MessagePort } from 'node:worker_threads';
import { describeCauses } from '../problem.ts';
import type { FromLearner, LearnRequest } from './learner-messages.ts';
import { LogLearner, type LogLearnerOptions } from './log-learner.ts';

/** The work of a thread that learns: answers each request of the server with what it has learnt. */
export async function serveLearner(port: MessagePort, options: LogLearnerOptions): Promise<void> {
  const send = (message: FromLearner) => port.postMessage(message);
  const fail = (error: unknown) => send({ kind: 'failed', message: describeCauses(error) });
  try {
    const learner = await LogLearner.open(options);
    let work = Promise.resolve();
    port.on('message', (request: LearnRequest) => {
      work = work
        .then(async () => {
          const model = await learner.take(request);
          if (request.close) learner.close();
          send({ kind: 'done', status: learner.status, model });
          if (request.close) port.close();
        })
        .catch(fail);
    });
    send({ kind: 'done', status: learner.status, model: learner.restored() });
  } catch (error) {
    fail(error);
  }
}
