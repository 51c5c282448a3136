import module from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Where Node keeps compiled code (and TypeScript with its types taken out): beside the packages, where only who may
 * change the code may change it too. Where nothing can be written, as in a read-only image, Node does without.
 */
export const compiledCode = fileURLToPath(new URL('../../node_modules/.cache/homeostat', import.meta.url));

export const keepCompiledCode = (): void => {
  module.enableCompileCache(compiledCode);
};
