import { probeBackend, probeBackends } from './backend/backend';
import { backendOrder } from './backend/probe';

/**
 * `trainer --probe [backend]` prints as JSON what `soup doctor` asks: one probe, or an array of all.
 * Anything else on stdout would spoil it.
 */
async function probe(name: string | undefined): Promise<void> {
  const known = backendOrder.find((backend) => backend === name);
  process.stdout.write(`${JSON.stringify(known ? await probeBackend(known) : await probeBackends())}\n`, () => {
    // WebGPU's threads would keep the process alive
    process.exit(0);
  });
}

if (process.argv[2] === '--probe') void probe(process.argv[3]);
