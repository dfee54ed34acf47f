import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Alert } from './components/fields.tsx';
import { groupDigits } from './components/figures.ts';
import { PlayView } from './components/play-view.tsx';
import { TrainView } from './components/train-view.tsx';
import { useHistory } from './session.ts';
import { type Models, useModels, type Workers } from './use-models.ts';
import type { ModelFacts } from './worker/worker.ts';

export function App({ workers }: { readonly workers: Workers }): JSX.Element {
  const models = useModels(workers);
  const [chosen, setView] = useState<View>();
  const [history, dispatch] = useHistory();
  const view = chosen ?? (models.site === 'none' ? 'train' : 'play');
  return (
    <>
      <Header models={models} />
      <main>
        <Views view={view} onChange={setView} canPlay={models.playing !== undefined} />
        <Alert text={models.error} />
        <div hidden={view !== 'play'}>
          {models.playing ? (
            <PlayView workers={workers} models={models} history={history} dispatch={dispatch} />
          ) : (
            models.site === 'loading' && <p class="quiet">Loading the model …</p>
          )}
        </div>
        <div hidden={view !== 'train'}>
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

function Header({ models: { playing, titles } }: { readonly models: Models }): JSX.Element {
  return (
    <header>
      <h1>
        <img src="./icon.svg" alt="" width="28" height="28" /> GRU4Rec playground
      </h1>
      {playing ? (
        <Facts facts={playing.facts} title={titles[playing.name]} />
      ) : (
        <p class="quiet">What will the visitor click next?</p>
      )}
    </header>
  );
}

function Facts({ facts, title }: { readonly facts: ModelFacts; readonly title: string }): JSX.Element {
  const { items, cell, layers, loss, epochs, threads } = facts;
  const parts = [
    `${groupDigits(items)} items`,
    `${cell} ${layers.join(' + ')}`,
    loss,
    ...(epochs > 0 ? [`${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`] : []),
    threads === 1 ? '1 thread' : `${threads} threads`,
  ];
  return (
    <p class="facts">
      <strong>{title}</strong>
      {parts.map((part) => (
        <span key={part}>{part}</span>
      ))}
    </p>
  );
}

type View = 'play' | 'train';

interface ViewsProps {
  readonly view: View;
  readonly onChange: (view: View) => void;
  readonly canPlay: boolean;
}

function Views({ view, onChange, canPlay }: ViewsProps): JSX.Element {
  const button = (name: View, text: string, disabled = false) => (
    <button type="button" aria-pressed={view === name} disabled={disabled} onClick={() => onChange(name)}>
      {text}
    </button>
  );
  return (
    <nav aria-label="View">
      {button('play', 'Play', !canPlay)}
      {button('train', 'Train here')}
    </nav>
  );
}
