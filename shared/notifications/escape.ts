/*
 * Names, reasons and labels come from people and from hostile targets: everywhere they are text. What a text must not
 * do depends on where it goes, so each way out takes its own function from here.
 */

/**
 * Control characters and line breaks forge lines and headers; bidirectional overrides forge what people read; what is no
 * character in XML either makes SNS and SQS refuse the whole message.
 */
const unprintable = /[\p{Cc}\p{Cs}\s\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]+/gu;

/** One line of printable text. */
export const oneLine = (text: string): string => text.replace(unprintable, ' ').trim();

/** At most so many UTF-16 units, none of them half a character. What was cut ends in `…`. */
export const cut = (text: string, most: number): string => {
  if (text.length <= most) return text;
  const kept = text.slice(0, Math.max(0, most - 1));
  // Cut through an entity would leave `&l`; every other ampersand is escaped, so an open one is such a half.
  return `${kept.replace(/[\ud800-\udbff]$/, '').replace(/&[#\w]{0,7}$/, '')}…`;
};

export type Escape = (text: string) => string;

/** For places that know no markup at all. */
export const plain: Escape = (text) => text;

/** Words by which Slack notifies everybody; a word joiner after the sign keeps it from doing so. */
const everybody = /@(?=(?:here|channel|everyone|group)\b)/gi;

/** Slack's three control characters, by which also `<!channel>` and `<@U123>` begin. */
export const slackText: Escape = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replace(everybody, '@\u2060');

/** By these GitHub and Telegram tell people and link tickets, escaped or not; a word joiner keeps them from it. */
const noticed = /[@#](?=[\p{L}\p{N}_])|\bGH(?=-\d)/giu;

/** What begins something in Markdown; at the beginning also what makes lists, rules and headings. */
const markdownSigns = /[\\`*_{}[\]<>()#+!|~&$]|^[-=]|:(?=[^\s\d])/g;

/** For the Markdown of GitHub and Discord, where it mentions nobody, links nothing and is no HTML. */
export const markdown: Escape = (text) =>
  text.replace(noticed, (sign) => `${sign}\u2060`).replace(markdownSigns, '\\$&');

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For HTML, inside and outside of quoted attributes. */
export const html: Escape = (text) => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);

/** For Telegram's HTML, where names notify also as plain text. */
export const telegramText: Escape = (text) => html(text.replace(noticed, (sign) => `${sign}\u2060`));

/** What takes ASCII only, such as the subject of SNS: letters lose their accents, what else there is becomes `?`. */
export const ascii: Escape = (text) =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[‐-―]/g, '-')
    .replace(/[‘’«»“”]/g, "'")
    .replace(/…/g, '...')
    .replace(/[^\x20-\x7e]/gu, '?');

/** A URL that a link may lead to; undefined for `javascript:` and whatever else is no web address. */
export const webAddress = (text: string | undefined): string | undefined => {
  const url = text === undefined || text.length > 2000 ? null : URL.parse(text);
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : undefined;
};
