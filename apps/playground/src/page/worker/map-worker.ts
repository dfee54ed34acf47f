import { expose } from 'comlink';
import { projectItems } from '../items/project.ts';

/** Projects in its own thread, so that clicks are answered meanwhile. */
expose({ projectItems });
