import * as z from 'zod';
import { defineRoute } from '../platform/api/route.ts';
import { fileJsonSchema } from './file-schema.ts';

let schema: Readonly<Record<string, unknown>> | undefined;

export const fileSchemaRoute = defineRoute({
  id: 'readFileSchema',
  function: 'api',
  method: 'GET',
  path: '/homeostat.schema.json',
  scope: 'public',
  summary: 'The shape of homeostat.yaml',
  description:
    'JSON Schema for editors. Name it on the first line of the file: `# yaml-language-server: $schema=<this URL>`.',
  success: { status: 200, schema: z.record(z.string(), z.unknown()), contentType: 'application/schema+json' },
  run: async () => {
    schema ??= fileJsonSchema();
    return { body: schema };
  },
});

export const configurationRoutes = [fileSchemaRoute];
