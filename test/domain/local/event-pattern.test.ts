import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../../infra/local/events/pattern.ts';

/** The sample event of Event Ruler's README and of the EventBridge user guide. */
const EC2_EVENT = {
  version: '0',
  id: 'ddddd4-aaaa-7777-4444-345dd43cc333',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account: '012345679012',
  time: '2017-10-02T16:24:49Z',
  region: 'us-east-1',
  resources: ['arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000'],
  detail: {
    'c-count': 5,
    'd-count': 3,
    'x-limit': 301.8,
    'source-ip': '10.0.0.33',
    'instance-id': 'i-000000aaaaaa00000',
    state: 'running',
  },
};

const EMPLOYEES = {
  employees: [
    { firstName: 'John', lastName: 'Doe' },
    { firstName: 'Anna', lastName: 'Smith' },
    { firstName: 'Peter', lastName: 'Jones' },
  ],
};

/** The user guide's event on null values and empty strings. */
const LAUNCH_EVENT = { resources: [], detail: { eventVersion: '', responseElements: null } };

type Row = [rule: string, pattern: unknown, event: unknown, expected: boolean];

const CLOUDWATCH = { source: 'aws.cloudwatch' };
const NESTED_OR = {
  source: ['aws.cloudwatch'],
  $or: [
    { metricName: ['CPUUtilization', 'ReadLatency'] },
    {
      metricType: ['MetricType'],
      namespace: ['AWS/EC2', 'AWS/ES'],
      $or: [{ metricId: [1234] }, { spaceId: [1000] }],
    },
    { scope: ['Service'] },
  ],
};
const PARALLEL_OR = {
  $or: [{ metricName: ['CPUUtilization'] }, { namespace: ['AWS/EC2'] }],
  detail: { $or: [{ source: ['aws.cloudwatch'] }, { 'detail-type': ['CloudWatch Alarm State Change'] }] },
};

/** One field `value`: pattern entries, event value, expected. */
const field = (rule: string, entries: unknown[], value: unknown, expected: boolean): Row => [
  rule,
  { value: entries },
  { value },
  expected,
];

const DOCUMENTED: Row[] = [
  [
    'several fields are joined by and, several values by or',
    {
      'detail-type': ['EC2 Instance State-change Notification'],
      resources: ['arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000'],
      detail: { state: ['initializing', 'running'] },
    },
    EC2_EVENT,
    true,
  ],
  [
    'one field that differs refuses the event',
    { source: ['aws.ec2'], region: ['eu-west-1'] },
    EC2_EVENT,
    false,
  ],
  ['prefix of a time', { time: [{ prefix: '2017-10-02' }] }, EC2_EVENT, true],
  ['suffix of a source', { source: [{ suffix: 'ec2' }] }, EC2_EVENT, true],
  ['equals-ignore-case', { source: [{ 'equals-ignore-case': 'AWS.EC2' }] }, EC2_EVENT, true],
  [
    'equals-ignore-case is about the whole value',
    { source: [{ 'equals-ignore-case': 'EC2' }] },
    EC2_EVENT,
    false,
  ],
  ['anything-but a string', { detail: { state: [{ 'anything-but': 'initializing' }] } }, EC2_EVENT, true],
  ['anything-but a number', { detail: { 'x-limit': [{ 'anything-but': 123 }] } }, EC2_EVENT, true],
  [
    'anything-but of strings',
    { detail: { state: [{ 'anything-but': ['stopped', 'running'] }] } },
    EC2_EVENT,
    false,
  ],
  [
    'anything-but of numbers',
    { detail: { 'x-limit': [{ 'anything-but': [100, 200, 300] }] } },
    EC2_EVENT,
    true,
  ],
  ['anything-but a prefix', { detail: { state: [{ 'anything-but': { prefix: 'init' } }] } }, EC2_EVENT, true],
  [
    'numeric ranges and equality in scientific notation',
    {
      detail: {
        'c-count': [{ numeric: ['>', 0, '<=', 5] }],
        'd-count': [{ numeric: ['<', 10] }],
        'x-limit': [{ numeric: ['=', 3.018e2] }],
      },
    },
    EC2_EVENT,
    true,
  ],
  ['cidr', { detail: { 'source-ip': [{ cidr: '10.0.0.0/24' }] } }, EC2_EVENT, true],
  ['cidr of another network', { detail: { 'source-ip': [{ cidr: '10.1.0.0/16' }] } }, EC2_EVENT, false],
  ['exists: true', { detail: { 'c-count': [{ exists: true }] } }, EC2_EVENT, true],
  [
    'exists: false on a field that is there',
    { detail: { 'c-count': [{ exists: false }] } },
    EC2_EVENT,
    false,
  ],
  ['exists: false on a missing field', { detail: { 'e-count': [{ exists: false }] } }, EC2_EVENT, true],
  [
    'the complex example',
    {
      time: [{ prefix: '2017-10-02' }],
      detail: {
        state: [{ 'anything-but': 'initializing' }],
        'c-count': [{ numeric: ['>', 0, '<=', 5] }],
        'd-count': [{ numeric: ['<', 10] }],
        'x-limit': [{ 'anything-but': [100, 200, 300] }],
        'source-ip': [{ cidr: '10.0.0.0/8' }],
      },
    },
    EC2_EVENT,
    true,
  ],
  ['an empty string matches an empty string', { detail: { eventVersion: [''] } }, LAUNCH_EVENT, true],
  ['null matches null', { detail: { responseElements: [null] } }, LAUNCH_EVENT, true],
  ['null and the empty string are not the same', { detail: { responseElements: [''] } }, LAUNCH_EVENT, false],
  ['a missing key is not null', { detail: { userIdentity: [null] } }, LAUNCH_EVENT, false],
  ['a null value exists', { detail: { responseElements: [{ exists: true }] } }, LAUNCH_EVENT, true],
  ['a nested or: its first alternative', NESTED_OR, { ...CLOUDWATCH, metricName: 'ReadLatency' }, true],
  [
    'a nested or: the source still counts',
    NESTED_OR,
    { source: 'aws.ec2', metricName: 'ReadLatency' },
    false,
  ],
  [
    'a nested or: its inner alternative',
    NESTED_OR,
    { ...CLOUDWATCH, metricType: 'MetricType', namespace: 'AWS/ES', spaceId: 1000 },
    true,
  ],
  [
    'a nested or: neither inner alternative',
    NESTED_OR,
    { ...CLOUDWATCH, metricType: 'MetricType', namespace: 'AWS/ES', spaceId: 1 },
    false,
  ],
  [
    'two ors: both must hold',
    PARALLEL_OR,
    { namespace: 'AWS/EC2', detail: { source: 'aws.cloudwatch' } },
    true,
  ],
  [
    'two ors: one alone is not enough',
    PARALLEL_OR,
    { namespace: 'AWS/EC2', detail: { source: 'aws.s3' } },
    false,
  ],
  ['an object in an array', { employees: { firstName: ['Anna'] } }, EMPLOYEES, true],
  ['two fields of one element', { employees: { firstName: ['Anna'], lastName: ['Smith'] } }, EMPLOYEES, true],
  [
    'two fields of different elements are not one match',
    { employees: { firstName: ['Anna'], lastName: ['Jones'] } },
    EMPLOYEES,
    false,
  ],
  [
    'arrays of arrays',
    { employees: { firstName: ['Peter'], lastName: ['Jones'] } },
    { employees: [[{ firstName: 'Peter', lastName: 'X' }], [{ firstName: 'Peter', lastName: 'Jones' }]] },
    true,
  ],
];

const EDGES: Row[] = [
  field('any element of an array may match', ['b'], ['a', 'b', 'c'], true),
  field('an empty array has no value', [{ exists: true }], [], false),
  field('an empty array counts as absent', [{ exists: false }], [], true),
  field('an object is no leaf, so exists: true fails', [{ exists: true }], { inner: 1 }, false),
  field('an object is no leaf, so exists: false holds', [{ exists: false }], { inner: 1 }, true),
  field('exists: false beside a value is an or', [{ exists: false }, 'x'], 'x', true),
  ['exists: false beside a value: absent', { value: [{ exists: false }, 'x'], a: [1] }, { a: 1 }, true],
  field('5 equals 5.0', [5], JSON.parse('5.0'), true),
  field('300 equals 3.0e2', [300], JSON.parse('3.0e2'), true),
  field('the number 5 is not the string "5"', [5], '5', false),
  field('the string "5" is not the number 5', ['5'], 5, false),
  field('true is not "true"', [true], 'true', false),
  field('false matches false', [false], false, true),
  field('a number beyond 5.0e9 still equals itself', [123456789012], 123456789012, true),
  field('numeric does not see numbers beyond 5.0e9', [{ numeric: ['>', 0] }], 5000000001, false),
  field('numeric reaches 5.0e9 itself', [{ numeric: ['>=', 0, '<=', 5e9] }], 5e9, true),
  field('numeric never matches a string', [{ numeric: ['=', 5] }], '5', false),
  field('an open end excludes its bound', [{ numeric: ['>', 5] }], 5, false),
  field('a closed end includes its bound', [{ numeric: ['>=', 5, '<', 6] }], 5, true),
  field('prefix is about strings', [{ prefix: '5' }], 55, false),
  field('prefix in any case', [{ prefix: { 'equals-ignore-case': 'EventB' } }], 'eventbridge', true),
  field('prefix minds the case', [{ prefix: 'EventB' }], 'eventbridge', false),
  field('suffix in any case', [{ suffix: { 'equals-ignore-case': '.png' } }], 'cat.PNG', true),
  field('suffix minds the case', [{ suffix: '.png' }], 'cat.PNG', false),
  field('anything-but needs a value to be there', [{ 'anything-but': 'x' }], [], false),
  field('anything-but holds when any element differs', [{ 'anything-but': 'x' }], ['x', 'y'], true),
  field('anything-but a string holds for null', [{ 'anything-but': 'x' }], null, true),
  field('anything-but a string holds for a number', [{ 'anything-but': '5' }], 5, true),
  field(
    'anything-but one of several prefixes',
    [{ 'anything-but': { prefix: ['us-', 'eu-'] } }],
    'eu-west-1',
    false,
  ),
  field(
    'anything-but several prefixes',
    [{ 'anything-but': { prefix: ['us-', 'eu-'] } }],
    'ap-south-1',
    true,
  ),
  field('anything-but a suffix', [{ 'anything-but': { suffix: '.png' } }], 'cat.png', false),
  field(
    'anything-but one of several suffixes',
    [{ 'anything-but': { suffix: ['.png', '.jpg'] } }],
    'a.gif',
    true,
  ),
  field(
    'anything-but in any case',
    [{ 'anything-but': { 'equals-ignore-case': 'initializing' } }],
    'INITIALIZING',
    false,
  ),
  field(
    'anything-but several in any case',
    [{ 'anything-but': { 'equals-ignore-case': ['a', 'b'] } }],
    'C',
    true,
  ),
  field('anything-but a wildcard', [{ 'anything-but': { wildcard: '*/lib/*' } }], 'src/lib/x', false),
  field(
    'anything-but several wildcards',
    [{ 'anything-but': { wildcard: ['*/lib/*', '*.md'] } }],
    'src/x',
    true,
  ),
  field('a wildcard in the middle', [{ wildcard: 'dir/*.png' }], 'dir/a/b.png', true),
  field('a wildcard stands for nothing, too', [{ wildcard: 'a*b' }], 'ab', true),
  field('head and tail of a wildcard may not overlap', [{ wildcard: 'aba*aba' }], 'aba', false),
  field('several wildcards', [{ wildcard: 'EventBridge*is*fun' }], 'EventBridge really is fun', true),
  field('several wildcards in order', [{ wildcard: '*b*a*' }], 'ab', false),
  field('an escaped asterisk is literal', [{ wildcard: 'a\\*b' }], 'axb', false),
  field('an escaped asterisk matches itself', [{ wildcard: 'a\\*b' }], 'a*b', true),
  field('an escaped backslash', [{ wildcard: 'a\\\\*' }], 'a\\b', true),
  field('a wildcard minds the case', [{ wildcard: 'A*' }], 'ab', false),
  field('a lone wildcard needs a string', [{ wildcard: '*' }], 5, false),
  field('an asterisk outside wildcard is literal', ['a*'], 'ab', false),
  field('cidr of IPv6', [{ cidr: '2001:db8::/32' }], '2001:db8:1::7', true),
  field('cidr of IPv6, another network', [{ cidr: '2001:db8::/32' }], '2001:db9::1', false),
  field('cidr of IPv4 does not see IPv6', [{ cidr: '10.0.0.0/8' }], '::1', false),
  field('cidr does not see what is no address', [{ cidr: '10.0.0.0/8' }], 'ten', false),
  field('cidr from an address inside the block', [{ cidr: '10.0.0.77/24' }], '10.0.0.1', true),
  field('an IPv6 address equals its other spelling', ['2001:db8::1'], '2001:0db8:0:0:0:0:0:1', true),
  field('a plain number in a string is no address', ['10'], '0.0.0.10', false),
  [
    'a dotted key is the nested key',
    { detail: { 'state.code': [16] } },
    { detail: { state: { code: 16 } } },
    true,
  ],
  ['__proto__ is a key like any other', JSON.parse('{"__proto__": ["x"]}'), {}, false],
  ['an event that is no object matches nothing', { a: [{ exists: false }], b: [1] }, 'text', false],
  ['the pattern may be JSON text', '{"detail":{"responseElements":[null]}}', LAUNCH_EVENT, true],
];

describe('an event pattern matches as EventBridge documents it', () => {
  test.each(DOCUMENTED)('%s', (_rule, pattern, event, expected) => {
    expect(compilePattern(pattern)(event)).toBe(expected);
  });
});

describe('an event pattern matches at the edges as Event Ruler does', () => {
  test.each(EDGES)('%s', (_rule, pattern, event, expected) => {
    expect(compilePattern(pattern)(event)).toBe(expected);
  });
});

const deepOr = { $or: Array.from({ length: 11 }, (_, i) => ({ [`f${i}`]: [i] })) };

const INVALID: [rule: string, pattern: unknown, message: string][] = [
  ['a pattern is an object', ['x'], 'at its root: the pattern must be an object'],
  ['a text must be JSON', '{', 'at its root: its text is not JSON'],
  ['an empty pattern', {}, 'at its root: empty objects are not allowed'],
  ['a bare value', { detail: { state: 'running' } }, 'at detail.state: it must be an object or an array'],
  ['an empty array', { detail: { state: [] } }, 'at detail.state: empty arrays are not allowed'],
  ['an empty nested object', { detail: {} }, 'at detail: empty objects are not allowed'],
  ['an unknown operator', { a: ['x', { regex: '.*' }] }, 'at a[1]: unrecognized match type regex'],
  [
    'an operator named like a property of objects',
    { a: [{ constructor: 'x' }] },
    'unrecognized match type constructor',
  ],
  ['two operators in one object', { a: [{ prefix: 'x', suffix: 'y' }] }, 'at a[0]: only one key is allowed'],
  ['a list in a list', { a: [['x']] }, 'at a[0]: a match value must be'],
  ['prefix of a number', { a: [{ prefix: 5 }] }, 'at a[0].prefix: the match pattern must be a string'],
  ['prefix of another operator', { a: [{ prefix: { suffix: 'x' } }] }, 'unsupported prefix pattern: suffix'],
  ['exists of a string', { a: [{ exists: 'true' }] }, 'at a[0].exists: exists must be either true or false'],
  ['consecutive wildcards', { a: [{ wildcard: 'a**b' }] }, 'consecutive wildcard characters at position 1'],
  ['another escape', { a: [{ wildcard: 'a\\n' }] }, 'invalid escape character at position 1'],
  ['a trailing backslash', { a: [{ wildcard: 'a\\' }] }, 'invalid escape character at position 1'],
  ['anything-but null', { a: [{ 'anything-but': null }] }, 'at a[0].anything-but: anything-but takes'],
  ['anything-but of a mix', { a: [{ 'anything-but': [1, 'x'] }] }, 'anything-but takes'],
  ['anything-but of nothing', { a: [{ 'anything-but': [] }] }, 'empty arrays are not allowed'],
  [
    'anything-but an empty prefix',
    { a: [{ 'anything-but': { prefix: '' } }] },
    'an empty prefix is not allowed',
  ],
  [
    'anything-but numeric',
    { a: [{ 'anything-but': { numeric: ['<', '5'] } }] },
    'unsupported anything-but pattern',
  ],
  ['a numeric that is no array', { a: [{ numeric: 5 }] }, 'the value of numeric must be an array'],
  ['a numeric of text', { a: [{ numeric: ['=', '5'] }] }, 'the value of = must be numeric'],
  ['an unknown comparison', { a: [{ numeric: ['!=', 5] }] }, 'unrecognized numeric range operator: !='],
  ['a range from its upper end', { a: [{ numeric: ['<', 5, '>', 0] }] }, 'begins with > or >='],
  ['an empty range', { a: [{ numeric: ['>', 5, '<', 5] }] }, 'must be less than its upper end'],
  ['a number out of range', { a: [{ numeric: ['>', 5e9 + 1] }] }, 'between -5.0e9 and 5.0e9'],
  ['a seventh decimal', { a: [{ numeric: ['=', 0.1234567] }] }, 'at most 6 decimals'],
  ['a cidr without a mask', { a: [{ cidr: '10.0.0.0' }] }, 'is not a CIDR block'],
  ['a cidr of one address', { a: [{ cidr: '10.0.0.1/32' }] }, 'mask bits must be < 32'],
  ['an or that is no array', { $or: { a: [1] } }, 'at $or: $or must be an array of at least 2 objects'],
  ['an or of one', { $or: [{ a: [1] }] }, 'at $or: $or must be an array of at least 2 objects'],
  ['an or of values', { detail: { $or: [{ a: [1] }, 'x'] } }, 'at detail.$or[1]: only objects are allowed'],
  [
    'an operator as a field in an or',
    { $or: [{ prefix: ['x'] }, { a: [1] }] },
    "prefix is an operator's name",
  ],
  ['a field given twice', { 'a.b': [1], a: { b: [2] } }, 'at a.b: the same path is given twice'],
  ['more than 1000 combinations', { a: deepOr, b: deepOr, c: deepOr }, 'more than 1000 combinations'],
];

describe('an invalid event pattern is refused with its path and the reason', () => {
  test.each(INVALID)('%s', (_rule, pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(message);
  });
});

describe('wildcards agree with a regular expression of the same meaning', () => {
  test('for short words over a small alphabet', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
    const wildcard = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 3 }), {
      minLength: 2,
      maxLength: 4,
    });
    fc.assert(
      fc.property(wildcard, word, (parts, value) => {
        const pattern = parts.join('*').replaceAll(/\*+/g, '*');
        const regex = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
        expect(compilePattern({ value: [{ wildcard: pattern }] })({ value })).toBe(regex.test(value));
      }),
      { numRuns: 500 },
    );
  });
});
