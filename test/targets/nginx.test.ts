import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCondition } from '../../shared/health/conditions/parse.ts';
import type { PlanEntry } from '../../shared/health/plan.ts';
import { look } from '../domain/health/look.ts';
import { type Certificates, makeCertificates } from './servers/certificates.ts';
import { type Nginx, startNginx } from './servers/nginx.ts';

let certificates: Certificates;
let nginx: Nginx;

beforeAll(async () => {
  certificates = makeCertificates();
  // Before the first probe: its shared context takes the authorities that are known then.
  setDefaultCACertificates([...getCACertificates('default'), certificates.authority]);
  nginx = await startNginx(certificates);
});
afterAll(() => nginx.stop());

type Site = keyof Nginx['tlsPorts'];
const https = (site: Site, config: Record<string, unknown> = {}, given: Partial<PlanEntry> = {}) =>
  look({ type: 'http', target: `https://localhost:${nginx.tlsPorts[site]}/health`, config, ...given });

describe('http', () => {
  test('the answer of nginx is healthy, with its phases', async () => {
    const seen = await look({ type: 'http', target: `http://127.0.0.1:${nginx.port}/health` });
    expect(seen).toMatchObject({ status: 'healthy', statusCode: 200, reason: null });
    expect(Object.keys(seen.phases).sort()).toEqual(['connect', 'firstByte', 'total']);
  });

  test('a redirect of nginx is followed', async () => {
    const seen = await look({ type: 'http', target: `http://127.0.0.1:${nginx.port}/old` });
    expect(seen).toMatchObject({ status: 'healthy', statusCode: 200 });
  });

  test('a failing page of nginx is unhealthy, with its status', async () => {
    const seen = await look({ type: 'http', target: `http://127.0.0.1:${nginx.port}/broken` });
    expect(seen).toMatchObject({ status: 'unhealthy', statusCode: 503 });
    expect(seen.reason).toContain('503');
  });

  test('conditions are judged on what nginx answered', async () => {
    const conditions = [parseCondition('[BODY].ok == false')];
    const seen = await look({ type: 'http', target: `http://127.0.0.1:${nginx.port}/health`, conditions });
    expect(seen).toMatchObject({ status: 'unhealthy', reason: expect.stringContaining('true') });
  });
});

describe('https', () => {
  test.each<{ site: Site; reason: string | null }>([
    { site: 'proper', reason: null },
    { site: 'expired', reason: 'tls: certificate has expired' },
    { site: 'selfSigned', reason: 'tls: self-signed certificate' },
    {
      site: 'wrongHost',
      reason:
        "tls: Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's altnames: DNS:shop.example.com",
    },
  ])('a certificate that is $site: $reason', async ({ site, reason }) => {
    const status = reason === null ? 'healthy' : 'unhealthy';
    expect(await https(site)).toMatchObject({ status, reason });
  });

  test.each<Site>(['expired', 'selfSigned', 'wrongHost'])(
    '%s passes where it is not verified',
    async (site) => {
      expect(await https(site, { verifyTls: false })).toMatchObject({ status: 'healthy', reason: null });
    },
  );

  test('the days left on a certificate are what its dates say', async () => {
    // 31 December 2049 is what the test authority wrote, and 1 January 2049 a year before.
    const clock = () => Date.UTC(2049, 0, 1);
    const ask = (text: string) =>
      look(
        {
          type: 'http',
          target: `https://localhost:${nginx.tlsPorts.proper}/health`,
          conditions: [parseCondition(text)],
        },
        { clock },
      );
    expect(await ask('[CERTIFICATE_DAYS] == 364')).toMatchObject({ status: 'healthy' });
    expect(await ask('[CERTIFICATE_DAYS] > 400')).toMatchObject({ status: 'unhealthy' });
  });

  test('nginx speaks HTTP/2 where it is asked to', async () => {
    expect(await https('proper', { httpVersion: '2' })).toMatchObject({ status: 'healthy', statusCode: 200 });
  });
});

describe('tls', () => {
  const ask = (site: Site, config: Record<string, unknown> = {}) =>
    look({ type: 'tls', target: `localhost:${nginx.tlsPorts[site]}`, config });

  test.each<{ site: Site; reason: RegExp | null }>([
    { site: 'proper', reason: null },
    { site: 'expired', reason: /expired/ },
    { site: 'selfSigned', reason: /self-signed/ },
    { site: 'wrongHost', reason: /shop\.example\.com|localhost/ },
  ])('a certificate that is $site', async ({ site, reason }) => {
    const seen = await ask(site);
    expect(seen.status).toBe(reason === null ? 'healthy' : 'unhealthy');
    if (reason) expect(seen.reason).toMatch(reason);
  });

  test('a certificate of an own authority is trusted where the check names that', async () => {
    const config = { certificateAuthorities: certificates.authority };
    expect(await ask('proper', config)).toMatchObject({ status: 'healthy', reason: null });
    expect(await ask('selfSigned', config)).toMatchObject({ status: 'unhealthy' });
  });

  test('a port in the clear is unhealthy', async () => {
    expect(await look({ type: 'tls', target: `127.0.0.1:${nginx.port}` })).toMatchObject({
      status: 'unhealthy',
    });
  });
});

test('tcp: nginx takes the connection', async () => {
  expect(await look({ type: 'tcp', target: `127.0.0.1:${nginx.port}` })).toMatchObject({ status: 'healthy' });
});
