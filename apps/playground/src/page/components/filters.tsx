import type { JSX } from 'preact';
import type { Dispatch } from 'preact/hooks';
import type { ModelCatalogue } from '../search/model-catalogue.ts';
import { type Action, COUNTS, type Play, type Settings } from '../session/session-state.ts';

const PER_GROUP = [1, 2, 3, 5];
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
        <label for="count">Length</label>
        <select
          id="count"
          value={play.count}
          onChange={(event) => set({ count: Number(event.currentTarget.value) })}
        >
          {[...new Set([...COUNTS, play.count])]
            .sort((a, b) => a - b)
            .map((count) => (
              <option key={count} value={count}>
                {count} items
              </option>
            ))}
        </select>
        {hasGroups && (
          <>
            <label for="per-group">Per group</label>
            <select
              id="per-group"
              value={play.perGroup}
              onChange={(event) => set({ perGroup: Number(event.currentTarget.value) })}
            >
              <option value={0}>any number</option>
              {[...new Set([...PER_GROUP, ...(play.perGroup > 0 ? [play.perGroup] : [])])].map((most) => (
                <option key={most} value={most}>
                  at most {most}
                </option>
              ))}
            </select>
          </>
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
      {hasGroups && <Groups {...{ play, catalogue, dispatch }} onClear={() => set({ groups: [] })} />}
      {play.hidden.length > 0 && <Hidden {...{ play, catalogue, dispatch }} />}
    </details>
  );
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
        {play.hidden.map((id) => (
          <li key={id}>
            <span>{catalogue.titleOf(id)}</span>
            <button
              type="button"
              class="icon"
              aria-label={`Show ${catalogue.titleOf(id)} again`}
              onClick={() => dispatch({ type: 'show', item: id })}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
