import type { JSX } from 'preact';
import type { Playing } from '../use-models.ts';
import { groupDigits } from './numbers.ts';

/** Title of the page and facts of the model that is played. */
export function Header({
  model,
  name,
}: {
  readonly model: Playing | undefined;
  readonly name: string | undefined;
}): JSX.Element {
  return (
    <header>
      <h1>
        <img src="./icon.svg" alt="" width="28" height="28" /> GRU4Rec playground
      </h1>
      {model ? <Facts model={model} name={name} /> : <p class="quiet">What will the visitor click next?</p>}
    </header>
  );
}

function Facts({ model, name }: { readonly model: Playing; readonly name: string | undefined }): JSX.Element {
  const { items, cell, layers, loss, epochs, threads } = model.facts;
  const title = model.name === 'trained' ? 'Trained here' : (name ?? 'Model');
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
