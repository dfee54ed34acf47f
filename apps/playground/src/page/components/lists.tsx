import type { JSX } from 'preact';
import type { ModelCatalogue } from '../items/catalogue.ts';
import type { Play } from '../session.ts';
import type { Answer, Listed, RankedList } from '../worker/player.ts';
import { ItemButtons } from './fields.tsx';
import { barLengths, groupDigits, milliseconds } from './figures.ts';

const TITLES: Readonly<Record<string, string>> = {
  SR: 'Sequential rules',
  'S-KNN': 'Nearest sessions',
};

interface ListsProps {
  readonly onClick: (id: string) => void;
  readonly onChoose: (id: string) => void;
  readonly onHide: (id: string) => void;
  readonly answer: Answer | undefined;
  readonly before: Answer | undefined;
  readonly catalogue: ModelCatalogue;
  readonly play: Play;
  readonly suggested: readonly string[];
  readonly loss: string;
  readonly baselineSessions: number;
  readonly chosen: string | undefined;
}

export function Lists(props: ListsProps): JSX.Element {
  const { answer, before, catalogue, play, baselineSessions, suggested, onClick } = props;
  const [own, ...baselines] = answer?.lists ?? [];
  if (!own) {
    return (
      <section class="card">
        <h2>What comes next</h2>
        <p class="quiet">
          {play.clicks.length === 0
            ? 'Search an item, or start with one of these. The list changes with every click.'
            : 'The model knows none of the items of this session. Start again with one of these.'}
        </p>
        <ItemButtons
          items={suggested.map((id) => ({ id, note: catalogue.groupOf(id) }))}
          catalogue={catalogue}
          onClick={onClick}
        />
      </section>
    );
  }
  const last = play.clicks.at(-1);
  return (
    <>
      <p class="sr-only" role="status">
        {last !== undefined &&
          `After ${catalogue.titleOf(last)}: ${titlesOf(own.items.slice(0, 3), catalogue)}`}
      </p>
      <div class="lists">
        <ModelList {...props} list={own} before={before?.lists[0]} />
        {baselines.map((list) => (
          <BaselineList key={list.name} list={list} own={own} catalogue={catalogue} onClick={onClick} />
        ))}
      </div>
      <p class="quiet note">
        {baselines.length > 0
          ? `Baselines are fitted in this page to ${groupDigits(baselineSessions)} sessions. Filled numbers mark items that the model lists as well.`
          : 'No sessions came with this model, so there is no baseline beside it. Make the site with --data.'}
      </p>
    </>
  );
}

function titlesOf(items: readonly Listed[], catalogue: ModelCatalogue): string {
  return items.map(({ id }) => catalogue.titleOf(id)).join(', ');
}

function ListCard({
  list,
  logarithmic = false,
  children: rowOf,
}: {
  readonly list: RankedList;
  /** Whether scores are logarithms of probabilities. */
  readonly logarithmic?: boolean;
  readonly children: (item: Listed, place: number, bar: number) => JSX.Element;
}): JSX.Element {
  const { name, items } = list;
  const title = TITLES[name];
  const bars = barLengths(
    items.map(({ score }) => score),
    logarithmic,
  );
  return (
    <section
      class={title === undefined ? 'card list own' : 'card list'}
      aria-label={`What comes next, by ${title ?? name}`}
    >
      <div class="list-head">
        <h2>
          {name} {title !== undefined && <small>{title}</small>}
        </h2>
        <span class="time" title="One step and the list, measured in this browser">
          {milliseconds(list.milliseconds)}
        </span>
      </div>
      <ol>{items.map((item, place) => rowOf(item, place, bars[place] ?? 0))}</ol>
      {items.length === 0 && <p class="quiet">The filters leave no item.</p>}
    </section>
  );
}

function ModelList({
  list,
  before,
  catalogue,
  loss,
  chosen,
  onClick,
  onChoose,
  onHide,
}: Omit<ListsProps, 'before'> & {
  readonly list: RankedList;
  readonly before: RankedList | undefined;
}): JSX.Element {
  return (
    <ListCard list={list} logarithmic={loss === 'cross-entropy'}>
      {({ id, score }, place, bar) => {
        const title = catalogue.titleOf(id);
        return (
          <li key={place} class={id === chosen ? 'chosen' : ''}>
            <Move from={before?.items.findIndex((item) => item.id === id)} to={place} />
            <ItemButton id={id} title={title} bar={bar} onClick={onClick} score={score.toFixed(2)}>
              <small>
                {catalogue.isCold(id) && <b>never clicked </b>}
                {catalogue.hintOf(id)}
              </small>
            </ItemButton>
            <button
              type="button"
              class="icon"
              aria-pressed={id === chosen}
              aria-label={`Explain ${title}`}
              title="How it came about"
              onClick={() => onChoose(id)}
            >
              ?
            </button>
            <button
              type="button"
              class="icon"
              aria-label={`Hide ${title}`}
              title="Hide it"
              onClick={() => onHide(id)}
            >
              ×
            </button>
          </li>
        );
      }}
    </ListCard>
  );
}

function BaselineList({
  list,
  own,
  catalogue,
  onClick,
}: Pick<ListsProps, 'catalogue' | 'onClick'> & {
  readonly list: RankedList;
  readonly own: RankedList;
}): JSX.Element {
  const shared = new Set(own.items.map(({ id }) => id));
  return (
    <ListCard list={list}>
      {({ id, score }, place, bar) => (
        <li key={place} class={shared.has(id) ? 'shared' : ''}>
          <ItemButton
            id={id}
            bar={bar}
            onClick={onClick}
            title={catalogue.titleOf(id)}
            isShared={shared.has(id)}
            score={score > 0 ? score.toPrecision(2) : 'popular'}
          />
        </li>
      )}
    </ListCard>
  );
}

function ItemButton({
  id,
  title,
  isShared = false,
  bar,
  score,
  children,
  onClick,
}: {
  readonly id: string;
  readonly title: string;
  readonly isShared?: boolean;
  /** Its length, in [0, 1]. */
  readonly bar: number;
  readonly score: string;
  readonly children?: JSX.Element;
  readonly onClick: (id: string) => void;
}): JSX.Element {
  return (
    <button type="button" class="item" onClick={() => onClick(id)} title="Click this item">
      <span class="title">
        {title}
        {isShared && <span class="sr-only"> (also in the model’s list)</span>}
      </span>
      {children}
      <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect width={Math.max(0.5, 100 * bar)} height="4" rx="1" />
      </svg>
      <span class="score">{score}</span>
    </button>
  );
}

/** Where an item was in the list before; nothing if it has not moved or there was no list. */
function Move({ from, to }: { readonly from: number | undefined; readonly to: number }): JSX.Element {
  if (from === undefined || from === to) return <span class="move" />;
  if (from < 0) return <span class="move new">new</span>;
  const up = from > to;
  return (
    <span class={`move ${up ? 'up' : 'down'}`}>
      <span aria-hidden="true">{up ? '▲' : '▼'}</span>
      <span class="sr-only">{up ? 'up' : 'down'} </span>
      {Math.abs(from - to)}
    </span>
  );
}
