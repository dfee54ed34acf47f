import { type Remote, wrap } from 'comlink';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { MANIFEST_FILE, type SiteManifest } from '../site/site-files.ts';
import { ModelCatalogue } from './items/catalogue.ts';
import type { ModelFacts, Opened, PlayableName, PlaygroundWorker } from './worker/worker.ts';

export interface Workers {
  readonly main: Promise<Remote<PlaygroundWorker>>;
  /** Another of the kind, which draws the map. */
  readonly map: Promise<Remote<PlaygroundWorker>>;
}

export function openWorkers(): Workers {
  return { main: openWorker(), map: openWorker() };
}

function openWorker(): Promise<Remote<PlaygroundWorker>> {
  const worker = new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module' });
  const Opened = wrap<typeof PlaygroundWorker>(worker);
  const opened = Promise.race([new Opened(new URL('.', location.href).href), failureOf(worker)]);
  // The worker may fail before a component waits for it. Whoever waits reports the error.
  opened.catch(() => undefined);
  return opened;
}

/** Rejects if the script of a worker cannot run, of which its proxies would never hear. */
function failureOf(worker: Worker): Promise<never> {
  return new Promise((_, reject) => {
    worker.addEventListener('error', ({ message }) => {
      const why = message || 'the server does not send it, or without the headers that the page has';
      reject(new Error(`The script of the page’s worker cannot run: ${why}.`));
    });
  });
}

export interface Playing {
  readonly name: PlayableName;
  readonly facts: ModelFacts;
  readonly catalogue: ModelCatalogue;
}

export interface Models {
  readonly site: 'loading' | 'open' | 'none' | 'failed';
  readonly titles: Readonly<Record<PlayableName, string>>;
  readonly playing: Playing | undefined;
  readonly open: readonly PlayableName[];
  readonly error: string | undefined;
  readonly onTrained: (opened: Opened) => void;
  readonly choose: (name: PlayableName) => void;
}

/** Opens the site's model, and keeps those that are trained here. */
export function useModels(workers: Workers): Models {
  const [site, setSite] = useState<Models['site']>('loading');
  const [name, setName] = useState('Model');
  const [error, setError] = useState<string>();
  const [open, setOpen] = useState<Partial<Record<PlayableName, Playing>>>({});
  const [chosen, choose] = useState<PlayableName>('site');
  const add = (which: PlayableName, { catalogue, facts }: Opened): void => {
    const playing = { name: which, facts, catalogue: new ModelCatalogue(catalogue) };
    setOpen((others) => ({ ...others, [which]: playing }));
    choose(which);
  };
  useEffect(() => {
    openSite(workers)
      .then((opened) => {
        if (opened) add('site', opened.model);
        setName(opened?.manifest.name ?? 'Model');
        setSite(opened ? 'open' : 'none');
      })
      .catch((cause: unknown) => {
        setSite('failed');
        setError(`The model of this site cannot be opened. ${messageOf(cause)}`);
      });
  }, [workers]);
  return useMemo(
    () => ({
      site,
      titles: { site: name, trained: 'Trained here' },
      error,
      choose,
      playing: open[chosen] ?? open.site ?? open.trained,
      open: (['site', 'trained'] as const).filter((which) => open[which]),
      onTrained: (opened) => add('trained', opened),
    }),
    [site, name, error, open, chosen],
  );
}

async function openSite(workers: Workers): Promise<{ manifest: SiteManifest; model: Opened } | undefined> {
  const response = await fetch(MANIFEST_FILE);
  const manifest = response.ok ? ((await response.json()) as SiteManifest) : {};
  if (manifest.model === undefined) return undefined;
  return { manifest, model: await (await workers.main).openSite(manifest) };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
