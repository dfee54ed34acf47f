import type { MessagePort } from 'node:worker_threads';
import type { Gru4Rec } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { describeCauses } from '../http/problem.ts';
import { fromFolder, fromMemory, type LoadedModel } from './loaded-model.ts';
import type { FromThread, ThreadData, ToThread } from './messages.ts';

/** What a thread does: answers with the model that the server named, or learns from clicks. */
export async function answerMessages(
  port: MessagePort,
  data: ThreadData,
  createEngine: () => Engine | Promise<Engine>,
): Promise<void> {
  const { directory, model, learn, exactItems = Infinity, ...rest } = data;
  if (learn) {
    const { serveLearner } = await import('../learning/log-learner.ts');
    return serveLearner(port, { ...learn, directory, engine: await createEngine() });
  }
  const send = (message: FromThread, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  let loaded: LoadedModel | undefined;
  /** Answers nothing, but keeps its memory for the next version of the learner. */
  let before: Gru4Rec | undefined;
  const load = async (next: () => LoadedModel | Promise<LoadedModel>) => {
    try {
      loaded = await next();
      send(loaded.ready);
    } catch (error) {
      send({ kind: 'failed', message: describeCauses(error) });
    }
  };
  await load(async () => {
    const engine = await createEngine();
    const options = { ...rest, engine };
    port.on('message', (message: ToThread) => {
      if (message.kind === 'model') {
        if (rest.learns) before = loaded?.model ?? before;
        else loaded?.model?.dispose();
        loaded = undefined;
        const { model: next } = message;
        if (next) load(() => fromMemory(next, { ...options, before }));
      } else if (!loaded) return;
      else if (message.kind === 'clicks') loaded.follow(message);
      else {
        const answers = loaded.answerer.answer(message.queries);
        const { counts, items, scores } = answers;
        send(answers, [counts, items, scores].map(({ buffer }) => buffer) as ArrayBuffer[]);
      }
    });
    return model ? fromMemory(model, options) : fromFolder(directory, { ...options, exactItems });
  });
}
