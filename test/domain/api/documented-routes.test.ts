import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { routes } from '../../../shared/platform/api/table.ts';
import { errorCodes } from '../../../shared/platform/errors.ts';

const page = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');

test('docs/api.md lists exactly the routes there are, each with its scope', () => {
  const listed = [...page.matchAll(/^\| (GET|POST|PUT|DELETE) \| `([^`]+)` \| (\w+) \|/gm)].map(
    ([, method, path, scope]) => `${method} ${path} ${scope}`,
  );
  expect(listed.sort()).toEqual(routes.map(({ method, path, scope }) => `${method} ${path} ${scope}`).sort());
});

test('docs/api.md names every error code with the status it answers with', () => {
  const listed = [...page.matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) \| (\d{3}) \|$/gm)].flatMap(
    ([, codes, status]) => [...(codes ?? '').matchAll(/[A-Z_]+/g)].map(([code]) => `${code} ${status}`),
  );
  expect(listed.sort()).toEqual(
    Object.entries(errorCodes)
      .map(([code, { status }]) => `${code} ${status}`)
      .sort(),
  );
});
