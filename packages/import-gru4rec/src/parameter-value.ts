/** Value of a parameter: a string from a parameter string, or a literal of a Python file. */
export type ParameterValue = string | number | boolean | null | readonly ParameterValue[];

/** Parameters by their names in the authors' code. */
export type OriginalParameters = Readonly<Record<string, ParameterValue>>;
