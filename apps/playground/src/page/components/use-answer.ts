import { useEffect, useRef, useState } from 'preact/hooks';
import type { Play } from '../session/session-state.ts';
import { messageOf, type Playing } from '../use-models.ts';
import type { Workers } from '../worker/open-workers.ts';
import type { Answer, Explanation } from '../worker/player.ts';

/** The answer to the present play. Values of an earlier play stay until the new ones come. */
export interface Answered {
  readonly answer: Answer | undefined;
  /** The answer before it, to show what moved. */
  readonly before: Answer | undefined;
  readonly explanation: Explanation | undefined;
  /** Whether the explanation is still that of an earlier answer. */
  readonly isExplaining: boolean;
  readonly error: string | undefined;
}

const NOTHING: Answered = {
  ...{ answer: undefined, before: undefined, explanation: undefined },
  ...{ isExplaining: false, error: undefined },
};

/** Asks the worker after each change, first for the lists, then for their explanation. */
export function useAnswer(workers: Workers, playing: Playing | undefined, play: Play): Answered {
  const [answered, setAnswered] = useState<Answered>(NOTHING);
  const asked = useRef(0);
  useEffect(() => {
    if (!playing) return;
    const number = ++asked.current;
    const isLatest = (): boolean => number === asked.current;
    const ask = async (): Promise<void> => {
      const main = await workers.main;
      const answer = await main.answer(playing.name, play);
      if (!isLatest()) return;
      setAnswered(({ answer: before, explanation }) => {
        return { answer, before, explanation, isExplaining: true, error: undefined };
      });
      const explanation = await main.explain(playing.name, play);
      if (isLatest()) setAnswered((present) => ({ ...present, explanation, isExplaining: false }));
    };
    ask().catch((error: unknown) => {
      if (isLatest()) setAnswered({ ...NOTHING, error: messageOf(error) });
    });
  }, [workers, playing, play]);
  return answered;
}
