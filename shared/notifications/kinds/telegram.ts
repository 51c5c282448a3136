import { cut, html, telegramText } from '../escape.ts';
import { fitted } from '../fit.ts';
import { type RenderedAlert, render, withTextTemplates } from '../render.ts';
import { alertNotes } from '../render-text.ts';
import { apiUrlField, secretField, templateFields } from './fields.ts';
import { type ChannelKind, type HttpAnswer, NotSent, type Outgoing, type Sent } from './kind.ts';
import { urlFaults } from './reachable.ts';
import { requireTaken } from './taken.ts';

type TelegramConfig = {
  readonly token: string;
  readonly chatId: string | number;
  readonly topicId?: number;
  readonly apiUrl?: string;
};

const usualApi = 'https://api.telegram.org/';

/** Telegram takes 4,096 characters after it took out the markup; here they are counted with it. */
const limits = { text: 4096, heading: 400, name: 300, reason: 500, line: 300, own: 2000, url: 500, key: 300 };

/** The token becomes a part of the path, so that nothing but a token may stand there. */
const tokenPattern = /^\d{1,20}:[A-Za-z0-9_-]{10,200}$/;

const chatHint = 'Give the id of a chat, such as -1001234567890, or @name of a public channel.';

/** A bot that writes to a chat; what follows answers the first message of the incident. */
export const telegram: ChannelKind = {
  secretFields: ['token'],
  config: (z) =>
    z.strictObject({
      token: secretField(z).meta({ description: 'The token of a bot.' }),
      chatId: z
        .union([z.int(chatHint), z.string(chatHint).regex(/^(-?\d{1,20}|@[A-Za-z]\w{3,31})$/, chatHint)], {
          error: chatHint,
        })
        .meta({ description: 'The chat that the bot writes to.' }),
      topicId: z.int().positive().optional().meta({ description: 'A topic of a group that has topics.' }),
      apiUrl: apiUrlField(z, usualApi)
        .optional()
        .meta({ description: `${usualApi} when left out.` }),
      ...templateFields(z),
    }),
  refusals: ({ apiUrl }, settings) => urlFaults(apiUrl, 'config.apiUrl', settings),
  async send(outgoing, ports) {
    const { token, apiUrl = usualApi } = outgoing.config as TelegramConfig;
    if (!tokenPattern.test(token)) {
      throw new NotSent('the token is none of a bot, such as 123456:ABC…: set its secret anew', {
        isFinal: true,
      });
    }
    const url = `${apiUrl}bot${token}/sendMessage`;
    const answer = await ports.post({ url, body: JSON.stringify(telegramMessage(outgoing)) });
    requireTaken(withRetryAfter(answer), 'Telegram', outgoing.now);
    return sentIn(answer, outgoing.thread);
  },
};

export const telegramMessage = (outgoing: Outgoing) => {
  const { chatId, topicId } = outgoing.config as TelegramConfig;
  const { thread } = outgoing;
  return {
    chat_id: chatId,
    text: textOf(outgoing),
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    ...(topicId !== undefined && { message_thread_id: topicId }),
    ...(thread !== undefined &&
      /^\d{1,15}$/.test(thread) && {
        // Told also when somebody deleted the first one.
        reply_parameters: { message_id: Number(thread), allow_sending_without_reply: true },
      }),
  } as const;
};

const textOf = (outgoing: Outgoing): string => {
  const { mark, heading, text, facts, alerts, more, lines, links } = render(
    // Telegram refuses a message whose markup is broken.
    withTextTemplates(outgoing, html),
    telegramText,
  );
  const head = `<b>${mark} ${cut(heading, limits.heading)}</b>`;
  const end = [
    links
      .filter(({ url }) => html(url).length <= limits.url)
      .map(({ label, url }) => `<a href="${html(url)}">${label}</a>`)
      .join(' · '),
    `<code>${cut(html(outgoing.dedupeKey), limits.key)}</code>`,
  ].filter((part) => part !== '');
  const parts =
    text === undefined
      ? [
          ...facts.map(([name, value]) => `${name}: ${cut(value, limits.line)}`),
          ...alerts.map(alertText),
          ...(more === undefined ? [] : [more]),
          ...lines.map((line) => `• ${cut(line, limits.line)}`),
        ]
      : [cut(text, limits.own)];
  const room = limits.text - head.length - end.join('\n').length - 4;
  return [head, fitted(parts, room), ...end].filter((part) => part !== '').join('\n');
};

const alertText = (alert: RenderedAlert): string => {
  const { name, severity, state, reason } = alert;
  const runbookUrl = html(alert.runbookUrl ?? '');
  const runbook =
    runbookUrl === '' || runbookUrl.length > limits.url ? '' : `, <a href="${runbookUrl}">Runbook</a>`;
  return `\n<b>${cut(name, limits.name)}</b> (${severity}, ${state})\n${cut(reason, limits.reason)}\n${alertNotes(alert)}${runbook}`;
};

type Said = {
  readonly result?: { readonly message_id?: unknown };
  readonly parameters?: { readonly retry_after?: unknown };
};
const saidIn = ({ body }: HttpAnswer): Said => {
  try {
    return (JSON.parse(body) as Said | null) ?? {};
  } catch {
    return {};
  }
};

/** Telegram says in the body how long to wait. */
const withRetryAfter = (answer: HttpAnswer): HttpAnswer => {
  const seconds = saidIn(answer).parameters?.retry_after;
  if (typeof seconds !== 'number' || seconds <= 0) return answer;
  return { ...answer, headers: { 'retry-after': String(Math.ceil(seconds)), ...answer.headers } };
};

const sentIn = (answer: HttpAnswer, earlier: string | undefined): Sent => {
  const id = saidIn(answer).result?.message_id;
  return { thread: earlier ?? (typeof id === 'number' ? String(id) : undefined) };
};
