import { toIso } from '../../platform/clock.ts';
import { cut, markdown } from '../escape.ts';
import { render } from '../render.ts';
import { markdownBody } from '../render-markdown.ts';
import { apiUrlField, secretField, templateFields } from './fields.ts';
import { type ChannelKind, type HttpAnswer, NotSent, type Outgoing, type SendPorts } from './kind.ts';
import { urlFaults } from './reachable.ts';
import { requireTaken } from './taken.ts';
import { TicketGone, type Tracker, tellTicket } from './ticket.ts';

type GitHubConfig = {
  readonly token: string;
  readonly repository: string;
  readonly labels: readonly string[];
  readonly apiUrl?: string;
};

const usualApi = 'https://api.github.com/';

/**
 * GitHub takes titles of 256 characters and bodies of 65,536. Ours are shorter, so that a page of issues fits into what is
 * read of an answer, 64 KB: five issues of 4,000 characters and of the 5,000 or so that GitHub says about each.
 */
const limits = { title: 256, body: 4000, fact: 200, page: 5, pages: 3 };

/** Clocks differ, and issues are looked for from when the incident opened. */
const clockLeewayMs = 10 * 60_000;

/** An issue an incident. */
export const github: ChannelKind = {
  secretFields: ['token'],
  config: (z) =>
    z.strictObject({
      token: secretField(z).meta({ description: 'A token that may write issues of the repository.' }),
      repository: z
        .string()
        .regex(
          /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/,
          'Give owner and name, such as example/operations.',
        ),
      labels: z
        .array(
          z
            .string()
            .max(50, 'Give at most 50 characters.')
            .regex(/^[^\s,\p{Cc}\p{Cs}][^,\p{Cc}\p{Cs}]*$/u, 'Leave out commas and control characters.'),
        )
        .min(1, 'Give at least one label: by the first one issues are found again.')
        .max(10, 'Give at most 10 labels.')
        .default(['homeostat'])
        .meta({ description: 'Each issue gets them; by the first one issues are found again.' }),
      apiUrl: apiUrlField(z, 'https://github.example.com/api/v3/')
        .optional()
        .meta({ description: `${usualApi} when left out.` }),
      ...templateFields(z),
    }),
  refusals: ({ apiUrl }, settings) => urlFaults(apiUrl, 'config.apiUrl', settings),
  send: (outgoing, ports) => tellTicket(outgoing, trackerOf(outgoing, ports)),
};

const keyMark = (key: string): string => `<!-- ${encodeURIComponent(key)} -->`;

/** Marks stand in the text, unseen: who made it, and by which announcement. */
export const githubBody = (outgoing: Outgoing): string => {
  const rendered = render(outgoing, markdown);
  const { word, mark, facts, text } = rendered;
  const marks = `${keyMark(outgoing.incidentKey)}\n${keyMark(outgoing.dedupeKey)}`;
  const head = [
    `**${mark} ${word}, ${outgoing.announcement.severity}**`,
    ...(text === undefined ? facts : []).map(([name, value]) => `- ${name}: ${cut(value, limits.fact)}`),
  ].join('\n');
  const body = markdownBody(rendered, limits.body - head.length - marks.length - 4);
  return [head, body, marks].filter((part) => part !== '').join('\n\n');
};

export const githubIssue = (outgoing: Outgoing) => {
  const { title, word } = render(outgoing);
  return {
    title: cut(title === '' ? word : title, limits.title),
    body: githubBody(outgoing),
    labels: [...(outgoing.config as GitHubConfig).labels],
  };
};
export const githubComment = (outgoing: Outgoing) => ({ body: githubBody(outgoing) });
export const githubClosed = { state: 'closed', state_reason: 'completed' } as const;
export const githubReopened = { state: 'open', state_reason: 'reopened' } as const;

const trackerOf = (outgoing: Outgoing, ports: SendPorts): Tracker => {
  const call = callerOf(outgoing, ports);
  const onIssue = async (method: 'POST' | 'PATCH', ticket: string, path: string, body: unknown) => {
    const answer = await call(
      method,
      `/${encodeURIComponent(ticket)}${path}`,
      body,
      (status) => status === 410 || status === 404,
    );
    if (answer.status === 410) throw new TicketGone(`issue ${ticket} was deleted`, true);
    if (answer.status === 404)
      throw new TicketGone(
        `GitHub answered 404: issue ${ticket} is gone, or the token may not see it`,
        false,
      );
  };
  return {
    find: () => findIssue(outgoing, (query) => call('GET', query)),
    async create() {
      const { number } = parsed(await call('POST', '', githubIssue(outgoing))) as { number?: unknown };
      if (typeof number === 'number') return String(number);
      throw new NotSent('GitHub made an issue, but did not say which');
    },
    comment: (ticket) => onIssue('POST', ticket, '/comments', githubComment(outgoing)),
    close: (ticket) => onIssue('PATCH', ticket, '', githubClosed),
    reopen: (ticket) => onIssue('PATCH', ticket, '', githubReopened),
  };
};

/** Among the newest of our issues that changed since the incident opened. */
const findIssue = async (
  { announcement, config, incidentKey, dedupeKey }: Outgoing,
  list: (query: string) => Promise<HttpAnswer>,
): ReturnType<Tracker['find']> => {
  const query = new URLSearchParams({
    labels: (config as GitHubConfig).labels[0] ?? '',
    state: 'all',
    since: toIso(announcement.openedAt - clockLeewayMs),
    sort: 'created',
    direction: 'desc',
    per_page: String(limits.page),
  });
  for (let page = 1; page <= limits.pages; page++) {
    query.set('page', String(page));
    const issues = parsed(await list(`?${query}`));
    // More than is read of an answer: a second issue is better than none.
    if (!Array.isArray(issues)) return undefined;
    for (const { number, body } of issues as { number?: unknown; body?: unknown }[]) {
      if (typeof number === 'number' && typeof body === 'string' && body.includes(keyMark(incidentKey))) {
        return { ticket: String(number), isTold: body.includes(keyMark(dedupeKey)) };
      }
    }
    if (issues.length < limits.page) return undefined;
  }
  return undefined;
};

const parsed = ({ body }: HttpAnswer): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
};

const callerOf =
  ({ config, now }: Outgoing, ports: SendPorts) =>
  async (
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: unknown,
    isForgiven: (status: number) => boolean = () => false,
  ): Promise<HttpAnswer> => {
    const { token, repository, apiUrl = usualApi } = config as GitHubConfig;
    const answer = await ports.post({
      method,
      url: `${apiUrl}repos/${repository}/issues${path}`,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
      },
      body: body === undefined ? '' : JSON.stringify(body),
    });
    if (isForgiven(answer.status)) return answer;
    requireTaken(limited(answer, now), 'GitHub', now);
    return answer;
  };

/** GitHub says 403 also to who asks too often; then another time will do. */
const limited = (answer: HttpAnswer, now: number): HttpAnswer => {
  const { status, headers } = answer;
  const isSpent = headers['x-ratelimit-remaining'] === '0';
  if ((status !== 403 && status !== 429) || (headers['retry-after'] === undefined && !isSpent)) return answer;
  const resetMs = Number(headers['x-ratelimit-reset']) * 1000 - now;
  const waitSeconds = Math.ceil(Math.max(resetMs || 0, 60_000) / 1000);
  return { ...answer, status: 429, headers: { 'retry-after': String(waitSeconds), ...headers } };
};
