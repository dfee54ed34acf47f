import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Header } from './components/header.tsx';
import { PlayView } from './components/play-view.tsx';
import { type View, ViewTabs } from './components/tabs.tsx';
import { TrainView } from './components/train-view.tsx';
import { useHistory } from './session/use-history.ts';
import { useModels } from './use-models.ts';
import type { Workers } from './worker/open-workers.ts';

/** The whole page. */
export function App({ workers }: { readonly workers: Workers }): JSX.Element {
  const models = useModels(workers);
  const [chosen, setView] = useState<View>();
  const [history, dispatch] = useHistory();
  const view = chosen ?? (models.site === 'none' ? 'train' : 'play');
  return (
    <>
      <Header model={models.playing} name={models.name} />
      <main>
        <ViewTabs view={view} onChange={setView} canPlay={models.playing !== undefined} />
        {models.error !== undefined && (
          <p class="alert" role="alert">
            {models.error}
          </p>
        )}
        <div id="view-play" role="tabpanel" aria-labelledby="tab-play" hidden={view !== 'play'}>
          {models.playing ? (
            <PlayView workers={workers} models={models} history={history} dispatch={dispatch} />
          ) : (
            models.site === 'loading' && <p class="quiet">Loading the model …</p>
          )}
        </div>
        <div id="view-train" role="tabpanel" aria-labelledby="tab-train" hidden={view !== 'train'}>
          <TrainView workers={workers} models={models} onPlay={() => setView('play')} />
        </div>
      </main>
      <footer>
        <p>
          Everything runs in this page: no click, no item and no model leaves it. The list, the baselines and
          the training are the WebAssembly and TypeScript of the command line.
        </p>
      </footer>
    </>
  );
}
