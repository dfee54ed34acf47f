import type { JSX, RefObject } from 'preact';
import { type Dispatch, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ItemSearch } from '../items/item-search.ts';
import type { Action, History, Play } from '../session.ts';
import { type Models, messageOf, type Playing, type Workers } from '../use-models.ts';
import type { Answer, Explanation } from '../worker/player.ts';
import { ExplainPanel, NearestItems } from './explain-panel.tsx';
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
  const root = useKeptFocus();
  const catalogue = playing?.catalogue;
  const search = useMemo(() => catalogue && new ItemSearch(catalogue), [catalogue]);
  const suggested = useMemo(() => catalogue?.mostPopular(SUGGESTED) ?? [], [catalogue]);
  useEffect(() => setChosen(undefined), [play.clicks]);
  if (!playing || !catalogue || !search) return null;
  const click = (item: string): void => dispatch({ type: 'click', item });
  const [own] = answer?.lists ?? [];
  const explained = own?.items.find(({ id }) => id === chosen) ?? own?.items[0];
  return (
    <div class="play" ref={root}>
      <aside class="side" aria-label="Session and filters">
        <SearchBox search={search} catalogue={catalogue} onPick={click} />
        <SessionStrip {...{ history, catalogue, dispatch, models }} unknown={answer?.unknown ?? []} />
        <Filters {...{ play, catalogue, dispatch }} />
      </aside>
      <div class="results">
        <Alert text={error} />
        <Lists
          {...{ answer, before, catalogue, play, suggested }}
          loss={playing.facts.loss}
          baselineSessions={playing.facts.baselineSessions}
          chosen={explained?.id}
          onClick={click}
          onChoose={setChosen}
          onHide={(item) => dispatch({ type: 'hide', item })}
        />
        {own && (
          <div class="why" aria-busy={isExplaining}>
            <div class="stack">
              <ExplainPanel
                {...{ explanation, catalogue, play }}
                list={own.items}
                item={explained?.id}
                onChoose={setChosen}
              />
              <NearestItems {...{ explanation, catalogue }} onClick={click} />
            </div>
            <ItemMap {...{ workers, playing, play }} list={own.items} onClick={click} />
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

interface ButtonPlace {
  readonly list: Element;
  /** Of the item in the list, and of the button in the item. */
  readonly item: number;
  readonly button: number;
}

/** Where focus goes if the list is gone: the lists that replace each other. */
const SUCCESSORS = '.own li, .suggestions li';

/**
 * Focus that was in an item that is gone or has moved goes to the item that took its place. The ref is of the element that has
 * the lists, all of which the calling component renders.
 */
function useKeptFocus(): RefObject<HTMLDivElement | null> {
  const root = useRef<HTMLDivElement | null>(null);
  const focused = useRef<ButtonPlace | undefined>(undefined);
  useEffect(() => {
    const remember = ({ target }: Event): void => {
      focused.current =
        target instanceof Element && root.current?.contains(target) ? buttonPlaceOf(target) : undefined;
    };
    // A click beside the lists takes the focus away for good, and focuses nothing.
    addEventListener('focusin', remember);
    addEventListener('pointerdown', remember);
    return () => {
      removeEventListener('focusin', remember);
      removeEventListener('pointerdown', remember);
    };
  }, []);
  useLayoutEffect(() => {
    if (!focused.current || document.activeElement !== document.body) return;
    const { list, item, button } = focused.current;
    const now = list.isConnected ? list.children[Math.min(item, list.children.length - 1)] : undefined;
    const successor = now ?? root.current?.querySelector(SUCCESSORS);
    successor?.querySelectorAll('button')[now ? button : 0]?.focus();
  });
  return root;
}

function buttonPlaceOf(target: Element): ButtonPlace | undefined {
  const [item, button] = [target.closest('li'), target.closest('button')];
  const list = item?.parentElement;
  if (!list || !button) return undefined;
  return {
    list,
    item: Array.from(list.children).indexOf(item),
    button: Array.from(item.querySelectorAll('button')).indexOf(button),
  };
}
