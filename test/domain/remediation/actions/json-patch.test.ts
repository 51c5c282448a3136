import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  guardedPatch,
  type Patch,
  type Properties,
  patched,
  patchFault,
  patchTowards,
  picked,
  shows,
  touchedBy,
  withTests,
} from '../../../../shared/remediation/actions/json-patch.ts';
import type { Json } from '../../../../shared/remediation/index.ts';

const data = join(import.meta.dirname, '../../../../../shared/data');
const logGroup: Properties = { LogGroupName: '/shop', RetentionInDays: 30, Tags: [{ Key: 'a', Value: '1' }] };

describe('a patch', () => {
  test('touches the properties at the top that it reads or writes', () => {
    const patch: Patch = [
      { op: 'test', path: '/State', value: 'ENABLED' },
      { op: 'replace', path: '/Tags/0/Value', value: '2' },
      { op: 'move', from: '/Old/x', path: '/New~1er' },
    ];
    expect(touchedBy(patch)).toEqual(['New/er', 'Old', 'State', 'Tags']);
  });

  test.each([
    { patch: [{ op: 'add', path: '/a/__proto__/b', value: 1 }], fault: '/a/__proto__/b is no property' },
    {
      patch: [{ op: 'add', path: '/a', value: JSON.parse('{"b": {"__proto__": 1}}') }],
      fault: 'the value of /a holds a property that the library drops',
    },
    { patch: [{ op: 'copy', from: '/constructor', path: '/b' }], fault: '/constructor is no property' },
    {
      patch: [{ op: 'replace', path: '', value: {} }],
      fault: 'the empty pointer does not point to a property',
    },
    { patch: [{ op: 'test', path: '/a', value: 1 }], fault: 'the patch changes nothing' },
    { patch: [{ op: 'remove', path: '/a' }], fault: undefined },
  ])('$patch.0.op of $patch.0.path: $fault', ({ patch, fault }) => {
    expect(patchFault(patch as Patch)).toBe(fault);
  });

  test('that does not fit says which operation does not, and changes nothing', () => {
    const patch: Patch = [
      { op: 'replace', path: '/RetentionInDays', value: 7 },
      { op: 'test', path: '/LogGroupName', value: '/other' },
    ];
    expect(patched(logGroup, patch)).toEqual({ misfit: expect.stringContaining('test /LogGroupName') });
    expect(logGroup.RetentionInDays).toBe(30);
  });

  test('is guarded by a test of each value that it overwrites, and by none of what is not there', () => {
    const patch: Patch = [
      { op: 'replace', path: '/RetentionInDays', value: 7 },
      { op: 'add', path: '/KmsKeyId', value: 'arn' },
    ];
    expect(withTests(logGroup, patch)).toEqual([
      { op: 'test', path: '/RetentionInDays', value: 30 },
      ...patch,
    ]);
  });

  test('and the one that takes it back restore what was there, for any properties', () => {
    const property = fc.constantFrom('A', 'B', 'C');
    const value = fc.jsonValue({ maxDepth: 2 }).filter((one) => !JSON.stringify(one).includes('__proto__'));
    const properties = fc.dictionary(property, value) as fc.Arbitrary<Properties>;
    fc.assert(
      fc.property(properties, properties, (before, after) => {
        const there = patched(before, guardedPatch(before, after));
        expect(there).toEqual({ properties: after });
        expect(patched(after, guardedPatch(after, before))).toEqual({ properties: before });
      }),
    );
  });

  test('that was guarded does not fit a world that has changed', () => {
    const patch = guardedPatch(logGroup, { ...logGroup, RetentionInDays: 7 });
    expect(patched({ ...logGroup, RetentionInDays: 14 }, patch)).toHaveProperty('misfit');
  });
});

describe('what is there shows what was expected', () => {
  test.each<{ why: string; actual: Json; expected: Json; before?: Json; is: boolean }>([
    { why: 'the same', actual: { a: 1 }, expected: { a: 1 }, is: true },
    { why: 'another value', actual: { a: 2 }, expected: { a: 1 }, is: false },
    { why: 'a property that the service added', actual: { a: 1, b: 2 }, expected: { a: 1 }, is: true },
    {
      why: 'what was to go is still there',
      actual: { a: 1, b: 2 },
      expected: { a: 1 },
      before: { b: 2 },
      is: false,
    },
    { why: 'the order of a list', actual: [{ k: 2 }, { k: 1 }], expected: [{ k: 1 }, { k: 2 }], is: true },
    { why: 'one more in a list', actual: [1, 2, 3], expected: [1, 2], is: false },
    { why: 'twice the same in a list', actual: [1, 2], expected: [1, 1], is: false },
    { why: 'null and an empty list', actual: { a: [] }, expected: { a: null }, is: true },
    { why: 'false is not nothing', actual: {}, expected: { a: false }, is: false },
  ])('$why: $is', ({ actual, expected, before, is }) => {
    expect(shows(actual, expected, before)).toBe(is);
  });
});

const recorded = join(data, 'cloud-answers/custodian-cloudcontrol');
const propertiesIn = (file: string): Properties => {
  const { data: answer } = JSON.parse(readFileSync(join(recorded, file), 'utf8'));
  return JSON.parse(answer.ResourceDescription?.Properties ?? answer.ProgressEvent.ResourceModel);
};

describe.runIf(existsSync(recorded))('recorded answers of Cloud Control', () => {
  test('a log group without retention and tag gets these two, and is then as expected', () => {
    const wanted = { RetentionInDays: 7, Tags: [{ Key: 'Owner', Value: 'Kapil' }] };
    const before = propertiesIn('awscc_log_update/cloudcontrolapi.GetResource_1.json');
    const after = propertiesIn('awscc_log_update/cloudcontrolapi.GetResource_2.json');
    const patch = patchTowards(before, wanted);
    expect(patch).toEqual([
      { op: 'add', path: '/RetentionInDays', value: 7 },
      { op: 'add', path: '/Tags', value: [{ Key: 'Owner', Value: 'Kapil' }] },
    ]);
    const made = patched(picked(before, touchedBy(patch)), patch);
    expect(made).toEqual({ properties: wanted });
    expect(shows(picked(after, touchedBy(patch)), wanted, {})).toBe(true);
    expect(shows(picked(before, touchedBy(patch)), wanted, {})).toBe(false);
  });

  test('a work group: what the service computes beside what was patched is no difference', () => {
    const before = propertiesIn('awscc_workgroup_update/cloudcontrolapi.GetResource_2.json');
    const answered = propertiesIn('awscc_workgroup_update/cloudcontrolapi.UpdateResource_1.json');
    const patch: Patch = [
      { op: 'replace', path: '/WorkGroupConfiguration/EnforceWorkGroupConfiguration', value: false },
      {
        op: 'add',
        path: '/WorkGroupConfiguration/ResultConfiguration',
        value: { EncryptionConfiguration: { EncryptionOption: 'SSE_S3' } },
      },
    ];
    const there = picked(before, touchedBy(patch));
    const made = patched(there, patch);
    if ('misfit' in made) throw new Error(made.misfit);
    const { EngineVersion = null, ...config } = made.properties.WorkGroupConfiguration as Properties;
    // What Cloud Control answered is the patched model without what the service computes.
    const model = { WorkGroupConfiguration: { ...config, EngineVersion: { SelectedEngineVersion: 'AUTO' } } };
    expect(picked(answered, touchedBy(patch))).toEqual(model);
    const later = { WorkGroupConfiguration: { ...config, EngineVersion, AdditionalConfiguration: 'none' } };
    expect(shows(later, made.properties, there)).toBe(true);
    expect(shows(there, made.properties, there)).toBe(false);
  });
});

const drift = join(data, 'drift');
type Matched = Record<string, { readonly real: readonly string[] }>;

describe.runIf(existsSync(drift))('drifts that were found in real accounts', () => {
  const expected: Record<string, { matched: Matched }> = existsSync(drift)
    ? JSON.parse(readFileSync(join(drift, 'expected.json'), 'utf8'))
    : {};
  const cases = Object.keys(expected).flatMap((type) => {
    const state = JSON.parse(readFileSync(join(drift, 'aws', type, 'terraform.tfstate'), 'utf8'));
    const actual: Properties[] = JSON.parse(readFileSync(join(drift, 'aws', type, 'actual.json'), 'utf8'));
    const wanted: Properties[] = state.resources.flatMap((one: { instances: { attributes: Properties }[] }) =>
      one.instances.map(({ attributes }) => attributes),
    );
    return Object.entries(expected[type]?.matched ?? {}).flatMap(([id, { real }]) => {
      const [was, is] = [wanted.find((one) => one.id === id), actual.find((one) => one.id === id)];
      return was && is && real.length > 0 ? [{ type, id, real, was, is }] : [];
    });
  });

  test('there are as many as were found', () => {
    expect(readdirSync(join(drift, 'aws'))).toHaveLength(30);
    expect(cases.length).toBeGreaterThanOrEqual(8);
  });

  test.each(cases)(
    '$type $id: patched back in $real, nothing else is touched, and it can be undone',
    (one) => {
      const wanted = picked(one.was, one.real);
      const patch = patchTowards(one.is, wanted);
      expect(touchedBy(patch)).toEqual(
        one.real.filter((name) => !shows(one.is[name], one.was[name], one.is[name])).sort(),
      );
      const there = picked(one.is, touchedBy(patch));
      const made = patched(there, withTests(there, patch));
      if ('misfit' in made) throw new Error(made.misfit);
      for (const name of one.real) expect(made.properties[name]).toEqual(one.was[name]);
      expect(patched(made.properties, guardedPatch(made.properties, there))).toEqual({ properties: there });
    },
  );
});
