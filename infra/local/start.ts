/** `npm start`: Homeostat whole on this machine, from the synthesized stack. */
import { keepCompiledCode } from './compiled.ts';

// Everything else is loaded after this, so that a second start finds it compiled.
keepCompiledCode();
const { main } = await import('./start/main.ts');
const code = await main(process.argv.slice(2));
if (code !== undefined) process.exit(code);
