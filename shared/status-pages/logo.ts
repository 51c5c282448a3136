import { Buffer } from 'node:buffer';

/** Of the image itself. The page carries it in each answer, so it must stay small. */
export const mostLogoBytes = 32 * 1024;

const dataPattern = /^data:image\/(png|svg\+xml|webp|jpeg);base64,([A-Za-z0-9+/]+={0,2})$/;

/** Whether the bytes begin as the type says: an image that is another, or none, would show as a broken one. */
const beginnings: Readonly<Record<string, (bytes: Buffer) => boolean>> = {
  png: (bytes) => bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])),
  jpeg: (bytes) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])),
  webp: (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
  'svg+xml': (bytes) => /<svg[\s>]/.test(bytes.toString('utf8')),
};

const shapeFault = 'Give an https: address, or data:image/png, svg+xml, webp or jpeg in base64.';

/** Why the address cannot be the `src` of the logo; undefined when it can. */
export const logoFault = (given: string): string | undefined => {
  if (given.startsWith('data:')) {
    const [, type = '', text = ''] = dataPattern.exec(given) ?? [];
    if (text === '') return shapeFault;
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length > mostLogoBytes)
      return `Give an image of at most ${mostLogoBytes} bytes (this one has ${bytes.length}), or an https: address.`;
    return beginnings[type]?.(bytes) ? undefined : `This is no image of the type ${type}.`;
  }
  const url = URL.parse(given);
  return url?.protocol === 'https:' && url.username === '' && url.password === '' ? undefined : shapeFault;
};
