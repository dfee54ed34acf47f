import { fileURLToPath } from 'node:url';

/** The folder of the built page: static files, with relative addresses. It is missing if the package was not built. */
export const pageFolder: string = fileURLToPath(new URL('../../dist/page', import.meta.url));
