import { describeShape, type Program, type Variable } from './tensor.ts';

/**
 * The variables of several programs, which share them by name, in order of first declaration.
 * @throws RangeError if two programs have the same name or disagree on a variable's shape.
 */
export function sharedVariables(programs: readonly Program[]): readonly Variable[] {
  const byName = new Map<string, { variable: Variable; program: string }>();
  const names = new Set<string>();
  for (const program of programs) {
    if (names.has(program.name)) {
      throw new RangeError(`load: "programs" expected different names, got ${program.name} twice`);
    }
    names.add(program.name);
    for (const { variable } of program.variables) {
      const known = byName.get(variable.name);
      if (known) expectSameShape(known, { variable, program: program.name });
      else byName.set(variable.name, { variable, program: program.name });
    }
  }
  return [...byName.values()].map((entry) => entry.variable);
}

interface Declaration {
  readonly variable: Variable;
  readonly program: string;
}

function expectSameShape(first: Declaration, second: Declaration): void {
  const { variable: a } = first;
  const { variable: b } = second;
  if (a.rows === b.rows && a.cols === b.cols) return;
  const [shapeA, shapeB] = [a, b].map((v) => describeShape({ dtype: 'f32', rows: v.rows, cols: v.cols }));
  throw new RangeError(
    `load: variable "${a.name}" expected ${shapeA} as in program "${first.program}", got ${shapeB} in program "${second.program}"`,
  );
}
