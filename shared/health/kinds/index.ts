import { http } from './http.ts';
import type { CheckKind } from './kind.ts';
import { tcp } from './tcp.ts';

/** Every kind of check: a file here and a line in this list. */
export const checkKinds = { http, tcp } as const satisfies Record<string, CheckKind>;
