import { describe, expect, it } from 'vitest';
import { problemsOf } from './files.ts';

const check = '  - {name: a, type: tcp, target: "a.example:1"';

describe('A configuration that is wrong is refused with file, line, column, field and what to do', () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'a field that does not exist, with the name it nearly has',
      `checks:\n${check}, intervall: 10s}\n`,
      ['homeostat.yaml:2:49 checks[0].intervall: There is no such field: did you mean interval?'],
    ],
    [
      'a field of the file that does not exist',
      'cheks: []\n',
      ['homeostat.yaml:1:1 cheks: There is no such field: did you mean checks?'],
    ],
    [
      'a field that is needed',
      'checks:\n  - name: a\n    type: tcp\n',
      ['homeostat.yaml:2:5 checks[0].target: This is needed: give a text.'],
    ],
    [
      'a misspelt field of a kind, with the one that was meant',
      'checks:\n  - {name: a, type: http, target: "http://h/", config: {metod: GET}}\n',
      ['homeostat.yaml:2:57 checks[0].config.metod: There is no such field: did you mean method?'],
    ],
    [
      'a kind of check that does not exist',
      'checks:\n  - name: a\n    type: htp\n    target: https://a.example/\n',
      [
        'homeostat.yaml:3:11 checks[0].type: Give one of http, tcp, tls, dns, websocket, grpc, lambda, mysql, postgres, redis, resource, heartbeat, composite.',
      ],
    ],
    [
      'a target that the kind cannot look at',
      'checks:\n  - name: a\n    type: http\n    target: ftp://a.example/\n',
      [
        'homeostat.yaml:4:13 checks[0].target: Give an http:// or https:// URL, such as https://example.com/health.',
      ],
    ],
    [
      'a field inside config',
      'checks:\n  - name: a\n    type: http\n    target: https://a.example/\n    config:\n      method: FETCH\n',
      [
        'homeostat.yaml:6:15 checks[0].config.method: Give one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS.',
      ],
    ],
    [
      'an interval that slots do not know',
      `checks:\n${check}, interval: 7s}\n`,
      [
        'homeostat.yaml:2:59 checks[0].interval: Give one of 10s, 15s, 20s, 30s, 1m, 2m, 3m, 5m, 10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h, 24h.',
      ],
    ],
    [
      'the deployment of a check that stands inside one',
      'deployments:\n  - id: shop\n    checks:\n      - {name: a, type: tcp, target: "a.example:1", deploymentId: other}\n',
      [
        'homeostat.yaml:4:53 deployments[0].checks[0].deploymentId: Remove it: the deployment around the check gives it.',
      ],
    ],
    [
      'a deployment and a check in it, both at once',
      'deployments:\n  - id: "no good"\n    checks:\n      - {name: a, type: tcp}\n',
      [
        'homeostat.yaml:2:9 deployments[0].id: Give 1 to 100 letters, digits, dots, underscores, colons or hyphens, a letter or digit first.',
        'homeostat.yaml:4:9 deployments[0].checks[0].target: This is needed: give a text.',
      ],
    ],
    [
      'a default, once where it stands and not in every check',
      `defaults:\n  retries: 9\nchecks:\n${check}}\n  - {name: b, type: tcp, target: "b.example:1"}\n`,
      ['homeostat.yaml:2:12 defaults.retries: Give at most 5.'],
    ],
    [
      'a default that does not suit a check, where the default stands',
      `defaults:\n  timeout: 20s\nchecks:\n${check}, interval: 10s, retries: 0}\n`,
      [
        'homeostat.yaml:2:12 checks[0].timeout: (timeout + 1 s) × (retries + 1) must be below 10 s: with 0 retries a timeout of at most 8.9 s.',
      ],
    ],
    [
      'two checks of one name',
      `checks:\n${check}}\n${check}}\n`,
      [
        'homeostat.yaml:3:5 Give one of them another name: check «a» of deployment default is defined in homeostat.yaml:2 already.',
      ],
    ],
    [
      'an option that only a later version uses',
      'logging:\n  level: loud\n',
      ['homeostat.yaml:2:10 logging.level: Give one of debug, info, warn, error.'],
    ],
    ['a list where fields belong', '- a\n', ['homeostat.yaml:1:1 Give an object.']],
    ['a tab', 'checks:\n\t- name: a\n', ['homeostat.yaml:2:1 Indent with spaces: YAML allows no tabs here.']],
    [
      'two documents',
      'checks: []\n---\nchecks: []\n',
      ['homeostat.yaml:2:1 Keep one document a file: remove the --- line, or make several files.'],
    ],
    [
      'a tag that would make something else than text, numbers, lists and maps',
      'checks: !!js/function "x"\n',
      ['homeostat.yaml:1:9 Correct the YAML here: Unresolved tag: tag:yaml.org,2002:js/function.'],
    ],
    [
      'an environment variable that is not set and has no default',
      `checks:\n  - name: a\n    type: tcp\n    target: \${env:PLACE}\n`,
      [
        `homeostat.yaml:4:13 checks[0].target: Set the environment variable PLACE, or give a default: \${env:PLACE:-default}.`,
      ],
    ],
  ];

  it.each(rows)('%s', async (_what, text, problems) => {
    expect(await problemsOf(text)).toEqual(problems);
  });

  it('a file that is not there', async () => {
    expect(await problemsOf({}, {}, ['other.yaml'])).toEqual([
      'other.yaml:1:1 There is no such file: check the name, or run the command where the file is.',
    ]);
  });

  it('a deployment in two files, naming both', async () => {
    const files = {
      'homeostat.yaml': 'include: [b.yaml]\ndeployments: [{id: shop}]\n',
      'b.yaml': '\ndeployments: [{id: shop}]\n',
    };
    expect(await problemsOf(files)).toEqual([
      'b.yaml:2:15 Keep one deployment shop: it is defined in homeostat.yaml:2 already. Its other checks can stand under checks: with deploymentId: shop.',
    ]);
  });
});

describe('A document made to do harm is refused with its line', () => {
  it('aliases that write out to more than fits into memory (fault 30)', async () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const inner = level === 0 ? '"lol"' : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array(10).fill(inner).join(', ')}]`;
    });
    const [problem] = await problemsOf(`${levels.join('\n')}\n`);
    expect(problem).toMatch(
      /^homeostat\.yaml:6:\d+ Use fewer aliases, or split the file: written out it has more than 200,000 values\.$/,
    );
  });

  it('a document that contains itself (fault 30)', async () => {
    expect(await problemsOf('checks: &all\n  - *all\n')).toEqual([
      'homeostat.yaml:2:5 Nest less deeply, and put no alias inside its own anchor: at most 32 levels are read.',
    ]);
  });

  it.each([40, 5000, 200_000])('%d lists in one another (fault 30)', async (depth) => {
    const [problem, ...others] = await problemsOf(`checks: ${'['.repeat(depth)}${']'.repeat(depth)}\n`);
    expect(problem).toMatch(/^homeostat\.yaml:1:\d+ Nest less deeply/);
    expect(others).toEqual([]);
  });

  it('a file of more than 2 MiB (fault 30)', async () => {
    expect(await problemsOf(`# ${'x'.repeat(2 * 1024 * 1024)}\n`)).toEqual([
      'homeostat.yaml:1:1 Split this file and use include: a file may have 2 MiB.',
    ]);
  });

  it('a field that is given twice, of which a reader might see either (fault 30)', async () => {
    expect(await problemsOf('checks: []\ndefaults: {}\nchecks: []\n')).toEqual([
      'homeostat.yaml:3:1 checks: Keep one of them: this field is given twice.',
    ]);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('a map with the key %s (fault 31)', async (name) => {
    const text = `checks:\n  - name: a\n    type: tcp\n    target: a.example:1\n    tags:\n      ${name}: x\n`;
    expect(await problemsOf(text)).toEqual([
      `homeostat.yaml:6:7 checks[0].tags.${name}: Use another name: «${name}» is reserved.`,
    ]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});
