import { defineFunction } from '../../shared/platform/function/contract.ts';

export const contract = defineFunction({
  name: 'authorizer',
  purpose: 'Finds out whose token a request carries.',
  trigger: { kind: 'authorizer' },
  timeoutSeconds: 10,
  memoryMb: 256,
  needs: { state: ['get', 'update'], adminToken: ['read'] },
  why: {
    state: 'reads the hash of the token and notes when it was last used',
    adminToken: 'compares with the first admin token',
  },
  settings: ['logLevel'],
});
