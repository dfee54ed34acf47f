/** A value of a parameter: text as a parameter string has it, or a literal of a Python file. */
export type ParameterValue = string | number | boolean | null | readonly ParameterValue[];

/** Parameters of the authors' code by its names. */
export type OriginalParameters = Readonly<Record<string, ParameterValue>>;
