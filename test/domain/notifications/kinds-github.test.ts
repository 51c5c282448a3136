import type { components, operations } from '@octokit/openapi-types';
import fc from 'fast-check';
import { afterEach, describe, expect, it, test } from 'vitest';
import {
  github,
  githubClosed,
  githubComment,
  githubIssue,
  githubReopened,
} from '../../../shared/notifications/kinds/github.ts';
import type { Outgoing } from '../../../shared/notifications/kinds/kind.ts';
import {
  announcement,
  anyAnnouncement,
  hostile,
  noon,
  outgoing,
  resolvedAnnouncement,
} from './announcements.ts';
import { liveIn } from './markdown-signs.ts';
import { openReceiver, portsTo, refusalOf } from './receivers.ts';

type BodyOf<Name extends 'issues/create' | 'issues/create-comment' | 'issues/update'> = NonNullable<
  operations[Name]['requestBody']
>['content']['application/json'];
type Issue = Pick<components['schemas']['issue'], 'number' | 'title' | 'body' | 'state' | 'created_at'>;

const config = { token: 'ghp_1', repository: 'example/operations', labels: ['homeostat', 'incident'] };
/** tsc holds the payloads against GitHub's OpenAPI description. */
const issueOf = (given: Partial<Outgoing>): BodyOf<'issues/create'> =>
  githubIssue(outgoing({ config, ...given }));
const commentOf = (given: Partial<Outgoing>): BodyOf<'issues/create-comment'> =>
  githubComment(outgoing({ config, ...given }));
const updates: readonly BodyOf<'issues/update'>[] = [githubClosed, githubReopened];

describe('an issue of GitHub', () => {
  it('keeps inside what GitHub takes and is text, whatever is told (fault 28)', () => {
    fc.assert(
      fc.property(anyAnnouncement, (told) => {
        const { title, body = '' } = issueOf({ announcement: told });
        // «title is too long (maximum is 256 characters)», «body is too long (maximum is 65536 characters)»
        expect(String(title).length).toBeGreaterThan(0);
        expect(String(title).length).toBeLessThanOrEqual(256);
        expect(body.length).toBeLessThanOrEqual(65_536);
        expect(liveIn(body)).toEqual([]);
        expect(liveIn(commentOf({ announcement: told }).body)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ...hostile,
    'fixes #12, example/shop#7, GH-12',
    '@example/team ping',
    '![x](https://evil.example/pixel.png)',
    'https://github.com/example/shop/issues/1',
    '--> <script>',
  ])('shows %j as text: nobody is mentioned, no issue is linked', (name) => {
    const { body = '' } = issueOf({
      announcement: announcement({ title: name, by: name, deploymentId: name }),
    });
    expect(liveIn(body)).toEqual([]);
  });

  it('says what happened, and carries its marks unseen, whatever was cut', () => {
    const { title, body = '', labels } = issueOf({});
    expect({ title, labels }).toEqual({ title: 'home page is down', labels: ['homeostat', 'incident'] });
    expect(body.split('\n')).toEqual(
      expect.arrayContaining([
        '**🔴 Firing, critical**',
        '- Deployment: web-shop',
        '- **Service Down: home page** (critical, firing)',
        '<!-- homeostat%3Ainc-1 -->',
      ]),
    );
    const long = announcement({ kind: 'digest', lines: Array.from({ length: 500 }, () => 'x'.repeat(400)) });
    const told = issueOf({ announcement: long }).body ?? '';
    expect(told).toContain(' more\n');
    expect(told.endsWith('\n<!-- homeostat%3Ainc-1%3A1 -->')).toBe(true);
  });

  it('is closed as completed, and opened again as reopened', () => {
    expect(updates).toEqual([
      { state: 'closed', state_reason: 'completed' },
      { state: 'open', state_reason: 'reopened' },
    ]);
  });
});

let receiver: Awaited<ReturnType<typeof openReceiver>> | undefined;
afterEach(() => receiver?.close());

/** GitHub, as far as its answers are documented. `lost`: the how-manieth answer never comes. */
const openGitHub = async ({ issues = [], lost }: { issues?: Issue[]; lost?: number } = {}) => {
  const comments: string[] = [];
  receiver = await openReceiver((request, response, count) => {
    const [, number, part] = /issues(?:\/(\d+)(\/comments)?)?(?:\?|$)/.exec(request.path) ?? [];
    const given = request.body === '' ? {} : (JSON.parse(request.body) as Record<string, string>);
    const issue = issues.find((one) => String(one.number) === number);
    const answer = (status: number, body: unknown) => {
      if (count === lost) response.destroy();
      else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.method === 'GET') {
      const query = new URL(request.path, 'http://github.example').searchParams;
      const first = (Number(query.get('page')) - 1) * Number(query.get('per_page'));
      return answer(200, issues.toReversed().slice(first, first + Number(query.get('per_page'))));
    }
    if (number !== undefined && !issue) return answer(410, { message: 'This issue was deleted' });
    if (part !== undefined) return answer(201, { id: comments.push(given.body ?? '') });
    if (request.method === 'PATCH' && issue) return answer(200, Object.assign(issue, given));
    const made = { number: issues.length + 1, title: '', state: 'open', created_at: '', ...given };
    issues.push(made);
    return answer(201, made);
  });
  return { issues, comments };
};
const send = (given: Partial<Outgoing> = {}) =>
  github.send(outgoing({ config: { ...config, apiUrl: `${receiver?.url}/` }, ...given }), portsTo());
const calls = () =>
  (receiver?.received ?? []).map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
const other = (number: number): Issue => ({ number, title: 'x', body: 'x', state: 'open', created_at: '' });

describe('an incident is one issue', () => {
  it('opened, commented and closed', async () => {
    const { issues, comments } = await openGitHub();
    const sent = await send();
    expect(sent).toEqual({ thread: '1' });
    await send({ ...sent, announcement: announcement({ kind: 'reminder', no: 2 }) });
    await send({ ...sent, announcement: resolvedAnnouncement({ no: 3 }) });
    expect(calls()).toEqual([
      'GET /repos/example/operations/issues',
      'POST /repos/example/operations/issues',
      'POST /repos/example/operations/issues/1/comments',
      'PATCH /repos/example/operations/issues/1',
      'POST /repos/example/operations/issues/1/comments',
    ]);
    expect(receiver?.received[1]?.headers).toMatchObject({
      authorization: 'Bearer ghp_1',
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      'user-agent': 'Homeostat',
    });
    expect(issues).toMatchObject([{ title: 'home page is down', state: 'closed' }]);
    expect(comments[0]).toContain('Still firing');
    expect(comments[1]).toContain('Downtime: 12 min 30 s');
  });

  it('opened again when it fires again', async () => {
    const { issues } = await openGitHub({ issues: [{ ...other(1), state: 'closed' }] });
    await send({ thread: '1', announcement: announcement({ no: 4 }) });
    expect(issues).toMatchObject([{ state: 'open', state_reason: 'reopened' }]);
  });

  it('one also when the answer to the first try got lost', async () => {
    const { issues, comments } = await openGitHub({ lost: 2, issues: [other(1)] });
    expect(await refusalOf(send())).toMatchObject({ isFinal: false });
    issues.push(...[3, 4, 5, 6, 7, 8].map(other));
    expect(await send()).toEqual({ thread: '2' });
    expect(issues.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(comments).toEqual([]);
    const query = new URL(receiver?.received[0]?.path ?? '', 'http://github.example').searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      labels: 'homeostat',
      state: 'all',
      since: new Date(noon - 600_000).toISOString(),
    });
  });

  it('opened anew when somebody deleted it while it fires, and left alone when it is over', async () => {
    const { issues } = await openGitHub();
    const told = announcement({ kind: 'update', no: 2 });
    expect(await send({ thread: '9', announcement: told })).toEqual({ thread: '1' });
    expect(await send({ thread: '9', announcement: resolvedAnnouncement() })).toEqual({});
    expect(issues).toHaveLength(1);
  });

  it('none when nobody was ever told that it began', async () => {
    const { issues } = await openGitHub();
    expect(await send({ announcement: resolvedAnnouncement() })).toEqual({});
    expect(issues).toEqual([]);
  });

  it('a test shows that opening, closing and commenting is allowed', async () => {
    const { issues, comments } = await openGitHub();
    await send({ announcement: announcement({ kind: 'test', alerts: [] }) });
    expect(issues).toMatchObject([{ state: 'closed' }]);
    expect(comments).toHaveLength(1);
  });

  test.each([
    { status: 401, headers: {}, isFinal: true, retryAfterSeconds: undefined },
    { status: 403, headers: {}, isFinal: true, retryAfterSeconds: undefined },
    { status: 403, headers: { 'retry-after': '75' }, isFinal: false, retryAfterSeconds: 75 },
    {
      status: 403,
      // The clock of a test says six seconds after noon.
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(noon / 1000 + 906) },
      isFinal: false,
      retryAfterSeconds: 900,
    },
    { status: 422, headers: {}, isFinal: true, retryAfterSeconds: undefined },
    { status: 502, headers: {}, isFinal: false, retryAfterSeconds: undefined },
  ])('$status $headers: final $isFinal', async ({ status, headers, isFinal, retryAfterSeconds }) => {
    receiver = await openReceiver((_request, response) => void response.writeHead(status, headers).end('{}'));
    expect(await refusalOf(send())).toMatchObject({ isFinal, retryAfterSeconds });
  });
});
