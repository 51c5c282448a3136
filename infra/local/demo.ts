/** `npm run demo`: a real local service dies, and Homeostat heals it while you watch. */
import { keepCompiledCode } from './compiled.ts';

// Everything else is loaded after this, so that a second start finds it compiled.
keepCompiledCode();
const { main } = await import('./demo/main.ts');
process.exit(await main(process.argv.slice(2)));
