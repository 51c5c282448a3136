import { describe, expect, it } from 'vitest';
import { problemsOf } from './files.ts';

const check = (name: string, rest: string) => `  - {name: ${name}, type: tcp, target: "h:1"${rest}}\n`;

describe('Checks that hang on each other', () => {
  it.each<[string, string, readonly string[]]>([
    ['a chain is no circle', `${check('a', ', parent: b')}${check('b', ', parent: c')}${check('c', '')}`, []],
    [
      'two that are each other’s parent',
      `${check('a', ', parent: b')}${check('b', ', parent: a')}`,
      ['homeostat.yaml:2:5 Break the circle of parents and members: default/a → default/b → default/a.'],
    ],
    [
      'a composite whose member is its own child',
      `  - {name: all, type: composite, config: {members: [a]}}\n${check('a', ', parent: all')}`,
      ['homeostat.yaml:2:5 Break the circle of parents and members: default/all → default/a → default/all.'],
    ],
    [
      'one told once, though several lead into it',
      `${check('x', ', parent: a')}${check('y', ', parent: a')}${check('a', ', parent: b')}${check('b', ', parent: a')}`,
      ['homeostat.yaml:4:5 Break the circle of parents and members: default/a → default/b → default/a.'],
    ],
    [
      'a parent in another deployment',
      `${check('a', ', parent: {deploymentId: shop, name: a}')}  - {name: a, deploymentId: shop, type: tcp, target: "h:1", parent: {deploymentId: default, name: a}}\n`,
      ['homeostat.yaml:2:5 Break the circle of parents and members: default/a → shop/a → default/a.'],
    ],
    ['what is named and not in the files is left to the API', check('a', ', parent: elsewhere'), []],
  ])('%s', async (_what, text, problems) => {
    expect(await problemsOf(`checks:\n${text}`)).toEqual(problems);
  });

  it('a chain as long as a file may be is followed to its end', async () => {
    const lines = Array.from({ length: 9000 }, (_, at) => check(`c${at}`, `, parent: c${(at + 1) % 9000}`));
    const [problem = '', ...others] = await problemsOf(`checks:\n${lines.join('')}`);
    expect(others).toEqual([]);
    expect(problem.startsWith('homeostat.yaml:2:5 Break the circle')).toBe(true);
  });

  it('10,001 checks in one apply are refused before anything is sent', async () => {
    const lines = Array.from({ length: 10_001 }, (_, at) => check(`c${at}`, ''));
    expect(await problemsOf(`checks:\n${lines.join('')}`)).toEqual([
      'homeostat.yaml:10002:5 Apply at most 10000 checks at once: these files have 10001. Apply some of the files by themselves.',
    ]);
  });
});
