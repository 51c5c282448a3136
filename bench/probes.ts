/** CPU a thousand probes beside prometheus-blackbox-exporter: `node bench/probes.ts --help`. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Peer, startBlackbox } from './probes/blackbox.ts';
import { anyAddress, type Site, startNginx } from './probes/nginx.ts';
import { median, printTable } from './table.ts';

const help = `node bench/probes.ts [--rounds 5] [--probes 4000]
    [--nginx nginx] [--blackbox prometheus-blackbox-exporter]

Starts nginx on fifty loopback addresses (https with an ECDSA P-256 certificate that its authority signed) and probes it with Homeostat's
prober and with prometheus-blackbox-exporter in turn, 20 at once, a new connection and a whole verified handshake each.
Prints the CPU seconds a thousand probes took in the prober's own process, medians of the rounds. Both run on one core.
Needs nginx, openssl and prometheus-blackbox-exporter (Debian has all three). Exits with 1 when a figure is over its budget.`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    probes: { type: 'string', default: '4000' },
    nginx: { type: 'string', default: 'nginx' },
    blackbox: { type: 'string', default: 'prometheus-blackbox-exporter' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit();
}
const probes = Number(values.probes);

type Kind = { readonly name: string; readonly budget: number; target(site: Site): string };
const kinds: readonly Kind[] = [
  { name: 'http', budget: 0.25, target: ({ httpPort }) => `http://${anyAddress}:${httpPort}/` },
  { name: 'https', budget: 1.2, target: ({ httpsPort }) => `https://${anyAddress}:${httpsPort}/` },
  { name: 'tcp', budget: 0.3, target: ({ httpPort }) => `${anyAddress}:${httpPort}` },
];

const prober = fileURLToPath(new URL('./probes/prober.ts', import.meta.url));

/** CPU seconds a thousand probes of ours took. */
const ours = (type: string, target: string, site: Site): number => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [prober, type, target, String(probes)], {
    encoding: 'utf8',
    env: { ...process.env, NODE_EXTRA_CA_CERTS: site.authorityFile, NODE_NO_WARNINGS: '1' },
  });
  if (status !== 0) throw new Error(`our own prober failed:\n${stderr}`);
  return (JSON.parse(stdout).cpuSeconds / probes) * 1000;
};

const measure = async (site: Site, peer: Peer) => {
  const rows = [];
  for (const { name, budget, target } of kinds) {
    const figures: { ours: number; theirs: number }[] = [];
    const module = name === 'tcp' ? 'tcp' : 'http';
    await peer.probe(module, target(site), 300);
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const theirs = ((await peer.probe(module, target(site), probes)) / probes) * 1000;
      figures.push({ ours: ours(name === 'https' ? 'http' : name, target(site), site), theirs });
    }
    const mine = median(figures.map((one) => one.ours));
    const theirs = median(figures.map((one) => one.theirs));
    const ratio = median(figures.map((one) => one.ours / one.theirs));
    rows.push({
      probe: name,
      'Homeostat s': mine.toFixed(2),
      'blackbox_exporter s': theirs.toFixed(2),
      ratio: ratio.toFixed(2),
      budget: budget.toFixed(2),
      isOver: ratio > budget,
    });
  }
  return rows;
};

const site = await startNginx(values.nginx);
const peer = await startBlackbox(values.blackbox, site);
try {
  const rows = await measure(site, peer);
  printTable(rows.map(({ isOver: _isOver, ...row }) => row));
  if (rows.some((row) => row.isOver)) process.exitCode = 1;
} finally {
  peer.close();
  site.close();
}
