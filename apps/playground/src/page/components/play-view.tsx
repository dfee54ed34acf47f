import type { JSX } from 'preact';
import { type Dispatch, useEffect, useMemo, useState } from 'preact/hooks';
import { ItemSearch } from '../search/item-search.ts';
import type { Action, History } from '../session/session-state.ts';
import type { Models } from '../use-models.ts';
import type { Workers } from '../worker/open-workers.ts';
import { ExplainPanel } from './explain-panel.tsx';
import { Filters } from './filters.tsx';
import { ItemMap } from './item-map.tsx';
import { Lists } from './lists.tsx';
import { NearestItems } from './nearest-items.tsx';
import { SearchBox } from './search-box.tsx';
import { SessionStrip } from './session-strip.tsx';
import { useAnswer } from './use-answer.ts';
import { useKeptFocus } from './use-kept-focus.ts';

const SUGGESTED = 12;

interface PlayViewProps {
  readonly workers: Workers;
  readonly models: Models;
  readonly history: History;
  readonly dispatch: Dispatch<Action>;
}

/** Search, the session, the lists and how they came about. */
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
        {error !== undefined && (
          <p class="alert" role="alert">
            {error}
          </p>
        )}
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
