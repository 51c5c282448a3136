import { describe, expect, it } from 'vitest';
import { deploymentDefinitionSchema } from '../../../shared/catalog/api.ts';
import { parseFields } from '../../../shared/platform/api/faults.ts';
import { DomainError } from '../../../shared/platform/errors.ts';

const web = { name: 'web', type: 'ecs-service', id: 'prod/web' };
const box = { name: 'box', type: 'ec2-instance', id: 'i-0a1b2c3d' };

const faultsOf = (resources: unknown): readonly string[] => {
  try {
    parseFields(deploymentDefinitionSchema, { deploymentId: 'shop', resources });
  } catch (error) {
    if (error instanceof DomainError) return error.fields.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
};

describe('what a deployment consists of', () => {
  it('is kept as it is written', () => {
    const whole = {
      ...web,
      checks: ['home'],
      tags: { tier: 'web' },
      settings: { launchTemplate: 'lt-0a1b2c3d' },
    };
    const parsed = parseFields(deploymentDefinitionSchema, { deploymentId: 'shop', resources: [whole, box] });
    expect(parsed.resources).toEqual([whole, box]);
  });

  it('may be left out', () => {
    expect(parseFields(deploymentDefinitionSchema, { deploymentId: 'shop' })).not.toHaveProperty('resources');
  });

  it.each<readonly [string, unknown, readonly string[]]>([
    [
      'a type that no action knows',
      [{ ...web, type: 'toaster' }],
      ['resources[0].type: Give one of ec2-instance'],
    ],
    [
      'a name twice',
      [web, { ...box, name: 'web' }],
      ['resources[1].name: Give each resource a name of its own.'],
    ],
    [
      'a resource twice',
      [web, { ...web, name: 'other' }],
      ['resources[1].id: This resource is there already'],
    ],
    ['a check twice', [{ ...web, checks: ['home', 'home'] }], ['resources[0].checks: Name each check once.']],
    ['no id', [{ name: 'web', type: 'ecs-service' }], ['resources[0].id: This is needed']],
    [
      'a field that is misspelt',
      [{ ...web, check: 'home' }],
      ['resources[0].check: There is no such field here'],
    ],
    [
      'too many',
      Array.from({ length: 201 }, (_, at) => ({ ...box, name: `n${at}`, id: `i-${at}` })),
      ['resources: Give at most 200 resources.'],
    ],
  ])('is refused with %s', (_, resources, expected) => {
    const faults = faultsOf(resources);
    expect(faults).toHaveLength(expected.length);
    for (const [at, begins] of expected.entries())
      expect(faults[at]?.startsWith(begins), faults[at]).toBe(true);
  });
});
