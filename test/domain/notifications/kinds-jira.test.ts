import { Ajv } from 'ajv';
import fc from 'fast-check';
import type { createCloudClient } from 'jira.js/cloud';
import { afterEach, describe, expect, it, test } from 'vitest';
import type * as z from 'zod';
import {
  jira,
  jiraComment,
  jiraIssue,
  jiraSearch,
  jiraTransition,
} from '../../../shared/notifications/kinds/jira.ts';
import type { Outgoing } from '../../../shared/notifications/kinds/kind.ts';
import { announcement, anyAnnouncement, hostile, outgoing, resolvedAnnouncement } from './announcements.ts';
import { openReceiver, portsTo, refusalOf } from './receivers.ts';

type Client = ReturnType<typeof createCloudClient>;
type CreateIssue = Parameters<Client['issues']['createIssue']>[0];
type AddComment = Omit<Parameters<Client['issueComments']['addComment']>[0], 'issueIdOrKey'>;
type Search = NonNullable<Parameters<Client['issueSearch']['searchAndReconsileIssuesUsingJqlPost']>[0]>;
type DoTransition = Omit<Parameters<Client['issues']['doTransition']>[0], 'issueIdOrKey'>;

const config = {
  email: 'homeostat@example.com',
  token: 'jira-token-1',
  projectKey: 'OPS',
  issueType: 'Incident',
  labels: ['homeostat'],
};
/** tsc holds the payloads against the types of Jira's REST API v3. */
const issueOf = (given: Partial<Outgoing> = {}): CreateIssue => jiraIssue(outgoing({ config, ...given }));
const commentOf = (given: Partial<Outgoing> = {}): AddComment => jiraComment(outgoing({ config, ...given }));
const search: Search = jiraSearch(outgoing({ config }));
const transition: DoTransition = jiraTransition('31');

/** The same schemas at run time, each from its own file: all of them take seconds to load. */
const schemaOf = async (name: string): Promise<z.ZodObject> => {
  const path = `../../../node_modules/jira.js/dist/cloud/models/${name}.js`;
  const module = (await import(new URL(path, import.meta.url).href)) as Record<string, z.ZodObject>;
  const schema = module[`${name[0]?.toUpperCase()}${name.slice(1)}Schema`];
  if (!schema) throw new Error(`no schema ${name}`);
  return schema;
};
/** Faults of a body, fields that the schema does not name included. */
const faultsOf = (schema: z.ZodObject, body: object): readonly string[] => [
  ...Object.keys(body).filter((name) => !(name in schema.shape)),
  ...(schema.safeParse(body).error?.issues.map(({ message }) => message) ?? []),
];

/**
 * The nodes that we use, word for word from Atlassian's published schema of its document format (@atlaskit/adf-schema 57.7,
 * json-schema/v1/full.json, http://go.atlassian.com/adf-json-schema), with the alternatives that we do not use left out.
 */
const documentSchema = {
  $ref: '#/definitions/doc_node',
  definitions: {
    doc_node: {
      type: 'object',
      properties: {
        type: { enum: ['doc'] },
        content: { type: 'array', items: { $ref: '#/definitions/paragraph_node' } },
        version: { enum: [1] },
      },
      additionalProperties: false,
      required: ['version', 'type', 'content'],
    },
    paragraph_node: {
      type: 'object',
      properties: {
        type: { enum: ['paragraph'] },
        content: { type: 'array', items: { $ref: '#/definitions/inline_node' } },
      },
      additionalProperties: false,
      required: ['type'],
    },
    inline_node: {
      anyOf: [{ $ref: '#/definitions/text_node' }, { $ref: '#/definitions/hardBreak_node' }],
    },
    text_node: {
      type: 'object',
      properties: {
        type: { enum: ['text'] },
        marks: {
          type: 'array',
          items: {
            anyOf: [{ $ref: '#/definitions/link_mark' }, { $ref: '#/definitions/strong_mark' }],
          },
        },
        text: { minLength: 1, type: 'string' },
      },
      additionalProperties: false,
      required: ['type', 'text'],
    },
    hardBreak_node: {
      type: 'object',
      properties: { type: { enum: ['hardBreak'] } },
      additionalProperties: false,
      required: ['type'],
    },
    link_mark: {
      type: 'object',
      properties: {
        type: { enum: ['link'] },
        attrs: {
          type: 'object',
          properties: { href: { type: 'string' } },
          required: ['href'],
          additionalProperties: false,
        },
      },
      required: ['type', 'attrs'],
      additionalProperties: false,
    },
    strong_mark: {
      type: 'object',
      properties: { type: { enum: ['strong'] } },
      required: ['type'],
      additionalProperties: false,
    },
  },
};
const isDocument = new Ajv().compile(documentSchema);

/** «The entered text is too long. It exceeds the allowed limit of 32,767 characters.», «Summary must be less than 255 characters.» */
const broken = ({ fields }: CreateIssue): readonly string[] => {
  const { summary, description, labels } = fields as {
    summary: string;
    description: unknown;
    labels: readonly string[];
  };
  isDocument(description);
  return [
    ...(isDocument.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`),
    ...(JSON.stringify(description).length > 32_767 ? ['a description that is too long'] : []),
    ...(summary.length < 1 || summary.length > 255 ? [`summary: ${summary.length}`] : []),
    ...(/[\r\n\u2028\u2029]/.test(summary) ? ['a line break in the summary'] : []),
    ...labels.filter((label) => !/^[^\s"]{1,255}$/.test(label)),
  ];
};
const hrefsIn = (value: unknown): readonly string[] => {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, held]) =>
    name === 'href' && typeof held === 'string' ? [held] : hrefsIn(held),
  );
};

describe('an issue of Jira', () => {
  it('keeps inside the published schemas and limits, whatever is told (fault 28)', () => {
    fc.assert(
      fc.property(anyAnnouncement, (told) => {
        const issue = issueOf({ announcement: told, incidentKey: `homeostat:${told.incidentId}` });
        expect(broken(issue)).toEqual([]);
        expect(hrefsIn(issue).filter((href) => !/^https?:\/\//.test(href))).toEqual([]);
        expect(isDocument(commentOf({ announcement: told }).body)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps inside them with the longest of templates too', () => {
    const told = announcement({ title: '"'.repeat(20_000), alerts: [] });
    const templates = { title: `${'x'.repeat(190)}{{title}}`, text: `{{title}}\n\n${'\n'.repeat(1900)}` };
    expect(broken(issueOf({ announcement: told, config: { ...config, ...templates } }))).toEqual([]);
  });

  test.each(hostile)('shows %j as text', (name) => {
    expect(broken(issueOf({ announcement: announcement({ title: name, by: name }) }))).toEqual([]);
  });

  it("holds against Jira's schemas at run time", async () => {
    expect(faultsOf(await schemaOf('issueUpdateDetails'), issueOf())).toEqual([]);
    expect(faultsOf(await schemaOf('issueUpdateDetails'), transition)).toEqual([]);
    expect(faultsOf(await schemaOf('comment'), commentOf())).toEqual([]);
    expect(faultsOf(await schemaOf('searchAndReconcileRequest'), search)).toEqual([]);
    expect(faultsOf(await schemaOf('comment'), { body: 'text' })).not.toEqual([]);
  });

  it('says what happened, and can be found by its label', () => {
    expect(issueOf()).toMatchObject({
      fields: {
        project: { key: 'OPS' },
        issuetype: { name: 'Incident' },
        summary: 'home page is down',
        labels: ['homeostat', 'homeostat-inc-1'],
      },
      properties: [{ key: 'homeostat', value: { dedupeKey: 'homeostat:inc-1:1' } }],
    });
    expect(search.jql).toBe('project = "OPS" AND labels = "homeostat-inc-1" ORDER BY created DESC');
    const hostileKey = jiraSearch(outgoing({ config, incidentKey: 'homeostat:a" OR project = "B' })).jql;
    expect(hostileKey).toMatch(/^project = "OPS" AND labels = "homeostat-[\w-]+" ORDER BY created DESC$/);
  });
});

let receiver: Awaited<ReturnType<typeof openReceiver>> | undefined;
afterEach(() => receiver?.close());

type Kept = { readonly key: string; readonly properties?: unknown; status: string };

/** Jira, as far as its answers are documented. `lost`: the how-manieth answer never comes. */
const openJira = async ({ lost, isGone = false }: { lost?: number; isGone?: boolean } = {}) => {
  const issues: Kept[] = [];
  const comments: string[] = [];
  const transitions = [
    { id: '31', name: 'Done' },
    { id: '11', name: 'Reopen' },
  ];
  receiver = await openReceiver((request, response, count) => {
    const { pathname } = new URL(request.path, 'http://jira.example');
    const given = request.body === '' ? {} : (JSON.parse(request.body) as Record<string, unknown>);
    const answer = (status: number, body?: unknown) => {
      if (count === lost) response.destroy();
      else response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
    };
    if (pathname.endsWith('/search/jql')) {
      return answer(200, {
        isLast: true,
        issues: issues.map(({ key, properties }) => ({
          key,
          properties: Object.fromEntries(
            (properties as { key: string; value: unknown }[]).map((one) => [one.key, one.value]),
          ),
        })),
      });
    }
    if (pathname.endsWith('/issue')) {
      const key = `OPS-${issues.length + 1}`;
      issues.push({ key, properties: given.properties, status: 'To Do' });
      return answer(201, { id: '10000', key, self: 'https://jira.example/rest/api/3/issue/10000' });
    }
    if (isGone)
      return answer(404, {
        errorMessages: ['Issue does not exist or you do not have permission to see it.'],
      });
    if (pathname.endsWith('/comment')) return answer(201, { id: String(comments.push(request.body)) });
    if (request.method === 'GET') return answer(200, { transitions });
    const { id } = given.transition as { id: string };
    for (const issue of issues) issue.status = transitions.find((one) => one.id === id)?.name ?? '';
    return answer(204);
  });
  return { issues, comments };
};
const send = (given: Partial<Outgoing> = {}, more: Record<string, unknown> = {}) =>
  jira.send(outgoing({ config: { ...config, url: `${receiver?.url}/`, ...more }, ...given }), portsTo());
const calls = () => (receiver?.received ?? []).map(({ method, path }) => `${method} ${path}`);

describe('an incident is one issue of Jira', () => {
  it('opened, commented and moved', async () => {
    const { issues, comments } = await openJira();
    const moves = { resolveTransition: 'done', reopenTransition: 'Reopen' };
    const sent = await send({}, moves);
    expect(sent).toEqual({ thread: 'OPS-1' });
    await send({ ...sent, announcement: announcement({ kind: 'acknowledged', by: 'ada', no: 2 }) }, moves);
    await send({ ...sent, announcement: resolvedAnnouncement({ no: 3 }) }, moves);
    expect(issues).toMatchObject([{ status: 'Done' }]);
    await send({ ...sent, announcement: announcement({ no: 4 }) }, moves);
    expect(issues).toMatchObject([{ status: 'Reopen' }]);
    expect(calls()).toEqual([
      'POST /rest/api/3/search/jql',
      'POST /rest/api/3/issue',
      'POST /rest/api/3/issue/OPS-1/comment',
      'GET /rest/api/3/issue/OPS-1/transitions',
      'POST /rest/api/3/issue/OPS-1/transitions',
      'POST /rest/api/3/issue/OPS-1/comment',
      'GET /rest/api/3/issue/OPS-1/transitions',
      'POST /rest/api/3/issue/OPS-1/transitions',
      'POST /rest/api/3/issue/OPS-1/comment',
    ]);
    expect(comments[0]).toContain('By: ada');
    expect(comments[1]).toContain('Downtime: 12 min 30 s');
  });

  it('is commented on only, where no transition is named', async () => {
    const { issues } = await openJira();
    const sent = await send();
    await send({ ...sent, announcement: resolvedAnnouncement() });
    expect(issues).toMatchObject([{ status: 'To Do' }]);
    expect(calls().at(-1)).toBe('POST /rest/api/3/issue/OPS-1/comment');
  });

  it('says when it has no such transition', async () => {
    const { comments } = await openJira();
    await send({ thread: 'OPS-1', announcement: resolvedAnnouncement() }, { resolveTransition: 'Close' });
    expect(comments[0]).toContain(
      'From here there is no transition «Close», so the issue stays where it is.',
    );
  });

  it('is one also when the answer to the first try got lost', async () => {
    const { issues, comments } = await openJira({ lost: 2 });
    expect(await refusalOf(send())).toMatchObject({ isFinal: false });
    expect(await send()).toEqual({ thread: 'OPS-1' });
    expect(issues).toHaveLength(1);
    expect(comments).toEqual([]);
  });

  it('is opened anew when it is gone while it fires; a resolution that nobody can read is refused', async () => {
    const { issues } = await openJira({ isGone: true });
    const told = announcement({ kind: 'update', no: 2 });
    expect(await send({ thread: 'OPS-9', announcement: told })).toEqual({ thread: 'OPS-1' });
    expect(issues).toHaveLength(1);
    const error = await refusalOf(send({ thread: 'OPS-9', announcement: resolvedAnnouncement() }));
    expect(error).toMatchObject({
      message: 'Jira answered 404: OPS-9 is gone, or the account may not see it',
      isFinal: true,
    });
  });

  it.each([
    ['of an account', 'homeostat@example.com', `Basic ${btoa('homeostat@example.com:jira-token-1')}`],
    ['as it is', undefined, 'Bearer jira-token-1'],
  ])('sends the token %s', async (_how, email, authorization) => {
    await openJira();
    await send({}, { email });
    expect(receiver?.received.map(({ headers }) => headers.authorization)).toEqual([
      authorization,
      authorization,
    ]);
  });

  test.each([
    { status: 400, headers: {}, isFinal: true, retryAfterSeconds: undefined },
    { status: 401, headers: {}, isFinal: true, retryAfterSeconds: undefined },
    { status: 429, headers: { 'retry-after': '12' }, isFinal: false, retryAfterSeconds: 12 },
    { status: 503, headers: {}, isFinal: false, retryAfterSeconds: undefined },
  ])('$status: final $isFinal', async ({ status, headers, isFinal, retryAfterSeconds }) => {
    receiver = await openReceiver((_request, response) => void response.writeHead(status, headers).end('no'));
    expect(await refusalOf(send())).toMatchObject({
      message: `Jira answered ${status}: no`,
      isFinal,
      retryAfterSeconds,
    });
  });
});
