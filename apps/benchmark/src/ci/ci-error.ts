/** Why the code cannot be compared. Only its message is printed. */
export class CiError extends Error {}
