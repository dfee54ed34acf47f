import type { JSX } from 'preact';
import { type Dispatch, useState } from 'preact/hooks';
import type { ModelCatalogue } from '../search/model-catalogue.ts';
import type { Action, History } from '../session/session-state.ts';
import type { Models } from '../use-models.ts';

interface SessionStripProps {
  readonly history: History;
  readonly catalogue: ModelCatalogue;
  readonly dispatch: Dispatch<Action>;
  readonly models: Models;
  readonly unknown: readonly string[];
}

/** The clicks so far, with undo and a link to them. */
export function SessionStrip(strip: SessionStripProps): JSX.Element {
  const { history, catalogue, dispatch, models, unknown } = strip;
  const { past, present, future } = history;
  const { clicks } = present;
  return (
    <section aria-labelledby="session-title">
      <h2 id="session-title">Session</h2>
      {models.open.length > 1 && <ModelChoice models={models} />}
      {clicks.length === 0 ? (
        <p class="quiet">Nothing is clicked yet.</p>
      ) : (
        <ol class="clicks">
          {clicks.map((id, position) => (
            <li key={`${position} ${id}`} class={unknown.includes(id) ? 'unknown' : ''}>
              <span>
                {catalogue.titleOf(id)}
                {unknown.includes(id) && <small> unknown to the model</small>}
              </span>
              <button
                type="button"
                class="icon"
                aria-label={`Remove click ${position + 1}, ${catalogue.titleOf(id)}`}
                onClick={() => dispatch({ type: 'remove', position })}
              >
                ×
              </button>
            </li>
          ))}
        </ol>
      )}
      <div class="buttons">
        <button
          type="button"
          disabled={past.length === 0}
          onClick={() => dispatch({ type: 'undo' })}
          title="Ctrl+Z"
        >
          Undo
        </button>
        <button
          type="button"
          disabled={future.length === 0}
          onClick={() => dispatch({ type: 'redo' })}
          title="Ctrl+Y"
        >
          Redo
        </button>
        <button type="button" disabled={clicks.length === 0} onClick={() => dispatch({ type: 'clear' })}>
          Clear
        </button>
        <CopyLink />
      </div>
    </section>
  );
}

function ModelChoice({ models }: { readonly models: Models }): JSX.Element {
  const titles = { site: models.name ?? 'Model', trained: 'Trained here' };
  return (
    <div class="choice">
      <label for="model">Model</label>
      <select
        id="model"
        value={models.playing?.name ?? 'site'}
        onChange={(event) => models.choose(event.currentTarget.value === 'site' ? 'site' : 'trained')}
      >
        {models.open.map((name) => (
          <option key={name} value={name}>
            {titles[name]}
          </option>
        ))}
      </select>
    </div>
  );
}

function CopyLink(): JSX.Element {
  const [result, setResult] = useState<'Copied' | 'Not copied'>();
  const copy = async (): Promise<void> => {
    // Without HTTPS, a page has no clipboard, except on the own machine.
    const copied = navigator.clipboard?.writeText(location.href).then(
      () => true,
      () => false,
    );
    setResult((await copied) ? 'Copied' : 'Not copied');
    setTimeout(() => setResult(undefined), 2000);
  };
  return (
    <>
      <button type="button" onClick={copy} title="The address of the page is the link">
        {result ?? 'Copy link'}
      </button>
      <span class="sr-only" role="status">
        {result === 'Copied' && 'The link is copied.'}
        {result === 'Not copied' && 'The browser refuses. The address of the page is the link.'}
      </span>
    </>
  );
}
