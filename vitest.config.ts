import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { suites } from './test/suites.ts';

// No test may reach a real account: neither variables, nor profiles, nor the metadata service of a machine in the cloud.
for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
const nowhere = join(import.meta.dirname, 'node_modules', '.no-aws-profile');
Object.assign(process.env, {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: nowhere,
  AWS_SHARED_CREDENTIALS_FILE: nowhere,
});

export default defineConfig({
  test: {
    // Two workers keep both cores of a small machine busy; more only make latencies lie.
    maxWorkers: 2,
    // What functions log belongs to the test that failed; of the others it only hides that one.
    silent: 'passed-only',
    projects: suites.map(({ name, include, timeoutSeconds, alone, environment }, order) => ({
      test: {
        name,
        include: [...include],
        testTimeout: timeoutSeconds * 1000,
        hookTimeout: timeoutSeconds * 1000,
        sequence: { groupOrder: order },
        // Powertools then logs through the console that vitest captures.
        env: { POWERTOOLS_DEV: 'true', ...environment },
        maxWorkers: alone ? 1 : 2,
      },
    })),
  },
});
