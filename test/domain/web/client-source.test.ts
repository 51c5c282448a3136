import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { clientSource } from '../../../infra/console/client-source.ts';
import { defineRoute } from '../../../shared/platform/api/route.ts';
import { routes } from '../../../shared/platform/api/table.ts';

describe("The console's typed client", () => {
  it('is what the route table gives now: npm run generate writes it', async () => {
    const held = await readFile(new URL('../../../web/client/operations.ts', import.meta.url), 'utf8');
    expect(held === clientSource(routes), 'web/client/operations.ts is older than the route table').toBe(
      true,
    );
  });

  it('says what an operation is, takes and answers', () => {
    const thing = z.strictObject({
      name: z.string().min(1).regex(/^\w+$/),
      kind: z.enum(['a', 'b']),
      size: z.number().nullable(),
      tags: z.record(z.string(), z.string()).optional(),
      parts: z.array(z.union([z.int(), z.literal('all')])),
      'x-y': z.boolean(),
    });
    const source = clientSource([
      defineRoute({
        id: 'makeThing',
        function: 'api',
        method: 'POST',
        path: '/things/{id}',
        scope: 'write',
        summary: 'Make a thing',
        description: 'For a test.',
        params: z.strictObject({ id: z.string() }),
        query: z.strictObject({ dryRun: z.enum(['true', 'false']).optional() }),
        body: thing,
        success: { status: 201, schema: thing.meta({ id: 'Thing' }) },
        run: async () => ({}),
      }),
    ]);
    expect(source.split('\n')).toEqual(
      expect.arrayContaining([
        "  makeThing: { method: 'POST', path: '/things/{id}', scope: 'write' },",
        '  Thing: { readonly name: string; readonly kind: ("a" | "b"); readonly size: (number | null); readonly tags?: Readonly<Record<string, string>>; readonly parts: readonly (number | "all")[]; readonly "x-y": boolean };',
      ]),
    );
    expect(source).toContain(
      'makeThing: { params: { readonly id: string }; query: { readonly dryRun?: ("true" | "false") }; body: ',
    );
    expect(source).toContain('answer: Schemas["Thing"] };');
  });
});
