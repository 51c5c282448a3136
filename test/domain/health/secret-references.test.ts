import { describe, expect, test } from 'vitest';
import { CannotTell } from '../../../shared/health/probing/outcome.ts';
import { secretNamesIn, withSecrets } from '../../../shared/health/probing/secret-references.ts';
import { secretsPort } from './look.ts';

const place = (name: string) => '$'.concat(`{secret:${name}}`);

describe('references to secrets', () => {
  test('are found in texts however deep, in no names, and only where they are well-formed', () => {
    const config = {
      password: place('DB_PASSWORD'),
      list: [{ text: `a ${place('x.y-z')} b ${place('KEY')}` }],
      [place('NAME')]: 'x',
      wrong: [place(''), place('a b'), place('x'.repeat(65)), '$'.concat('{env:HOME}'), '{secret:KEY}'],
      number: 1,
      nothing: null,
    };
    expect([...secretNamesIn(config)].sort()).toEqual(['DB_PASSWORD', 'KEY', 'x.y-z']);
  });

  test('are replaced by the values, once: a value that looks like a reference stays what it is', async () => {
    const ports = secretsPort({ A: place('B'), B: 'canary' });
    const config = { one: `x${place('A')}y${place('A')}`, deep: [{ two: place('B') }], same: 'z', three: 3 };
    expect(await withSecrets(config, ports)).toEqual({
      one: `x${place('B')}y${place('B')}`,
      deep: [{ two: 'canary' }],
      same: 'z',
      three: 3,
    });
    expect(config.deep).toEqual([{ two: place('B') }]);
  });

  test('a config without any is given back as it is, and nobody is asked', async () => {
    const config = { a: 'b' };
    expect(await withSecrets(config, secretsPort({}))).toBe(config);
  });

  test('one that is not there is a fault of ours', async () => {
    await expect(withSecrets({ a: place('GONE') }, secretsPort({}))).rejects.toThrow(CannotTell);
  });
});
