/** Something that packing needs is missing or failed. Only the message is printed. */
export class PackError extends Error {}
