import type { JSX } from 'preact';

/** What the page shows. */
export type View = 'play' | 'train';

const VIEWS: readonly { readonly view: View; readonly title: string }[] = [
  { view: 'play', title: 'Play' },
  { view: 'train', title: 'Train here' },
];

/** Tabs with the keys of the ARIA pattern: arrows move, and only the chosen tab is in the tab order. */
export function ViewTabs({
  view,
  onChange,
  canPlay,
}: {
  readonly view: View;
  readonly onChange: (view: View) => void;
  readonly canPlay: boolean;
}): JSX.Element {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(event.key)) return;
    const next = view === 'play' ? 'train' : 'play';
    if (next === 'play' && !canPlay) return;
    event.preventDefault();
    onChange(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="View" onKeyDown={onKeyDown}>
      {VIEWS.map(({ view: one, title }) => (
        <button
          key={one}
          type="button"
          role="tab"
          id={`tab-${one}`}
          aria-controls={`view-${one}`}
          aria-selected={view === one}
          tabIndex={view === one ? 0 : -1}
          disabled={one === 'play' && !canPlay}
          onClick={() => onChange(one)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
