import type { JSX } from 'preact';
import { type Dispatch, useMemo, useRef, useState } from 'preact/hooks';
import type { ModelCatalogue } from '../items/catalogue.ts';
import type { FoundItem, ItemSearch } from '../items/item-search.ts';
import { type Action, COUNTS, type History, type Play, type Settings } from '../session.ts';
import type { Models } from '../use-models.ts';
import { Choice, Removable } from './fields.tsx';

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
        found={found}
        active={active}
        catalogue={catalogue}
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

interface SessionStripProps {
  readonly history: History;
  readonly catalogue: ModelCatalogue;
  readonly dispatch: Dispatch<Action>;
  readonly models: Models;
  readonly unknown: readonly string[];
}

export function SessionStrip(strip: SessionStripProps): JSX.Element {
  const { history, catalogue, dispatch, models, unknown } = strip;
  const { past, present, future } = history;
  const { clicks } = present;
  const button = (type: 'undo' | 'redo' | 'clear', text: string, { length }: readonly unknown[]) => (
    <button type="button" disabled={length === 0} onClick={() => dispatch({ type })}>
      {text}
    </button>
  );
  return (
    <section aria-labelledby="session-title">
      <h2 id="session-title">Session</h2>
      {models.open.length > 1 && <ModelChoice models={models} />}
      {clicks.length === 0 ? (
        <p class="quiet">Nothing is clicked yet.</p>
      ) : (
        <ol class="clicks">
          {clicks.map((id, position) => (
            <Removable
              key={position}
              class={unknown.includes(id) ? 'unknown' : ''}
              label={`Remove click ${position + 1}, ${catalogue.titleOf(id)}`}
              onRemove={() => dispatch({ type: 'remove', position })}
            >
              {catalogue.titleOf(id)}
              {unknown.includes(id) && <small> unknown to the model</small>}
            </Removable>
          ))}
        </ol>
      )}
      <div class="buttons">
        {button('undo', 'Undo', past)}
        {button('redo', 'Redo', future)}
        {button('clear', 'Clear', clicks)}
      </div>
    </section>
  );
}

function ModelChoice({ models }: { readonly models: Models }): JSX.Element {
  return (
    <div class="choice">
      <Choice
        id="model"
        label="Model"
        value={models.playing?.name}
        options={models.open.map((name) => [name, models.titles[name]])}
        onChange={models.choose}
      />
    </div>
  );
}

const PER_GROUP = [0, 1, 2, 3, 5];
/** Where the filters are beside the lists; elsewhere they begin closed, so that the lists are near. */
const WIDE = '(min-width: 52rem)';

interface FilterProps {
  readonly play: Play;
  readonly catalogue: ModelCatalogue;
  readonly dispatch: Dispatch<Action>;
}

/** What the lists may contain. The rules are those of a server's requests. */
export function Filters({ play, catalogue, dispatch }: FilterProps): JSX.Element {
  const set = (values: Settings): void => dispatch({ type: 'set', values });
  const hasGroups = catalogue.groupNames.length > 0;
  return (
    <details class="section" open={matchMedia(WIDE).matches}>
      <summary>
        <h2>Lists</h2>
      </summary>
      <div class="fields">
        <Choice
          id="count"
          label="Length"
          value={play.count}
          options={withOwn(COUNTS, play.count).map((count) => [count, `${count} items`])}
          onChange={(count) => set({ count })}
        />
        {hasGroups && (
          <Choice
            id="per-group"
            label="Per group"
            value={play.perGroup}
            options={withOwn(PER_GROUP, play.perGroup).map((most) => [
              most,
              most === 0 ? 'any number' : `at most ${most}`,
            ])}
            onChange={(perGroup) => set({ perGroup })}
          />
        )}
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={play.hideSeen}
          onChange={(event) => set({ hideSeen: event.currentTarget.checked })}
        />
        Leave out items of the session
      </label>
      {hasGroups && (
        <Groups play={play} catalogue={catalogue} dispatch={dispatch} onClear={() => set({ groups: [] })} />
      )}
      {play.hidden.length > 0 && <Hidden play={play} catalogue={catalogue} dispatch={dispatch} />}
    </details>
  );
}

function withOwn(numbers: readonly number[], own: number): number[] {
  return [...new Set([...numbers, own])].sort((a, b) => a - b);
}

function Groups({
  play,
  catalogue,
  dispatch,
  onClear,
}: FilterProps & { readonly onClear: () => void }): JSX.Element {
  const chosen = play.groups.length;
  return (
    <details open={chosen > 0}>
      <summary>Only some groups{chosen > 0 ? `: ${chosen} chosen` : ''}</summary>
      <fieldset class="groups">
        <legend class="sr-only">Groups that the lists may contain</legend>
        {catalogue.groupNames.map((group) => (
          <label class="check" key={group}>
            <input
              type="checkbox"
              checked={play.groups.includes(group)}
              onChange={(event) => dispatch({ type: 'group', group, on: event.currentTarget.checked })}
            />
            {group}
          </label>
        ))}
      </fieldset>
      <button type="button" disabled={chosen === 0} onClick={onClear}>
        All groups
      </button>
    </details>
  );
}

function Hidden({ play, catalogue, dispatch }: FilterProps): JSX.Element {
  return (
    <details open>
      <summary>Hidden items: {play.hidden.length}</summary>
      <ul class="clicks">
        {play.hidden.map((id, place) => (
          <Removable
            key={place}
            label={`Show ${catalogue.titleOf(id)} again`}
            onRemove={() => dispatch({ type: 'show', item: id })}
          >
            {catalogue.titleOf(id)}
          </Removable>
        ))}
      </ul>
    </details>
  );
}
