import { createHash } from 'node:crypto';
import type { PageFace } from './page-model.ts';
import type { PublicState } from './states.ts';
import { style } from './style.ts';
import { text } from './text.ts';

/** An HTML page with the policy under which it may be shown. */
export type Html = { readonly body: string; readonly contentSecurityPolicy: string };

/** A shape for each state, so that nobody needs to tell colors apart. */
const shapes: Readonly<Record<PublicState, string>> = {
  operational:
    '<circle cx="8" cy="8" r="8"/><path d="M4.2 8.3l2.6 2.6 5-5.4" fill="none" stroke="var(--surface)" stroke-width="2"/>',
  degraded:
    '<path d="M8 .5L16 15H0z"/><path d="M8 6v4.2M8 11.6v1.8" stroke="var(--surface)" stroke-width="1.8"/>',
  down: '<rect width="16" height="16" rx="2"/><path d="M4.5 4.5l7 7m0-7l-7 7" stroke="var(--surface)" stroke-width="2"/>',
  maintenance: '<path d="M8 0l8 8-8 8-8-8z"/><path d="M5.2 8h5.6" stroke="var(--surface)" stroke-width="2"/>',
  unknown:
    '<circle cx="8" cy="8" r="7" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="3 2"/><circle cx="8" cy="8" r="1.8"/>',
};

export const mark = (state: PublicState): string =>
  `<svg class="mark" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">${shapes[state]}</svg>`;

const hashOf = (given: string): string => createHash('sha256').update(given).digest('base64');

/** Only what the definition's own schema takes, asked again: here it would be code. */
const styleOf = ({ accentColor }: Pick<PageFace, 'accentColor'>): string =>
  accentColor !== undefined && /^#[0-9a-f]{6}$/i.test(accentColor)
    ? `${style}:root{--accent:${accentColor}}\n`
    : style;

/** An address that a link or an image may have; undefined for anything else. */
const addressIn = (given: string | undefined, protocols: readonly string[]): URL | undefined => {
  const url = given === undefined ? null : URL.parse(given);
  return url && protocols.includes(url.protocol) ? url : undefined;
};

type Logo = { readonly src: string; readonly source: string };

/** The image, and what the policy must allow for it: this very host, or images in the address itself. */
const logoOf = ({ logoUrl }: Pick<PageFace, 'logoUrl'>): Logo | undefined => {
  const url = addressIn(logoUrl, ['https:', 'data:']);
  if (!url) return undefined;
  if (url.protocol === 'https:') {
    // A URL's host may hold `;` and `,`, which in the policy would begin another directive, or another policy.
    return /^https:\/\/[\w.:[\]-]+$/.test(url.origin) ? { src: url.href, source: url.origin } : undefined;
  }
  return /^data:image\/(png|jpeg|webp|svg\+xml);base64,[A-Za-z0-9+/=]+$/.test(url.href)
    ? { src: url.href, source: 'data:' }
    : undefined;
};

const policyOf = (shown: string, logo: Logo | undefined): string =>
  [
    "default-src 'none'",
    `style-src 'sha256-${hashOf(shown)}'`,
    ...(logo ? [`img-src ${logo.source}`] : []),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const homeOf = ({ homeUrl }: PageFace): URL | undefined => addressIn(homeUrl, ['https:', 'http:']);

const logoHtml = (face: PageFace, logo: Logo): string => {
  const home = homeOf(face);
  const image = (alt: string): string => `<img src="${text(logo.src)}" alt="${alt}" height="48">`;
  return home ? `<a href="${text(home.href)}" rel="noopener">${image('Home')}</a>` : image('');
};

const linksOf = (face: PageFace): string => {
  const home = homeOf(face);
  const support = addressIn(face.supportUrl, ['https:', 'http:', 'mailto:']);
  const links = [
    // With a logo, that leads there.
    ...(home && !logoOf(face) ? [`<a href="${text(home.href)}" rel="noopener">Home</a>`] : []),
    ...(support ? [`<a href="${text(support.href)}" rel="noopener">Support</a>`] : []),
  ];
  return links.length > 0 ? `<nav aria-label="Links">${links.join('')}</nav>` : '';
};

export const pathOf = ({ slug }: Pick<PageFace, 'slug'>): string => `/status/${encodeURIComponent(slug)}`;

/** What stands around every page that belongs to a face: its logo, name and links above, its ways on below. */
export const framed = (
  face: PageFace,
  given: {
    readonly title: string;
    readonly main: string;
    readonly foot: string;
    readonly state?: PublicState;
  },
): Html => {
  const shown = styleOf(face);
  const logo = logoOf(face);
  const path = pathOf(face);
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="index, follow">
<title>${text(given.title)}</title>
${face.description === undefined ? '' : `<meta name="description" content="${text(face.description)}">\n`}<link rel="alternate" type="application/rss+xml" title="${text(face.name)}" href="${path}/feed.xml">
<style>${shown}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the status</a>
<header>
${logo ? `${logoHtml(face, logo)}\n` : ''}<h1>${text(face.name)}</h1>
${linksOf(face)}
${face.description === undefined ? '' : `<p class="about">${text(face.description)}</p>\n`}</header>
<main id="main">
${given.main}
</main>
<footer>
${given.foot}
</footer>
</body>
</html>
`;
  return { body, contentSecurityPolicy: policyOf(shown, logo) };
};

/** A page that belongs to none: what is not there, or cannot be shown. */
export const plain = (title: string, paragraphs: readonly string[], robots = 'noindex'): Html => ({
  body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="${robots}">
<title>${text(title)}</title>
<style>${style}</style>
</head>
<body>
<header><h1>${text(title)}</h1></header>
<main id="main">
${paragraphs.join('\n')}
</main>
</body>
</html>
`,
  contentSecurityPolicy: policyOf(style, undefined),
});
