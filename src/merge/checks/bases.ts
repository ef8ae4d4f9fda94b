import { baseHashOf } from '../../checkpoint/lineage';
import type { NamedCheckpoint } from '../../checkpoint/names';
import type { Findings } from './findings';

/** That experts note one base, where they note any. */
export function checkBases(experts: readonly NamedCheckpoint[], findings: Findings): void {
  const known = experts.map(({ name, checkpoint }) => ({ name, hash: baseHashOf(checkpoint) })).filter(({ hash }) => hash !== null);
  const stranger = known.find(({ hash }) => hash !== known[0].hash);
  if (stranger) findings.of('base').warnings.push(`${known[0].name} and ${stranger.name} were trained from different bases (${known[0].hash?.slice(0, 12)} and ${stranger.hash?.slice(0, 12)}): their average is unlikely to work`);
}

/**
 * Experts that note another base than the one that is given; known once that has been hashed.
 * @param given how messages name it: `--base`
 */
export function strangersTo(given: string, sha256: string, experts: readonly NamedCheckpoint[]): string[] {
  return experts.flatMap(({ name, checkpoint }) => {
    const hash = baseHashOf(checkpoint);
    return hash === null || hash === sha256 ? [] : [`${name} was trained from another base (${hash.slice(0, 12)}) than ${given} (${sha256.slice(0, 12)})`];
  });
}
