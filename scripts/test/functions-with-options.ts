import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ExportDeclaration, isExportSpecifier } from 'typescript/unstable/ast';
import {
  API,
  type Checker,
  type Symbol as DeclaredSymbol,
  ModifierFlags,
  type Program,
  type Project,
  type Signature,
  SignatureKind,
  SymbolFlags,
  type Type,
} from 'typescript/unstable/sync';

/** A parameter of a public function that takes an object of options. */
export interface OptionsParameter {
  /** `train`, `new ItemIdTable`, `RedisStore.open` (static) or `Gru4Rec#save` (method). */
  readonly caller: string;
  readonly parameter: string;
  /** Declared name of the object's type, empty if the type is anonymous. */
  readonly typeName: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Type names that say that their objects are of options. */
const named =
  /(Options|Settings|Limits|Watch|Places|Environment|Surroundings|Selection|Sample|Groups|Limit|Extension|Facts)$/;

/**
 * Lists the parameters of options of everything that the package `gru4rec` exports: functions, constructors, static methods
 * and methods. A parameter is one of options if its type, or a member of its union, is a plain object of this repository
 * that is anonymous, has an optional property, or has a name as options have.
 */
export function functionsWithOptions(): OptionsParameter[] {
  const entry = join(root, 'packages', 'gru4rec', 'src', 'index.ts');
  const config = join(root, 'tsconfig.entries.json');
  const text = JSON.stringify({
    extends: './tsconfig.base.json',
    compilerOptions: { composite: false, noEmit: true, rootDir: '.' },
    include: [],
    files: [entry],
  });
  const api = new API({
    cwd: root,
    fs: {
      readFile: (name) => (name === config ? text : undefined),
      fileExists: (name) => (name === config ? true : undefined),
    },
  });
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (project === undefined) throw new Error('The compiler did not open the entry of gru4rec.');
    const scan = new Scan(project);
    scan.module(entry);
    return scan.found;
  } finally {
    api.close();
  }
}

class Scan {
  readonly found: OptionsParameter[] = [];
  readonly #checker: Checker;
  readonly #program: Program;
  readonly #project: Project;
  /** Symbols and what of them was added. */
  readonly #seen = new Set<string>();

  constructor(project: Project) {
    this.#project = project;
    this.#checker = project.checker;
    this.#program = project.program;
  }

  /** Adds what an entry exports. */
  module(file: string): void {
    const source = this.#program.getSourceFile(file);
    if (source === undefined) throw new Error(`The compiler did not read ${file}.`);
    const symbol = this.#checker.getSymbolAtLocation(source);
    // A file without exports, such as a program, is no module.
    for (const exported of symbol ? this.#checker.getExportsOfModule(symbol) : []) {
      const own = exported.flags & SymbolFlags.Alias ? this.#checker.getAliasedSymbol(exported) : exported;
      this.#export(own, this.#isTypeOnly(exported));
    }
  }

  #export(symbol: DeclaredSymbol, isTypeOnly: boolean): void {
    const { name, flags, id } = symbol;
    const value =
      flags & SymbolFlags.Value && !isTypeOnly ? this.#checker.getTypeOfSymbol(symbol) : undefined;
    if (value && this.#isNew(`${id} value`)) {
      this.#calls(name, value, SignatureKind.Call);
      this.#calls(`new ${name}`, value, SignatureKind.Construct);
      if (flags & SymbolFlags.Class) this.#methods(`${name}.`, value);
    }
    if (!(flags & (SymbolFlags.Class | SymbolFlags.Interface)) || !this.#isNew(`${id} type`)) return;
    this.#methods(`${name}#`, this.#checker.getDeclaredTypeOfSymbol(symbol));
  }

  #isNew(part: string): boolean {
    const isNew = !this.#seen.has(part);
    this.#seen.add(part);
    return isNew;
  }

  /** A property of an interface is a callback, which the package itself calls. */
  #methods(prefix: string, owner: Type): void {
    const isClass = ((owner.getSymbol()?.flags ?? 0) & SymbolFlags.Class) !== 0;
    for (const member of this.#checker.getPropertiesOfType(owner)) {
      if (member.name.startsWith('__') || member.name === 'prototype' || this.#isForeign(member)) continue;
      if (!isClass && !(member.flags & SymbolFlags.Method)) continue;
      const type = this.#checker.getTypeOfSymbol(member);
      if (type) this.#calls(prefix + member.name, type, SignatureKind.Call);
    }
  }

  #calls(caller: string, type: Type, kind: SignatureKind): void {
    for (const signature of this.#checker.getSignaturesOfType(type, kind)) {
      signature.getParameters().forEach(({ name: parameter }, index) => {
        const given = this.#checker.getParameterType(signature, index);
        for (const options of given ? this.#optionsIn(given, parameter) : []) {
          if (this.#isPrivate(signature)) continue;
          this.found.push({ caller, parameter, typeName: this.#nameOf(options) });
        }
      });
    }
  }

  #optionsIn(type: Type, parameter: string): Type[] {
    if (type.isUnionType()) {
      return (type.getTypes() ?? []).flatMap((member) => this.#optionsIn(member, parameter));
    }
    if (type.isTypeParameter()) {
      const constraint = this.#checker.getBaseConstraintOfType(type);
      return constraint ? this.#optionsIn(constraint, parameter) : [];
    }
    return this.#isPlain(type) && this.#isOptions(type, parameter) ? [type] : [];
  }

  /** Whether it is an object of this repository that is no class instance, function or array. */
  #isPlain(type: Type): boolean {
    if (!type.isObjectType() && !type.isIntersectionType()) return false;
    const properties = this.#checker.getPropertiesOfType(type);
    return (
      !((type.getSymbol()?.flags ?? 0) & SymbolFlags.Class) &&
      !this.#checker.isArrayLikeType(type) &&
      this.#checker.getSignaturesOfType(type, SignatureKind.Call).length === 0 &&
      (properties.length === 0 || !properties.every((property) => this.#isForeign(property)))
    );
  }

  #isOptions(type: Type, parameter: string): boolean {
    const name = this.#nameOf(type);
    const properties = this.#checker.getPropertiesOfType(type);
    if (parameter === 'options' || named.test(name)) return true;
    return properties.some(({ flags }) => name === '' || (flags & SymbolFlags.Optional) !== 0);
  }

  /** The declared name of a type, empty if it is anonymous or made by a type of the language, such as `Partial`. */
  #nameOf(type: Type): string {
    const symbols = [type.getAliasSymbol(), type.getSymbol()];
    const declared = symbols.find((symbol) => symbol && !this.#isForeign(symbol));
    return declared === undefined || declared.name.startsWith('__') ? '' : declared.name;
  }

  /** Whether it is declared outside this repository. */
  #isForeign({ declarations }: DeclaredSymbol): boolean {
    return (
      declarations.length > 0 &&
      declarations.every(({ path }) => !path.includes('/src/') || path.includes('/node_modules/'))
    );
  }

  #isTypeOnly({ declarations: [declaration] }: DeclaredSymbol): boolean {
    const node = declaration?.resolve(this.#project);
    return (
      node !== undefined &&
      isExportSpecifier(node) &&
      (node.isTypeOnly || (node.parent.parent as ExportDeclaration).isTypeOnly)
    );
  }

  #isPrivate({ declaration }: Signature): boolean {
    const node = declaration?.resolve(this.#project) as
      | { readonly modifierFlags?: ModifierFlags }
      | undefined;
    return ((node?.modifierFlags ?? 0) & ModifierFlags.Private) !== 0;
  }
}
