import type { Resolver } from 'node:dns/promises';
import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';

export const recordTypes = ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'NS', 'SOA', 'SRV', 'CAA'] as const;
export type RecordType = (typeof recordTypes)[number];

/** Asks for records of a type; each comes as one text, in the order of a zone file's fields. Rejects with c-ares' codes. */
export const ask = async (resolver: Resolver, name: string, type: RecordType): Promise<readonly string[]> => {
  switch (type) {
    case 'A':
      return resolver.resolve4(name);
    case 'AAAA':
      return (await resolver.resolve6(name)).map(addressText);
    case 'CNAME':
      return (await resolver.resolveCname(name)).map(nameText);
    case 'NS':
      return (await resolver.resolveNs(name)).map(nameText);
    case 'TXT':
      // A text longer than 255 bytes comes in pieces.
      return (await resolver.resolveTxt(name)).map((pieces) => pieces.join(''));
    case 'MX':
      return (await resolver.resolveMx(name))
        .toSorted((left, right) => left.priority - right.priority)
        .map(({ priority, exchange }) => `${priority} ${nameText(exchange)}`);
    case 'SRV':
      return (await resolver.resolveSrv(name)).map(
        ({ priority, weight, port, name: target }) => `${priority} ${weight} ${port} ${nameText(target)}`,
      );
    case 'CAA':
      return (await resolver.resolveCaa(name)).map(({ critical, ...property }) => {
        const [tag = '', value = ''] = Object.entries(property).find(([key]) => key !== 'type') ?? [];
        return `${critical} ${tag} ${value}`;
      });
    case 'SOA': {
      const { nsname, hostmaster, serial, refresh, retry, expire, minttl } = await resolver.resolveSoa(name);
      return [
        `${nameText(nsname)} ${nameText(hostmaster)} ${serial} ${refresh} ${retry} ${expire} ${minttl}`,
      ];
    }
  }
};

/** Whether a record is the expected one. Of those with several fields the last or the first name alone may be given. */
export const isRecord = (type: RecordType, record: string, expected: string): boolean => {
  const wanted = normalRecord(type, expected);
  if (record === wanted) return true;
  const fields = record.split(' ');
  if (type === 'MX' || type === 'SRV') return fields.at(-1) === wanted;
  return type === 'SOA' && fields[0] === wanted;
};

const normalRecord = (type: RecordType, text: string): string => {
  if (type === 'TXT') return text;
  const fields = text.trim().split(/\s+/);
  if (type === 'A') return text.trim();
  if (type === 'AAAA') return addressText(text.trim());
  if (type === 'CAA') return fields.join(' ').replace(/"/g, '');
  return fields.map((field) => (/^\d+$/.test(field) ? field : nameText(field))).join(' ');
};

const addressText = (text: string): string => (ipaddr.isValid(text) ? ipaddr.parse(text).toString() : text);

/** Names compare without regard to case, and with or without the dot that ends them. */
const nameText = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** A name to ask for, in ASCII, without the dot at its end; undefined when it is none. */
export const parseDnsName = (text: string): string | undefined => {
  if (/[\s/?#@\\:[\]%]/.test(text) || ipaddr.isValid(text)) return undefined;
  const name = domainToASCII(text).replace(/\.$/, '');
  const isName = name.length <= 253 && name.split('.').every((label) => /^[a-z0-9_*-]{1,63}$/i.test(label));
  // What the URL parser turned into an address was an address in disguise.
  return isName && !ipaddr.isValid(name) ? name : undefined;
};

/** `1.1.1.1`, `10.0.0.2:5353`, `[2606:4700::1111]:53`: an address with or without a port; undefined when it is none. */
export const parseResolver = (
  text: string,
): { readonly address: string; readonly port: number } | undefined => {
  const [, six, four, digits = '53'] = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = six ?? four ?? (text.includes('::') || text.split(':').length > 2 ? text : '');
  const port = six === undefined && four === undefined ? 53 : Number(digits);
  const isPlain = address.includes(':')
    ? ipaddr.IPv6.isValid(address)
    : ipaddr.IPv4.isValidFourPartDecimal(address);
  return isPlain && !address.includes('%') && port >= 1 && port <= 65_535 ? { address, port } : undefined;
};
