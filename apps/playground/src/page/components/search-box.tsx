import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { FoundItem, ItemSearch } from '../search/item-search.ts';
import type { ModelCatalogue } from '../search/model-catalogue.ts';

const MOST_FOUND = 12;

interface SearchBoxProps {
  readonly search: ItemSearch;
  readonly catalogue: ModelCatalogue;
  readonly onPick: (id: string) => void;
}

/** A combobox over titles and ids: arrows move, Enter clicks the item, Escape closes. */
export function SearchBox({ search, catalogue, onPick }: SearchBoxProps): JSX.Element {
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const found = useMemo(() => search.find(text, MOST_FOUND), [search, text]);
  const open = found.length > 0;
  const pick = (id: string | undefined): void => {
    if (id === undefined) return;
    onPick(id);
    setText('');
    setActive(0);
  };
  useFocusKey(input);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && open) setActive((active + step + found.length) % found.length);
    else if (event.key === 'Enter') pick(found[active]?.id);
    else if (event.key === 'Escape') setText('');
    else return;
    event.preventDefault();
  };
  return (
    <div class="search">
      <label for="search">Search items</label>
      <input
        ref={input}
        id="search"
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        placeholder={catalogue.data.titles ? 'Title or id' : 'Item id'}
        aria-expanded={open}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={open ? `found-${active}` : undefined}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <FoundList
        {...{ found, active, catalogue }}
        onPick={(id) => {
          pick(id);
          input.current?.focus();
        }}
        onPoint={setActive}
      />
      {text.trim() !== '' && !open && (
        <p class="quiet" role="status">
          No item has this in its title or id.
        </p>
      )}
    </div>
  );
}

interface FoundListProps {
  readonly found: readonly FoundItem[];
  /** Index of the item that Enter clicks. */
  readonly active: number;
  readonly catalogue: ModelCatalogue;
  readonly onPick: (id: string) => void;
  readonly onPoint: (index: number) => void;
}

function FoundList({ found, active, catalogue, onPick, onPoint }: FoundListProps): JSX.Element {
  return (
    <div id="found" role="listbox" aria-label="Items found" hidden={found.length === 0}>
      {found.map(({ id, title }, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the focus and takes the keys.
        <div
          key={id}
          id={`found-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          onClick={() => onPick(id)}
          onPointerMove={() => onPoint(index)}
        >
          <span>{title}</span>
          <small>{catalogue.hintOf(id)}</small>
        </div>
      ))}
    </div>
  );
}

/** Ctrl+K goes to the field. */
function useFocusKey(input: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [input]);
}
