// licences.mjs: the licences of all installed dependencies, with their packages.
import { listDependencies } from './lib/dependencies.mjs';
import { describeLicences } from './lib/licences.mjs';
import { repositoryRoot } from './lib/repository.mjs';

console.log(describeLicences(listDependencies(repositoryRoot)));
