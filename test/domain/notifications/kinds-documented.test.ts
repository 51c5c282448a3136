import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import {
  channelDefinitionSchema,
  channelSettingsFrom,
  resolveChannel,
} from '../../../shared/notifications/api.ts';
import { channelTypes } from '../../../shared/notifications/channel.ts';
import type { ChannelKind } from '../../../shared/notifications/kinds/kind.ts';
import { channelKinds } from '../../../shared/notifications/kinds/registry.ts';
import { placeholders } from '../../../shared/notifications/template.ts';

const page = readFileSync(new URL('../../../docs/channels.md', import.meta.url), 'utf8');
const sectionOf = (heading: string): string =>
  (page.split(`\n## ${heading}\n`)[1] ?? '').split('\n## ')[0] ?? '';

type Channel = { readonly name: string; readonly type: string };
const channelsIn = (text: string): readonly Channel[] =>
  [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].flatMap(
    ([, block = '']) => (parse(block) as { channels: readonly Channel[] }).channels,
  );

const settings = channelSettingsFrom(
  (name) =>
    ({
      checkSecretNames: '*',
      teamTopicArns: 'arn:aws:sns:eu-central-1:111122223333:team-alerts',
      emailIdentityNames: 'example.com',
      allowedPrivateRanges: '',
    })[name],
);

type Json = { readonly [key: string]: unknown };
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
/** The names of the fields that a config may have, whichever of its variants. */
const fieldsOf = (kind: ChannelKind): readonly string[] => {
  const schema = z.toJSONSchema(kind.config(z), { io: 'input', unrepresentable: 'any' }) as Json;
  const variants = [schema, ...((schema.anyOf ?? schema.oneOf ?? []) as readonly Json[])];
  return [
    ...new Set(variants.flatMap(({ properties }) => (isObject(properties) ? Object.keys(properties) : []))),
  ];
};

describe('docs/channels.md', () => {
  test.each(channelsIn(page).map((channel) => [channel.name, channel] as const))(
    'shows a channel that is accepted: %s',
    (_name, channel) => {
      const definition = resolveChannel(channelDefinitionSchema.parse(channel), settings);
      expect(definition.name).toBe(channel.name);
    },
  );

  test.each(channelTypes)('has a section with an example of %s, and tells each of its fields', (type) => {
    const section = sectionOf(`\`${type}\``);
    expect(channelsIn(section).map((channel) => channel.type)).toContain(type);
    const everywhere = ['title', 'text'];
    const fields = fieldsOf(channelKinds[type]);
    expect(fields).toEqual(expect.arrayContaining(everywhere));
    const own = fields.filter((name) => !everywhere.includes(name));
    const untold = own.filter((name) => !new RegExp(`^\\|[^|]*\`${name}\``, 'm').test(section));
    expect(untold).toEqual([]);
  });

  it('tells every placeholder of a template', () => {
    expect(placeholders.filter((name) => !page.includes(`\`{{${name}}}\``))).toEqual([]);
  });

  it('tells in which fields secrets are put in, and no others', () => {
    const [, table = ''] = page.split('\n### Secrets\n');
    for (const type of channelTypes) {
      const row = table.split('\n').find((line) => line.startsWith(`| \`${type}\``));
      const told = [...(row?.split('|')[2]?.matchAll(/`(\w+)`/g) ?? [])].map(([, name]) => name);
      expect(told, type).toEqual(channelKinds[type].secretFields.map((field) => field.replace('.*', '')));
    }
  });
});
