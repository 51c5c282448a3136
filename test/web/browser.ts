import { existsSync } from 'node:fs';

const executable = process.env.CHROMIUM ?? '/usr/bin/chromium';
const found = existsSync(executable);

/** Why the page is not looked at in a browser here; undefined when it is. A build server must have the browser. */
export const noBrowser: string | undefined =
  found || process.env.CI
    ? undefined
    : `left out: there is no browser at ${executable}. Install Chromium (Debian: apt-get install chromium), or name one in CHROMIUM.`;

export const launchOptions = {
  executablePath: executable,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
};
