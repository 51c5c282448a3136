import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'console-files',
  purpose: 'Puts the files of the console, which it carries, where the distribution serves them from.',
  trigger: { kind: 'customResource' },
  timeoutSeconds: 120,
  memoryMb: 512,
  carries: 'console',
  needs: { consoleFiles: ['put', 'list', 'delete'] },
  why: {
    consoleFiles:
      'puts the files of a release, removes those that no release held for a month, and all of them when the stack goes',
  },
  settings: ['logLevel'],
});
