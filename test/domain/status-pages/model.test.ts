import { describe, expect, it } from 'vitest';
import { DomainError } from '../../../shared/platform/errors.ts';
import { resolveStatusPage, statusPageDefinitionSchema } from '../../../shared/status-pages/api.ts';

const page = (over: object = {}) => ({
  slug: 'shop',
  name: 'Shop status',
  groups: [{ name: 'Shop', deploymentId: 'shop' }],
  ...over,
});
const groups = (...given: object[]) => page({ groups: given });
const check = (name: string, over: object = {}) => ({ deploymentId: 'shop', name, ...over });

/** Paths of the fields at fault; none for a definition that is taken. */
const faultsOf = (given: object): readonly string[] => {
  const parsed = statusPageDefinitionSchema.safeParse(given);
  if (!parsed.success) return parsed.error.issues.map(({ path }) => path.join('.'));
  try {
    resolveStatusPage(parsed.data);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.fields.map(({ path }) => path);
  }
};

const inBase64 = (type: string, bytes: Buffer): string =>
  `data:image/${type};base64,${bytes.toString('base64')}`;
/** The smallest PNG there is: one transparent pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
const padded = (bytes: Buffer, length: number) => Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);

describe('the definition of a status page', () => {
  it('has defaults: published, in UTC, checks of the deployment default; a colour is in small letters', () => {
    const given = { ...groups({ name: 'a', checks: [{ name: 'home' }] }), accentColor: '#0A7D5C' };
    expect(resolveStatusPage(statusPageDefinitionSchema.parse(given))).toEqual({
      slug: 'shop',
      name: 'Shop status',
      accentColor: '#0a7d5c',
      timeZone: 'UTC',
      isPublished: true,
      groups: [{ name: 'a', checks: [{ deploymentId: 'default', name: 'home' }] }],
    });
  });

  it.each([
    ['one letter', page({ slug: 'a' })],
    ['40 characters', page({ slug: 'a'.repeat(40) })],
    ['a digit first', page({ slug: '24-7' })],
    ['a tag alone', groups({ name: 'a', tag: 'team:shop' })],
    ['all three', groups({ name: 'a', tag: 'team', deploymentId: 'shop', checks: [check('home')] })],
    [
      'a check in two groups',
      groups({ name: 'a', checks: [check('home')] }, { name: 'b', checks: [check('home')] }),
    ],
    [
      'checks of one name in two deployments',
      groups({ name: 'a', checks: [check('home'), check('home', { deploymentId: 'till' })] }),
    ],
    ['a logo elsewhere', page({ logoUrl: 'https://shop.example.com/logo.svg' })],
    ['a PNG', page({ logoUrl: inBase64('png', png) })],
    ['an SVG, whatever stands in it', page({ logoUrl: inBase64('svg+xml', svg) })],
    ['a logo of 32 KiB', page({ logoUrl: inBase64('png', padded(png, 32_768)) })],
    ['an address to write to', page({ supportUrl: 'mailto:help@shop.example' })],
  ])('is taken with %s', (_what, given) => {
    expect(faultsOf(given)).toEqual([]);
  });

  it.each([
    ['no slug', { ...page(), slug: undefined }, ['slug']],
    ['a slug in capitals', page({ slug: 'Shop' }), ['slug']],
    ['a slug with a slash', page({ slug: 'a/b' }), ['slug']],
    ['a slug with a dot', page({ slug: 'feed.xml' }), ['slug']],
    ['a hyphen first', page({ slug: '-a' }), ['slug']],
    ['a slug of 41', page({ slug: 'a'.repeat(41) }), ['slug']],
    ['line breaks in the name', page({ name: 'a\nb' }), ['name']],
    ['no groups', page({ groups: [] }), ['groups']],
    [
      '51 groups',
      groups(...Array.from({ length: 51 }, (_, no) => ({ name: `${no}`, tag: 'a' }))),
      ['groups'],
    ],
    ['a group of nothing', groups({ name: 'a' }), ['groups[0].checks']],
    ['a group of no checks', groups({ name: 'a', checks: [] }), ['groups.0.checks']],
    ['two groups of one name', groups({ name: 'a', tag: 'a' }, { name: 'a', tag: 'b' }), ['groups[1].name']],
    [
      'a check twice in a group',
      groups({ name: 'a', checks: [check('home'), check('till'), check('home', { label: 'b' })] }),
      ['groups[0].checks[2].name'],
    ],
    [
      '201 checks',
      groups(
        ...['a', 'b', 'c'].map((name) => ({
          name,
          checks: Array.from({ length: 67 }, (_, no) => check(`${name} ${no}`)),
        })),
      ),
      ['groups'],
    ],
    ['a colour by name', page({ accentColor: 'red' }), ['accentColor']],
    ['style in a colour', page({ accentColor: '#fff;}' }), ['accentColor']],
    ['no time zone', page({ timeZone: 'Mars/Olympus' }), ['timeZone']],
    ['a home that is script', page({ homeUrl: 'javascript:alert(1)' }), ['homeUrl']],
    ['a home with a password', page({ homeUrl: 'https://a:b@shop.example.com/' }), ['homeUrl']],
    ['a support that is script', page({ supportUrl: 'javascript:alert(1)' }), ['supportUrl']],
    ['a logo over http:', page({ logoUrl: 'http://shop.example.com/logo.png' }), ['logoUrl']],
    ['a logo of script', page({ logoUrl: 'javascript:alert(1)' }), ['logoUrl']],
    ['a page as a logo', page({ logoUrl: 'data:text/html;base64,PGh0bWw+' }), ['logoUrl']],
    ['an SVG as text', page({ logoUrl: 'data:image/svg+xml,<svg/>' }), ['logoUrl']],
    ['a GIF', page({ logoUrl: inBase64('gif', Buffer.from('GIF89a')) }), ['logoUrl']],
    ['a PNG that is an SVG', page({ logoUrl: inBase64('png', svg) }), ['logoUrl']],
    ['an SVG that is a PNG', page({ logoUrl: inBase64('svg+xml', png) }), ['logoUrl']],
    ['a logo of 32 KiB and a byte', page({ logoUrl: inBase64('png', padded(png, 32_769)) }), ['logoUrl']],
    ['more after the image', page({ logoUrl: `${inBase64('png', png)}" onerror="alert(1)` }), ['logoUrl']],
  ])('is refused with %s, naming the field', (_what, given, paths) => {
    expect(faultsOf(given)).toEqual(paths);
  });
});
