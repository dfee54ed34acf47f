import type { JSX } from 'preact';
import type { ModelCatalogue } from '../search/model-catalogue.ts';
import type { Explanation } from '../worker/player.ts';

/** The items nearest to the last click in the embedding. */
export function NearestItems({
  explanation,
  catalogue,
  onClick,
}: {
  readonly explanation: Explanation | undefined;
  readonly catalogue: ModelCatalogue;
  readonly onClick: (id: string) => void;
}): JSX.Element {
  return (
    <section class="card" aria-labelledby="nearest-title">
      <h2 id="nearest-title">Nearest to the last click</h2>
      <p class="quiet">By the cosine of their rows in the embedding, whatever the session was.</p>
      <ul class="suggestions">
        {explanation?.nearest.map(({ id, cosine }) => (
          <li key={id}>
            <button type="button" onClick={() => onClick(id)}>
              {catalogue.titleOf(id)} <small>{cosine.toFixed(2)}</small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
