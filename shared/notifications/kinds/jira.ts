import { sha256 } from '../../platform/ids.ts';
import { cut } from '../escape.ts';
import { render } from '../render.ts';
import { apiUrlField, secretField, templateFields } from './fields.ts';
import { jiraDocument } from './jira-document.ts';
import { type ChannelKind, type HttpAnswer, NotSent, type Outgoing, type SendPorts } from './kind.ts';
import { urlFaults } from './reachable.ts';
import { requireTaken } from './taken.ts';
import { TicketGone, type Tracker, tellTicket } from './ticket.ts';

type JiraConfig = {
  readonly url: string;
  readonly email?: string;
  readonly token: string;
  readonly projectKey: string;
  readonly issueType: string;
  readonly labels: readonly string[];
  readonly resolveTransition?: string;
  readonly reopenTransition?: string;
};

/** Jira refuses a summary of more than 255 characters, and a label of more. */
const limits = { summary: 255, label: 255 };

/** An issue of Jira Cloud an incident. */
export const jira: ChannelKind = {
  secretFields: ['token'],
  config: (z) => {
    const transition = z.string().trim().min(1).max(255).optional();
    return z.strictObject({
      url: apiUrlField(z, 'https://example.atlassian.net/').meta({ description: 'The address of the site.' }),
      email: z
        .email('Give the address of the account that the token belongs to.')
        .optional()
        .meta({ description: 'Whose token it is; left out, the token is sent as a bearer token.' }),
      token: secretField(z).meta({ description: 'An API token, or a bearer token.' }),
      projectKey: z
        .string()
        .regex(/^[A-Z][A-Z0-9_]{1,49}$/, 'Give the key of a project, such as OPS.')
        .meta({ description: 'Where the issues are made.' }),
      issueType: z.string().trim().min(1).max(60).default('Task'),
      labels: z
        .array(z.string().regex(/^[^\s"\\\p{Cc}\p{Cs}]{1,255}$/u, 'Leave out blanks and quotation marks.'))
        .max(10, 'Give at most 10 labels.')
        .default(['homeostat'])
        .meta({ description: 'Each issue gets them, and one of its incident.' }),
      resolveTransition: transition.meta({ description: 'What to do with the issue when it is over.' }),
      reopenTransition: transition.meta({ description: 'What to do with it when it fires again.' }),
      ...templateFields(z),
    });
  },
  refusals: ({ url }, settings) => urlFaults(url, 'config.url', settings),
  send: (outgoing, ports) => tellTicket(outgoing, trackerOf(outgoing, ports)),
};

/** Labels have no blanks; in a query it stands between quotation marks. */
const labelOf = (key: string): string => {
  const label = key.replace(':', '-');
  return /^[\w.-]+$/.test(label) && label.length <= limits.label ? label : `homeostat-${sha256(key)}`;
};

const documentOf = (outgoing: Outgoing, notes: readonly string[] = []) =>
  jiraDocument(render(outgoing), outgoing.announcement.severity, [...notes, outgoing.dedupeKey]);

/** By this property of an issue a repeat knows itself. */
const propertyKey = 'homeostat';

export const jiraIssue = (outgoing: Outgoing) => {
  const { projectKey, issueType, labels } = outgoing.config as JiraConfig;
  const { title, word } = render(outgoing);
  return {
    fields: {
      project: { key: projectKey },
      issuetype: { name: issueType },
      summary: cut(title === '' ? word : title, limits.summary),
      description: documentOf(outgoing),
      labels: [...new Set([...labels, labelOf(outgoing.incidentKey)])],
    },
    properties: [{ key: propertyKey, value: { dedupeKey: outgoing.dedupeKey } }],
  };
};
export const jiraComment = (outgoing: Outgoing, notes: readonly string[] = []) => ({
  body: documentOf(outgoing, notes),
});
export const jiraSearch = ({ config, incidentKey }: Outgoing) => ({
  jql: `project = "${(config as JiraConfig).projectKey}" AND labels = "${labelOf(incidentKey)}" ORDER BY created DESC`,
  fields: ['labels'],
  properties: [propertyKey],
  maxResults: 1,
});
export const jiraTransition = (id: string) => ({ transition: { id } });

const trackerOf = (outgoing: Outgoing, ports: SendPorts): Tracker => {
  const call = callerOf(outgoing, ports);
  const { resolveTransition, reopenTransition } = outgoing.config as JiraConfig;
  const notes: string[] = [];
  const pathOf = (ticket: string) => `issue/${encodeURIComponent(ticket)}`;
  const move = async (ticket: string, name: string | undefined) => {
    if (name === undefined) return;
    const { transitions } = await call('GET', `${pathOf(ticket)}/transitions`, undefined, ticket);
    const wanted = named(transitions, name);
    if (wanted !== undefined) {
      await call('POST', `${pathOf(ticket)}/transitions`, jiraTransition(wanted), ticket);
      return;
    }
    // It may be where it should be already; that is for people to see.
    notes.push(`From here there is no transition «${name}», so the issue stays where it is.`);
  };
  return {
    async find() {
      const { issues } = await call('POST', 'search/jql', jiraSearch(outgoing));
      return foundIn(issues, outgoing.dedupeKey);
    },
    async create() {
      const { key } = await call('POST', 'issue', jiraIssue(outgoing));
      if (typeof key === 'string' && key !== '') return key;
      throw new NotSent('Jira made an issue, but did not say which');
    },
    comment: async (ticket) => {
      await call('POST', `${pathOf(ticket)}/comment`, jiraComment(outgoing, notes), ticket);
    },
    close: (ticket) => move(ticket, resolveTransition),
    reopen: (ticket) => move(ticket, reopenTransition),
  };
};

const recordsIn = (value: unknown): readonly Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : [];

const named = (transitions: unknown, name: string): string | undefined => {
  const wanted = name.toLowerCase();
  const found = recordsIn(transitions).find((one) => String(one.name).toLowerCase() === wanted);
  return typeof found?.id === 'string' ? found.id : undefined;
};

const foundIn = (issues: unknown, dedupeKey: string): Awaited<ReturnType<Tracker['find']>> => {
  const [issue] = recordsIn(issues);
  if (typeof issue?.key !== 'string') return undefined;
  const { [propertyKey]: property } = (issue.properties ?? {}) as Record<string, { dedupeKey?: unknown }>;
  return { ticket: issue.key, isTold: property?.dedupeKey === dedupeKey };
};

/** Calls a method of the REST API v3. With a ticket, 404 is TicketGone. */
const callerOf =
  ({ config, now }: Outgoing, ports: SendPorts) =>
  async (
    method: 'GET' | 'POST',
    path: string,
    body: unknown,
    ticket?: string,
  ): Promise<Readonly<Record<string, unknown>>> => {
    const { url, email, token } = config as JiraConfig;
    const basic = email === undefined ? undefined : Buffer.from(`${email}:${token}`).toString('base64');
    const answer = await ports.post({
      method,
      url: `${url}rest/api/3/${path}`,
      headers: {
        authorization: basic === undefined ? `Bearer ${token}` : `Basic ${basic}`,
        accept: 'application/json',
      },
      body: body === undefined ? '' : JSON.stringify(body),
    });
    if (ticket !== undefined && answer.status === 404) {
      throw new TicketGone(`Jira answered 404: ${ticket} is gone, or the account may not see it`, false);
    }
    requireTaken(withoutCredentials(answer, basic), 'Jira', now);
    return objectIn(answer);
  };

/** Who takes secrets out of answers knows the token, not what it became here (fault 29). */
const withoutCredentials = (answer: HttpAnswer, basic: string | undefined): HttpAnswer =>
  basic === undefined
    ? answer
    : { ...answer, body: answer.body.replaceAll(basic.replace(/=+$/, ''), '[secret]') };

const objectIn = ({ body }: HttpAnswer): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};
