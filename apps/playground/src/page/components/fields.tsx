import type { ComponentChildren, JSX } from 'preact';
import type { ModelCatalogue } from '../items/catalogue.ts';

export function Choice<Value extends string | number>({
  id,
  label,
  value,
  options,
  onChange,
}: {
  readonly id: string;
  readonly label: string;
  readonly value: Value | undefined;
  readonly options: readonly (readonly [Value, string])[];
  readonly onChange: (value: Value) => void;
}): JSX.Element {
  const choose = (index: number): void => {
    const [chosen] = options[index] ?? [];
    if (chosen !== undefined) onChange(chosen);
  };
  return (
    <>
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => choose(event.currentTarget.selectedIndex)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </>
  );
}

export function Alert({ text }: { readonly text: string | undefined }): JSX.Element | null {
  if (text === undefined) return null;
  return (
    <p class="alert" role="alert">
      {text}
    </p>
  );
}

export function ItemButtons({
  items,
  catalogue,
  onClick,
}: {
  readonly items: readonly { readonly id: string; readonly note: string | undefined }[];
  readonly catalogue: ModelCatalogue;
  readonly onClick: (id: string) => void;
}): JSX.Element {
  return (
    <ul class="suggestions">
      {items.map(({ id, note }) => (
        <li key={id}>
          <button type="button" onClick={() => onClick(id)}>
            {catalogue.titleOf(id)} <small>{note}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}

export function Removable({
  children,
  class: name = '',
  label,
  onRemove,
}: {
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly label: string;
  readonly onRemove: () => void;
}): JSX.Element {
  return (
    <li class={name}>
      <span>{children}</span>
      <button type="button" class="icon" aria-label={label} onClick={onRemove}>
        ×
      </button>
    </li>
  );
}
