import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromFloat32, writeSafetensors } from '../../src/checkpoint/safetensors';

/** A folder of its own for one test file's editor. */
export class Workspace {
  readonly root = mkdtempSync(path.join(tmpdir(), 'soups-'));

  at(...parts: string[]): string {
    return path.join(this.root, ...parts);
  }

  write(file: string, text: string | Uint8Array): string {
    const target = this.at(file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
    return target;
  }

  /** A checkpoint of three float tensors that follow from `seed`. Returns their values in the order of their names. */
  async checkpoint(file: string, seed: number, metadata: Readonly<Record<string, string>> = {}): Promise<Float32Array> {
    mkdirSync(path.dirname(this.at(file)), { recursive: true });
    const shapes = { 'layers.0.bias': [7], 'layers.0.weight': [7, 5], 'layers.1.weight': [3, 7] };
    const all: number[] = [];
    const tensors = Object.entries(shapes).map(([name, shape]) => {
      const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, index) => Math.sin(seed * 7.3 + index * 1.7 + name.length));
      all.push(...values);
      return { name, dtype: 'F32' as const, shape, data: fromFloat32(values, 'F32') };
    });
    await writeSafetensors(this.at(file), tensors, metadata);
    return Float32Array.from(all);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** An experiment that learns next to nothing; `steps` say how long its trainings take (ten thousand: a second or two). */
export function smallExperiment(name: string, steps: number, extra = ''): string {
  return `name: ${name}
seed: 3
backend: wasm
task: { type: locomotion, environment: half-cheetah, episodeSteps: 50 }
rewards:
  risky: velocity
  cautious: velocity - 3 * energy
train: { steps: ${steps}, environments: 8, rolloutSteps: 64, minibatch: 256, epochs: 2, hidden: [16, 16], checkpointEverySteps: 2048 }
sweep: { grid: 5, samples: 8 }
check: { resamples: 200 }
${extra}`;
}
