import { SoupError } from '../../../errors';
import type { RandomStream } from '../../random';
import type { ControlTask, Environments } from '../task';
import { loadMujoco, type MainModule, type MjData, type MjModel } from './mujoco';

export interface LocomotionSettings {
  readonly name: string;
  /** MJCF text */
  readonly model: string;
  /** physics steps of one control step */
  readonly frameSkip: number;
  readonly timeStepSeconds: number;
  /** leading positions that the observation leaves out, so that a gait does not depend on the place */
  readonly rootCoordinatesHidden: number;
  readonly observationSize: number;
  readonly actionSize: number;
  /** control of a full action (±1) */
  readonly actionLimit: number;
  readonly reset: { readonly positionNoise: number; readonly velocity: (random: RandomStream) => number };
  /** heights of the root between which an episode goes on; null where it never ends by itself */
  readonly healthyHeight: readonly [number, number] | null;
  /** adds each body's inertia, velocity, external force and the actuator forces to the observation */
  readonly observesBodies: boolean;
}

export const locomotionMetrics = ['velocity', 'energy', 'alive'] as const;

/**
 * A body that learns to move along x. Metrics of a control step: `velocity`, forward speed of the root in m/s;
 * `energy`, Σ u² of the clipped control; `alive`, 1 while healthy. A policy's action is in units of the actuators'
 * limit, so ±1 is full torque in every task; energy is measured on the control itself, as in Gymnasium.
 */
export function locomotionTask(settings: LocomotionSettings): ControlTask {
  return {
    name: settings.name,
    observationSize: settings.observationSize,
    actionSize: settings.actionSize,
    metrics: locomotionMetrics,
    controlSeconds: settings.frameSkip * settings.timeStepSeconds,
    open: async (count) => new LocomotionEnvironments(await loadMujoco(), settings, count),
  };
}

/** Views into one MjData. They are taken once all data exist: MuJoCo's heap detaches older views when it grows. */
interface Views {
  readonly positions: Float64Array;
  readonly velocities: Float64Array;
  readonly control: Float64Array;
  readonly bodies: readonly Float64Array[];
}

class LocomotionEnvironments implements Environments {
  readonly observations: Float64Array;
  readonly metrics: Float64Array;
  readonly terminated: Uint8Array;
  private readonly model: MjModel;
  private readonly data: readonly MjData[];
  private readonly stateBuffer: InstanceType<MainModule['DoubleBuffer']>;
  private readonly stateKind: number;
  private views: readonly Views[];

  constructor(private readonly mujoco: MainModule, private readonly settings: LocomotionSettings, readonly count: number) {
    this.observations = new Float64Array(count * settings.observationSize);
    this.metrics = new Float64Array(count * locomotionMetrics.length);
    this.terminated = new Uint8Array(count);
    this.model = loadModel(mujoco, settings);
    this.stateKind = mujoco.mjtState.mjSTATE_INTEGRATION.value;
    this.stateBuffer = new mujoco.DoubleBuffer(mujoco.mj_stateSize(this.model, this.stateKind));
    this.data = Array.from({ length: count }, () => new mujoco.MjData(this.model));
    this.views = this.data.map((data) => this.viewsOf(data));
  }

  reset(index: number, random: RandomStream): void {
    const data = this.data[index]!;
    this.mujoco.mj_resetData(this.model, data);
    const { positions, velocities } = this.viewsAt(index);
    const { positionNoise, velocity } = this.settings.reset;
    for (let i = 0; i < positions.length; i++) positions[i]! += random.uniform(-positionNoise, positionNoise);
    for (let i = 0; i < velocities.length; i++) velocities[i]! += velocity(random);
    this.mujoco.mj_forward(this.model, data);
    this.terminated[index] = 0;
    this.observe(index);
  }

  step(actions: Float32Array, active?: Uint8Array): void {
    for (let index = 0; index < this.count; index++) if (!active || active[index]) this.stepOne(index, actions);
  }

  private stepOne(index: number, actions: Float32Array): void {
    const { frameSkip, timeStepSeconds, actionSize, actionLimit, healthyHeight, observesBodies } = this.settings;
    const data = this.data[index]!;
    const { positions, control } = this.viewsAt(index);
    let energy = 0;
    for (let i = 0; i < actionSize; i++) {
      const torque = actionLimit * Math.min(1, Math.max(-1, actions[index * actionSize + i]!));
      control[i] = torque;
      energy += torque * torque;
    }
    const before = positions[0]!;
    for (let i = 0; i < frameSkip; i++) this.mujoco.mj_step(this.model, data);
    if (observesBodies) this.mujoco.mj_rnePostConstraint(this.model, data);
    const after = this.viewsAt(index).positions;
    const isFinite = this.isFinite(index);
    const isHealthy = isFinite && (!healthyHeight || (after[2]! > healthyHeight[0] && after[2]! < healthyHeight[1]));
    const row = index * locomotionMetrics.length;
    this.metrics[row] = isFinite ? (after[0]! - before) / (frameSkip * timeStepSeconds) : 0;
    this.metrics[row + 1] = energy;
    this.metrics[row + 2] = isHealthy ? 1 : 0;
    this.terminated[index] = isHealthy ? 0 : 1;
    if (isFinite) this.observe(index);
  }

  saveState(index: number): number[] {
    this.mujoco.mj_getState(this.model, this.data[index]!, this.stateBuffer, this.stateKind);
    const observation = this.observations.subarray(index * this.settings.observationSize, (index + 1) * this.settings.observationSize);
    return [...(this.stateBuffer.GetView() as Float64Array), ...observation];
  }

  restoreState(index: number, state: readonly number[]): void {
    const { observationSize } = this.settings;
    const physics = state.slice(0, state.length - observationSize);
    this.mujoco.mj_setState(this.model, this.data[index]!, physics, this.stateKind);
    this.observations.set(state.slice(state.length - observationSize), index * observationSize);
  }

  close(): void {
    for (const data of this.data) data.delete();
    this.stateBuffer.delete();
    this.model.delete();
  }

  private observe(index: number): void {
    const { observationSize, rootCoordinatesHidden } = this.settings;
    const { positions, velocities, bodies } = this.viewsAt(index);
    let at = index * observationSize;
    for (const part of [positions.subarray(rootCoordinatesHidden), velocities, ...bodies]) {
      this.observations.set(part, at);
      at += part.length;
    }
  }

  /** A simulation that has blown up ends its episode instead of feeding NaN to the policy. */
  private isFinite(index: number): boolean {
    const { positions, velocities } = this.views[index]!;
    for (const velocity of velocities) if (!(Math.abs(velocity) < 1e4)) return false;
    for (const position of positions) if (!Number.isFinite(position)) return false;
    return true;
  }

  private viewsAt(index: number): Views {
    // another MjData (an evaluation's) may have grown the heap since; a detached view has length 0
    if (this.views[index]!.positions.length === 0) {
      this.views = this.data.map((data) => this.viewsOf(data));
    }
    return this.views[index]!;
  }

  private viewsOf(data: MjData): Views {
    const positions = data.qpos as Float64Array;
    const velocities = data.qvel as Float64Array;
    const control = data.ctrl as Float64Array;
    // row 0 of the bodies is the world, the first 6 joint forces are the root's
    const bodies = this.settings.observesBodies
      ? [(data.cinert as Float64Array).subarray(10), (data.cvel as Float64Array).subarray(6), (data.qfrc_actuator as Float64Array).subarray(6), (data.cfrc_ext as Float64Array).subarray(6)]
      : [];
    const { observationSize, actionSize, rootCoordinatesHidden } = this.settings;
    const size = [positions, velocities, ...bodies].reduce((sum, part) => sum + part.length, 0) - rootCoordinatesHidden;
    if (size !== observationSize || control.length !== actionSize) {
      throw new SoupError('SimulationError', `${this.settings.name}: MuJoCo gave ${size} observations and ${control.length} controls, expected ${observationSize} and ${actionSize}.`, { isInput: false });
    }
    return { positions, velocities, control, bodies };
  }
}

function loadModel(mujoco: MainModule, settings: LocomotionSettings): MjModel {
  // MuJoCo reads models from files: this one lives in the module's own memory
  const file = `${settings.name}.xml`;
  mujoco.FS_createDataFile('/', file, settings.model, true, true, true);
  const model = mujoco.MjModel.loadFromXML(`/${file}`);
  mujoco.FS_unlink(`/${file}`);
  if (!model) throw new SoupError('SimulationError', `${settings.name}: MuJoCo could not compile the model.`, { isInput: false });
  return model;
}
