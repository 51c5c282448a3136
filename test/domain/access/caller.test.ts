import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWithin, tokenIdIn } from '../../../shared/access/token.ts';
import { callerFor, callerFrom, toAuthorizerContext } from '../../../shared/platform/edge/http-caller.ts';
import { DomainError } from '../../../shared/platform/errors.ts';

const codeOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error instanceof DomainError ? error.code : error;
  }
};

describe('the caller in an authorizer context', () => {
  it('is the one that was put into it', () => {
    const caller = { principal: 'token:1', scopes: ['read', 'ingest'], deployments: ['a b', '"*"'] } as const;
    expect(callerFrom(toAuthorizerContext(caller))).toEqual(caller);
  });

  it.each([
    undefined,
    null,
    {},
    [],
    'true',
    { authenticated: true, principal: 'admin', scopes: 'read', deployments: '*' },
    { authenticated: 'TRUE', principal: 'admin', scopes: 'read', deployments: '*' },
    { authenticated: 'false', principal: 'admin', scopes: 'read', deployments: '*' },
    { authenticated: 'true', scopes: 'read', deployments: '*' },
    { authenticated: 'true', principal: '', scopes: 'read', deployments: '*' },
  ])('anything but a clear yes is nobody: %j', (context) => {
    expect(codeOf(() => callerFrom(context))).toBe('UNAUTHENTICATED');
  });

  it.each([undefined, '', '[', '{"a":1}', 'null', '"*"', '[1,null]'])(
    'deployments that are no list reach nothing: %j',
    (deployments) => {
      const context = { authenticated: 'true', principal: 'token:1', scopes: 'read', deployments };
      expect(callerFrom(context).deployments).toEqual([]);
    },
  );

  it('a registry that could not be read is no wrong token', () => {
    expect(codeOf(() => callerFrom({ authenticated: 'unknown' }))).toBe('COLLECTION_ERROR');
  });

  it('no context opens any route that is not public, whatever is in it', () => {
    fc.assert(
      fc.property(fc.anything(), (context) => {
        expect(codeOf(() => callerFor({ scope: 'write' }, context))).toBe('UNAUTHENTICATED');
      }),
    );
  });
});

describe('tokens', () => {
  it.each([
    ['*', '*', true],
    [['a'], '*', true],
    ['*', ['a'], false],
    [['a'], ['a', 'b'], true],
    [['a', 'c'], ['a', 'b'], false],
    [[], ['a'], true],
  ] as const)('%j lies within %j: %s', (reach, outer, within) => {
    expect(isWithin(reach, outer)).toBe(within);
  });

  it('are taken apart only when they are whole, and a secret may hold underscores', () => {
    const id = '0123456789abcdef01234567';
    expect(tokenIdIn(`hst_${id}_${'_'.repeat(43)}`)).toBe(id);
    for (const broken of [
      `hst_${id}`,
      `hst_${id}_short`,
      `HST_${id}_${'a'.repeat(43)}`,
      `hst_${id}_${'a'.repeat(43)}\n`,
    ]) {
      expect(tokenIdIn(broken)).toBeUndefined();
    }
  });
});
