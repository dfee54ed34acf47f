import type { JSX } from 'preact';
import { type Dispatch, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Contributions } from '../items/explain.ts';
import { ItemSearch } from '../items/item-search.ts';
import type { Action, History, Play } from '../session.ts';
import { type Models, messageOf, type Playing, type Workers } from '../use-models.ts';
import type { Answer } from '../worker/player.ts';
import { ExplainPanel } from './explain-panel.tsx';
import { Alert } from './fields.tsx';
import { ItemMap } from './item-map.tsx';
import { Lists } from './lists.tsx';
import { Filters, SearchBox, SessionStrip } from './side.tsx';

const SUGGESTED = 12;

interface PlayViewProps {
  readonly workers: Workers;
  readonly models: Models;
  readonly history: History;
  readonly dispatch: Dispatch<Action>;
}

export function PlayView({ workers, models, history, dispatch }: PlayViewProps): JSX.Element | null {
  const { playing } = models;
  const play = history.present;
  const { answer, before, explanation, isExplaining, error } = useAnswer(workers, playing, play);
  const [chosen, setChosen] = useState<string>();
  const catalogue = playing?.catalogue;
  const search = useMemo(() => catalogue && new ItemSearch(catalogue), [catalogue]);
  const suggested = useMemo(() => catalogue?.mostPopular(SUGGESTED) ?? [], [catalogue]);
  useEffect(() => setChosen(undefined), [play.clicks]);
  if (!playing || !catalogue || !search) return null;
  const click = (item: string): void => dispatch({ type: 'click', item });
  const [own] = answer?.lists ?? [];
  const explained = own?.items.find(({ id }) => id === chosen) ?? own?.items[0];
  return (
    <div class="play">
      <aside class="side" aria-label="Session and filters">
        <SearchBox search={search} catalogue={catalogue} onPick={click} />
        <SessionStrip
          history={history}
          catalogue={catalogue}
          dispatch={dispatch}
          models={models}
          unknown={answer?.unknown ?? []}
        />
        <Filters play={play} catalogue={catalogue} dispatch={dispatch} />
      </aside>
      <div class="results">
        <Alert text={error} />
        <Lists
          answer={answer}
          before={before}
          catalogue={catalogue}
          play={play}
          suggested={suggested}
          loss={playing.facts.loss}
          baselineSessions={playing.facts.baselineSessions}
          chosen={explained?.id}
          onClick={click}
          onChoose={setChosen}
          onHide={(item) => dispatch({ type: 'hide', item })}
        />
        {own && (
          <div class="why" aria-busy={isExplaining}>
            <ExplainPanel
              explanation={explanation}
              catalogue={catalogue}
              play={play}
              list={own.items}
              item={explained?.id}
              onChoose={setChosen}
            />
            <ItemMap workers={workers} playing={playing} play={play} list={own.items} onClick={click} />
          </div>
        )}
      </div>
    </div>
  );
}

/** The answer to the present play. Values of an earlier play stay until the new ones come. */
interface Answered {
  readonly answer: Answer | undefined;
  /** The answer before it, to show what moved. */
  readonly before: Answer | undefined;
  readonly explanation: Contributions | undefined;
  /** Whether the explanation is still that of an earlier answer. */
  readonly isExplaining: boolean;
  readonly error: string | undefined;
}

const NOTHING: Answered = {
  answer: undefined,
  before: undefined,
  explanation: undefined,
  isExplaining: false,
  error: undefined,
};

/** Asks the worker after each change, first for the lists, then for their explanation. */
function useAnswer(workers: Workers, playing: Playing | undefined, play: Play): Answered {
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
