import type { NameWriter } from '../platform/aws/actions/cloudtrail.aws.ts';
import type { BrakePorts } from './brake-world.ts';

/** A name is worth a few seconds; nothing depends on it. */
const patienceMs = 5000;

/** Sessions of our own actions are named by the beginning of a plan's hash: those do not work against us. */
const isOurs = (identity: string): boolean => /:assumed-role\/.*\/[0-9a-f]{12}$/.test(identity);

/** Who wrote a resource last, as a sentence names them; undefined where nobody can tell in time. */
export const writerNamed =
  (nameWriter: NameWriter): NonNullable<BrakePorts['nameWriter']> =>
  async ({ id }) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLate = new Promise<undefined>((done) => {
      timer = setTimeout(() => done(undefined), patienceMs);
    });
    const writer = await Promise.race([nameWriter(id), tooLate]);
    clearTimeout(timer);
    return writer && !isOurs(writer.identity) ? `${writer.identity} (${writer.eventName})` : undefined;
  };
