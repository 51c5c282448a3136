import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { routes } from '../../shared/platform/api/table.ts';
import { clientSource } from './client-source.ts';

// `npm run generate`: writes the console's typed client anew after the route table changed.

const file = fileURLToPath(new URL('../../web/client/operations.ts', import.meta.url));
const source = clientSource(routes);
const held = await readFile(file, 'utf8').catch(() => '');
if (held === source) console.log('web/client/operations.ts is current');
else {
  await writeFile(file, source);
  console.log('web/client/operations.ts written');
}
