import { SoupError } from '../../errors';
import { command } from './command';
import type { Launcher } from './launcher';
import { local } from './local';
import { slurm } from './slurm';

/** One line a launcher. */
const launchers: readonly Launcher[] = [local, slurm, command];

export const launcherNames: readonly string[] = launchers.map(({ name }) => name);

/** @throws SoupError UnknownLauncherError */
export function launcherNamed(name: string): Launcher {
  const launcher = launchers.find((one) => one.name === name);
  if (!launcher) throw new SoupError('UnknownLauncherError', `Unknown launcher "${name}": use ${launcherNames.join(', ')}.`);
  return launcher;
}
