import { createRequire } from 'node:module';
import type { MainModule, MjData, MjModel } from 'mujoco-js';
import { assetPath } from '../../../assets';

export type { MainModule, MjData, MjModel };

let loading: Promise<MainModule> | null = null;

/** MuJoCo's official WebAssembly build, loaded once a process (about 0.3 s, 120 MB). */
export function loadMujoco(): Promise<MainModule> {
  loading ??= (async () => {
    const file = assetPath('mujoco.js');
    const required = createRequire(file)(file) as { default: (options?: unknown) => Promise<MainModule> };
    return required.default();
  })();
  return loading;
}
