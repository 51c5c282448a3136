import { canonicalJson } from '../platform/api/canonical.ts';
import { DomainError } from '../platform/errors.ts';
import { ownedElsewhere } from './deployment.ts';

/** How a create request can be told again: the same caller and Idempotency-Key, and what it asked for. */
export type CreateRequest = { readonly id: string; readonly requestHash: string };

/** Something that people define by name, as it is known; the request that made it, when that carried an Idempotency-Key. */
type Known<D> = {
  readonly record: {
    readonly id: string;
    readonly definition: D;
    readonly managedBy: 'file' | 'api' | 'builtin';
    readonly deletedAt?: number;
  };
  readonly request?: CreateRequest | undefined;
};

export const isThere = <K extends Known<unknown>>(known: K | undefined): known is K =>
  known !== undefined && known.record.deletedAt === undefined;

/**
 * What POST does. The name is the key: without an Idempotency-Key an existing name clashes; with the key that made
 * it, the same request is a replay and another one a mistake. `what` is a noun, `taken` says whose name it is already:
 * «Deployment shop has a check of this name already».
 */
export const decideCreate = (
  known: Known<unknown> | undefined,
  request: CreateRequest | undefined,
  { what, taken }: { readonly what: string; readonly taken: string },
): 'created' | 'replayed' => {
  const same = request !== undefined && known?.request?.id === request.id;
  if (same && known?.request?.requestHash !== request.requestHash) {
    throw new DomainError('VALIDATION_ERROR', 'This Idempotency-Key was used for another request.', [
      {
        path: 'Idempotency-Key',
        message: 'Use a new key for a new request; the same key only repeats the same one.',
      },
    ]);
  }
  if (isThere(known)) {
    // A built-in one was made by nobody, whatever request is kept beside it.
    if (same && known.record.managedBy !== 'builtin') return 'replayed';
    throw new DomainError(
      'CONFLICT',
      `${taken}: ${known.record.id}. Change it with PUT, or choose another name.`,
    );
  }
  if (same) {
    throw new DomainError(
      'CONFLICT',
      `The ${what} that this Idempotency-Key made was removed since. Use a new key to make it again.`,
    );
  }
  return 'created';
};

/**
 * What a definition that is simply wanted (PUT, apply) does to what is there. Equal content is nobody's change; a
 * built-in one becomes the property of whoever changes it first.
 */
export const decidePut = <D>(
  known: Known<D> | undefined,
  definition: D,
  { owner, what }: { readonly owner: 'file' | 'api'; readonly what: string },
): 'created' | 'updated' | 'unchanged' => {
  if (!isThere(known)) return 'created';
  const { managedBy } = known.record;
  if (canonicalJson(known.record.definition) === canonicalJson(definition)) return 'unchanged';
  if (managedBy !== 'builtin' && managedBy !== owner) throw ownedElsewhere(`This ${what}`, managedBy);
  return 'updated';
};

/** Whether it may be removed; what is gone already stays gone, and so does a built-in one that nobody changed. */
export const decideRemoval = (
  known: Known<unknown> | undefined,
  { owner, what }: { readonly owner: 'file' | 'api'; readonly what: string },
): 'removed' | 'unchanged' => {
  if (!isThere(known) || known.record.managedBy === 'builtin') return 'unchanged';
  if (known.record.managedBy !== owner) throw ownedElsewhere(`This ${what}`, known.record.managedBy);
  return 'removed';
};
