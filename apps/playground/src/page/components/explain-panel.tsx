import type { JSX } from 'preact';
import type { ModelCatalogue } from '../items/catalogue.ts';
import type { ClickContribution, Contributions, Measure } from '../items/explain.ts';
import type { Play } from '../session.ts';
import type { Listed } from '../worker/player.ts';
import { Choice } from './fields.tsx';
import { changeText, groupDigits } from './figures.ts';

interface ExplainProps {
  readonly explanation: Contributions | undefined;
  readonly catalogue: ModelCatalogue;
  readonly play: Play;
  readonly list: readonly Listed[];
  readonly item: string | undefined;
  readonly onChoose: (id: string) => void;
}

export function ExplainPanel(props: ExplainProps): JSX.Element {
  const { explanation, catalogue, play, list, item, onChoose } = props;
  const place = list.findIndex(({ id }) => id === item);
  const known = play.clicks.filter((id) => catalogue.has(id));
  return (
    <section class="card" aria-labelledby="why-title">
      <h2 id="why-title">How it came about</h2>
      <div class="choice">
        <Choice
          id="explained"
          label="Item"
          value={item}
          options={list.map(({ id }, at) => [id, `${at + 1}. ${catalogue.titleOf(id)}`])}
          onChange={onChoose}
        />
      </div>
      {item !== undefined && place >= 0 && <SharedFeatures catalogue={catalogue} item={item} known={known} />}
      {explanation && place >= 0 && (
        <>
          <p class="parts">
            {'Its score: '}
            {Object.entries(explanation.parts[place] ?? {})
              .map(([name, added]) => `${name} ${changeText(added, 'above-mean')}`)
              .join(', ')}
          </p>
          <Changes explanation={explanation} catalogue={catalogue} place={place} known={known} />
        </>
      )}
    </section>
  );
}

interface Known {
  readonly catalogue: ModelCatalogue;
  /** Clicks that the model knows. */
  readonly known: readonly string[];
}

/** What the item and the items of the session have in common, of a model with features. */
function SharedFeatures({ catalogue, item, known }: Known & { readonly item: string }): JSX.Element | null {
  if (!catalogue.data.features) return null;
  const shared = catalogue.sharedFeatures(item, known);
  return (
    <p class="features">
      {catalogue.isCold(item) && 'Nobody had clicked it when the model was trained; its features list it. '}
      {shared.length === 0
        ? 'It shares no feature with the items of the session.'
        : `It shares with items of the session: ${shared.map(({ name, items }) => `${name} (${items})`).join(', ')}.`}
    </p>
  );
}

function Changes({
  explanation: { clicks, measure },
  catalogue,
  place,
  known,
}: Known & { readonly explanation: Contributions; readonly place: number }): JSX.Element {
  if (clicks.length === 0) {
    return (
      <p class="quiet">
        There is one click only, and it explains the whole list. With a second one, each can be left out.
      </p>
    );
  }
  const most = Math.max(...clicks.map(({ changes }) => Math.abs(changes[place] ?? 0)), 0.1);
  return (
    <>
      <table class="changes">
        <caption>
          {measure === 'log-probability'
            ? 'How many times likelier each click makes it, found by leaving the click out, and its place without the click'
            : 'How much each click adds to its score above the mean, found by leaving the click out, and its place without the click'}
        </caption>
        <thead>
          <tr>
            <th scope="col">Click</th>
            <th scope="col">
              <span class="sr-only">Bar</span>
            </th>
            <th scope="col">Effect</th>
            <th scope="col">Place</th>
          </tr>
        </thead>
        <tbody>
          {clicks.map((click) => (
            <ChangeRow
              key={click.position}
              click={click}
              measure={measure}
              place={place}
              most={most}
              title={catalogue.titleOf(known[click.position] ?? '')}
            />
          ))}
        </tbody>
      </table>
      {known.length > clicks.length && <p class="quiet">The last {clicks.length} clicks.</p>}
    </>
  );
}

function ChangeRow({
  click: { changes, places },
  measure,
  place,
  most,
  title,
}: {
  readonly click: ClickContribution;
  readonly measure: Measure;
  readonly place: number;
  readonly most: number;
  readonly title: string;
}): JSX.Element {
  const change = changes[place] ?? 0;
  const length = 50 * Math.min(1, Math.abs(change) / most);
  return (
    <tr>
      <th scope="row">{title}</th>
      <td class="bar-cell">
        <svg class="change" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
          <line x1="50" x2="50" y1="0" y2="8" />
          <rect
            class={change < 0 ? 'against' : 'for'}
            x={change < 0 ? 50 - length : 50}
            width={length}
            height="8"
          />
        </svg>
      </td>
      <td>{changeText(change, measure)}</td>
      <td>{groupDigits(places[place] ?? 0)}</td>
    </tr>
  );
}
