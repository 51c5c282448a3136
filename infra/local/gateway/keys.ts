import { randomBytes } from 'node:crypto';

/** Keys look like those of an assumed role, and are known to nobody but this host and whom it gave them to. */
export const newAccessKeyId = (): string => `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
