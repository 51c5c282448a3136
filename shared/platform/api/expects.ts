import { DomainError } from '../errors.ts';

/** If-Match: the caller only changes what it has seen. */
export const requireRevision = (
  record: { readonly revision: number },
  expects: readonly number[] | 'any' | undefined,
): void => {
  if (expects === undefined || expects === 'any' || expects.includes(record.revision)) return;
  throw new DomainError(
    'PRECONDITION_FAILED',
    `It is at revision ${record.revision} now. Read it again, and send its ETag in If-Match.`,
  );
};
