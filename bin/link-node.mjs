/**
 * After `npm ci`: makes sure that `node` in every script is the Node 24 that comes with the packages. npm 11 and
 * later link it themselves; npm 10 links the command and then removes it again together with the packages of the
 * other platforms, which carry a command of the same name.
 */
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
const command = `${modules}/.bin/node`;
const packaged = (existsSync(modules) ? readdirSync(modules) : [])
  .filter((name) => /^node-(bin-)?(linux|darwin)-/.test(name))
  .find((name) => existsSync(`${modules}/${name}/bin/node`));

if (packaged && !existsSync(command)) {
  mkdirSync(`${modules}/.bin`, { recursive: true });
  symlinkSync(`../${packaged}/bin/node`, command);
}
