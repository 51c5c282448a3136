import { type MachineIdentity, type Named, shortId, uuid } from '../arns.ts';
import type { ResourceTypes } from './type.ts';

/** `localhost` is reserved: no distribution of AWS, and nobody else's server, has such a name. */
const domainEnding = '.cloudfront.localhost';
const urlOfDomain = /https:\/\/d[a-z0-9]{13}\.cloudfront\.localhost(?![\w-]|\.\w)/g;

/**
 * One machine has no certificate for a distribution's domain, and answers for it where its HTTP API answers: an https
 * URL of the domain in a text of the template is that address, http://127.0.0.1:3007.
 */
export function onThisMachine(text: string, { apiUrl, gatewayUrl }: MachineIdentity): string {
  return text.includes(domainEnding) ? text.replaceAll(urlOfDomain, apiUrl ?? gatewayUrl) : text;
}

/** Ids of CloudFront are fourteen characters and begin with E. */
const id = (named: Named) => `E${shortId(named, 13).toUpperCase()}`;
const domain = (named: Named) => `d${shortId(named, 13)}${domainEnding}`;

/** The distribution's ARN, which has no attribute of its own: CloudFront is not regional. */
export const distributionArn = (accountId: string, distributionId: string): string =>
  `arn:aws:cloudfront::${accountId}:distribution/${distributionId}`;

export const DELIVERY: ResourceTypes = {
  'AWS::CloudFront::Distribution': { ref: id, attributes: { Id: id, DomainName: domain } },
  'AWS::CloudFront::OriginAccessControl': { ref: id, attributes: { Id: id } },
  'AWS::CloudFront::ResponseHeadersPolicy': { ref: uuid, attributes: { Id: uuid } },
  'AWS::CloudFront::CachePolicy': { ref: uuid, attributes: { Id: uuid } },
};
