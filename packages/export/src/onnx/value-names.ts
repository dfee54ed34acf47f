import type { Node, Tensor } from '@gru4rec/program';

/** Names values after their op and layer: `layer0.Wr.matmul` if the op reads a parameter, else `layer0.sigmoid`. */
export class ValueNames {
  readonly #names = new Map<number, string>();
  /** By tensor id: the layer of a value, or the parameter outside of layers that it depends on. */
  readonly #scopes = new Map<number, string>();
  readonly #parameters = new Set<number>();

  /** Names a variable or an input. */
  source(tensor: Tensor, name: string, kind: 'parameter' | 'state' | 'input'): void {
    this.#names.set(tensor.id, name);
    if (kind === 'parameter') this.#parameters.add(tensor.id);
    if (kind !== 'input') this.#scopes.set(tensor.id, name.split(/[._]/, 1)[0] ?? '');
  }

  /** A name for a node's output. */
  suggest({ op, inputs }: Node): string {
    const parameter = inputs.find(({ id }) => this.#parameters.has(id));
    const scope = parameter ? this.#names.get(parameter.id) : this.#scopeOf(inputs);
    return scope ? `${scope}.${op}` : op;
  }

  /** Records the name of a node's output. */
  set({ inputs, outputs }: Node, name: string): void {
    for (const { id } of outputs) {
      this.#names.set(id, name);
      this.#scopes.set(id, this.#scopeOf(inputs));
    }
  }

  of({ id }: Tensor): string {
    const name = this.#names.get(id);
    if (name === undefined) throw new RangeError(`toOnnx: tensor ${id} is read before it is written`);
    return name;
  }

  #scopeOf(inputs: readonly Tensor[]): string {
    return inputs.map(({ id }) => this.#scopes.get(id) ?? '').findLast((scope) => scope !== '') ?? '';
  }
}
