import { slackText } from '../escape.ts';
import { render } from '../render.ts';
import { secretField, templateFields } from './fields.ts';
import {
  type ChannelKind,
  type HttpAnswer,
  NotSent,
  type Outgoing,
  type SendPorts,
  type Sent,
} from './kind.ts';
import { slackMessage } from './slack-blocks.ts';
import { requireTaken, retryAfterOf } from './taken.ts';

type BotConfig = { readonly token: string; readonly channel: string; readonly apiUrl?: string };

const usualApi = 'https://slack.com/api/';

/** An incoming webhook, or a bot, which keeps an incident in one thread. */
export const slack: ChannelKind = {
  secretFields: ['url', 'token'],
  config: (z) =>
    z
      .strictObject({
        url: secretField(z).optional().meta({ description: 'The URL of an incoming webhook.' }),
        token: secretField(z)
          .optional()
          .meta({ description: 'The token of a bot with the scope `chat:write`.' }),
        channel: z
          .string()
          .regex(
            /^(#[^\s#@<>]{1,80}|[CGD][A-Z0-9]{6,20})$/,
            'Give the id of a channel, such as C0123456789, or #name.',
          )
          .optional()
          .meta({ description: 'Where the bot writes.' }),
        apiUrl: z
          .url({ protocol: /^https?$/, error: 'Give a URL such as https://slack-gov.com/api/.' })
          .regex(/\/$/, 'End it with a slash.')
          .optional()
          .meta({ description: `${usualApi} when left out.` }),
        ...templateFields(z),
      })
      .superRefine(({ url, token, channel, apiUrl }, context) => {
        const issue = (path: string, message: string) =>
          context.addIssue({ code: 'custom', path: [path], message });
        if ((url === undefined) === (token === undefined)) {
          issue(
            'url',
            'Give either the `url` of an incoming webhook, or the `token` of a bot and its `channel`.',
          );
        } else if (token !== undefined && channel === undefined) {
          issue('channel', 'Give the channel that the bot writes to.');
        } else if (url !== undefined && (channel !== undefined || apiUrl !== undefined)) {
          issue(
            channel === undefined ? 'apiUrl' : 'channel',
            'Leave it out: an incoming webhook has its own.',
          );
        }
      }),
  send(outgoing, ports) {
    const { url } = outgoing.config;
    return typeof url === 'string' ? sendToWebhook(url, outgoing, ports) : sendAsBot(outgoing, ports);
  },
};

const messageOf = (outgoing: Outgoing) => slackMessage(render(outgoing, slackText), outgoing.dedupeKey);

const sendToWebhook = async (url: string, outgoing: Outgoing, ports: SendPorts): Promise<Sent> => {
  const body = JSON.stringify(messageOf(outgoing));
  const answer = await ports.post({ url, body, contentType: 'application/json; charset=utf-8' });
  requireTaken(answer, 'Slack', outgoing.now);
  return {};
};

/** Where the first message of the incident stands: `<channel>:<ts>`. */
const parentOf = (thread: string | undefined): { channel: string; ts: string } | undefined => {
  const [, channel, ts] = /^([A-Z0-9]+):(\d+\.\d+)$/.exec(thread ?? '') ?? [];
  return channel === undefined || ts === undefined ? undefined : { channel, ts };
};

/** After these the first message says how the incident stands now. */
const standing: readonly string[] = ['acknowledged', 'unacknowledged', 'resolved'];
/** These are shown in the channel too, not in the thread alone. */
const loud: readonly string[] = ['firing', 'escalated', 'resolved'];

/** Answers that say that the message of a thread is there no more. */
const threadGone: readonly string[] = ['thread_not_found', 'message_not_found', 'cannot_reply_to_message'];

const sendAsBot = async (outgoing: Outgoing, ports: SendPorts): Promise<Sent> => {
  const call = callerOf(outgoing, ports);
  const { announcement, dedupeKey, incidentKey, config } = outgoing;
  const metadata = {
    event_type: 'homeostat_notification',
    event_payload: { dedupe_key: dedupeKey, incident_key: incidentKey },
  };
  const message = { ...messageOf(outgoing), metadata, unfurl_links: false, unfurl_media: false };
  const parent = parentOf(outgoing.thread);
  if (parent === undefined)
    return posted(await call('chat.postMessage', { ...message, channel: config.channel }));
  // The first message changes before the answer in its thread is written: changing it twice does no harm.
  if (standing.includes(announcement.kind)) {
    await call('chat.update', { ...message, channel: parent.channel, ts: parent.ts }, () => true);
  }
  const isLoud = loud.includes(announcement.kind);
  const reply = { ...message, channel: parent.channel, thread_ts: parent.ts, reply_broadcast: isLoud };
  const answered = await call('chat.postMessage', reply, (code) => threadGone.includes(code));
  if (answered.ok) return { thread: outgoing.thread };
  return posted(await call('chat.postMessage', { ...message, channel: config.channel }));
};

type Said = {
  readonly ok: boolean;
  readonly error?: string;
  readonly channel?: string;
  readonly ts?: string;
};

const posted = ({ channel, ts }: Said): Sent =>
  channel === undefined || ts === undefined ? {} : { thread: `${channel}:${ts}` };

/** Codes that another time may be different. */
const passing: readonly string[] = [
  'ratelimited',
  'rate_limited',
  'message_limit_exceeded',
  'internal_error',
  'fatal_error',
  'request_timeout',
  'service_unavailable',
];

/** Calls a method of Slack's Web API. `isForgiven`: refusals that the caller goes on from, unless they are to be tried again. */
const callerOf =
  ({ config, now }: Outgoing, ports: SendPorts) =>
  async (
    method: string,
    body: Readonly<Record<string, unknown>>,
    isForgiven: (code: string) => boolean = () => false,
  ): Promise<Said> => {
    const { token, apiUrl = usualApi } = config as BotConfig;
    const answer = await ports.post({
      url: new URL(method, apiUrl).href,
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
      contentType: 'application/json; charset=utf-8',
    });
    requireTaken(answer, 'Slack', now);
    const said = saidIn(answer);
    const code = said.error ?? 'no error named';
    if (said.ok || (isForgiven(code) && !passing.includes(code))) return said;
    const retryAfterSeconds = retryAfterOf(answer, now);
    throw new NotSent(`Slack refused it: ${code.slice(0, 100)}`, {
      isFinal: !passing.includes(code),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    });
  };

const saidIn = ({ body }: HttpAnswer): Said => {
  try {
    const { ok, error, channel, ts } = JSON.parse(body) as Record<string, unknown>;
    const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
    return {
      ok: ok === true,
      ...(text(error) !== undefined && { error: text(error) }),
      ...(text(channel) !== undefined && { channel: text(channel) }),
      ...(text(ts) !== undefined && { ts: text(ts) }),
    } as Said;
  } catch {
    throw new NotSent('Slack answered something that is no JSON');
  }
};
