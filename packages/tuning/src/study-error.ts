/** A study that cannot be opened, gone on with or finished, in one line. */
export class StudyError extends Error {
  override readonly name = 'StudyError';
}
