import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { addresses, anyAddress, freePort, listening, type Site } from './nginx.ts';

/** What Prometheus 2.42 sends with each scrape. */
const asPrometheusAsks = {
  accept:
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  'accept-encoding': 'gzip',
  'user-agent': 'Prometheus/2.42.0',
  'x-prometheus-scrape-timeout-seconds': '10',
};

const clockTicksASecond = 100;

/** User and system time of a process, seconds. Fields 14 and 15 of proc(5), behind the name in brackets. */
const cpuSecondsOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / clockTicksASecond;
};

export type Peer = {
  /** CPU seconds that the exporter took for so many probes, a few at once as Prometheus asks. */
  probe(module: string, target: string, probes: number): Promise<number>;
  close(): void;
};

const configuration = (authorityFile: string): string => `modules:
  http: {prober: http, timeout: 5s, http: {preferred_ip_protocol: ip4, tls_config: {ca_file: ${authorityFile}}}}
  tcp: {prober: tcp, timeout: 5s, tcp: {preferred_ip_protocol: ip4}}
`;

/** prometheus-blackbox-exporter on one core, as our own prober is. */
export const startBlackbox = async (binary: string, site: Site): Promise<Peer> => {
  const file = join(site.folder, 'blackbox.yml');
  writeFileSync(file, configuration(site.authorityFile));
  const port = await freePort();
  const child = spawn(binary, [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
    env: { ...process.env, GOMAXPROCS: '1' },
  });
  await listening(port);
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const one = (module: string, target: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const path = `/probe?module=${module}&target=${encodeURIComponent(target)}`;
      get({ host: '127.0.0.1', port, path, agent, headers: asPrometheusAsks }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => {
          const text = gunzipSync(Buffer.concat(chunks)).toString('utf8');
          if (/^probe_success 1(\.0)?$/m.test(text)) resolve();
          else reject(new Error(`${module} ${target} failed:\n${text}`));
        });
      }).on('error', reject);
    });
  return {
    async probe(module, target, probes) {
      const before = cpuSecondsOf(child.pid ?? 0);
      let left = probes;
      const worker = async () => {
        while (left-- > 0) {
          await one(module, target.replace(anyAddress, addresses[left % addresses.length] ?? ''));
        }
      };
      await Promise.all(Array.from({ length: 20 }, worker));
      return cpuSecondsOf(child.pid ?? 0) - before;
    },
    close: () => {
      agent.destroy();
      child.kill();
    },
  };
};
