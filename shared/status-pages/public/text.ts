/*
 * Names, labels and what people publish are text wherever they go. One function a way out.
 */

/**
 * What XML cannot hold even escaped, other control characters, and signs that turn the direction of what follows: they
 * would forge what people read beside them. Line breaks and tabs stay.
 */
const unprintable = /(?![\t\n])[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const printable = (text: string): string => text.replace(/\r\n?/g, '\n').replace(unprintable, '');

/** For HTML and XML alike, between tags and inside quoted attributes. */
export const text = (given: string): string =>
  printable(given).replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);

/** JSON that is no markup either, whoever takes it for a page. */
export const json = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
