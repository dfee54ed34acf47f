/** Why the code cannot be compared; the message is all there is to say. */
export class CiError extends Error {}
