import { locomotionTask } from './locomotion';

/**
 * A planar two-legged runner: a 1 m trunk on slides and a hinge, two legs of thigh, shin and foot. Degrees of
 * freedom, joint ranges, stiffness, damping, gears, total mass and time step are those of Gymnasium's
 * HalfCheetah-v5, so that scores are comparable in kind; the shapes are this project's own, so not in number.
 */
const model = `
<mujoco model="half-cheetah">
  <compiler angle="radian" autolimits="true" inertiafromgeom="true" settotalmass="14"/>
  <option timestep="0.01" gravity="0 0 -9.81"><flag autoreset="disable"/></option>
  <default>
    <geom type="capsule" size="0.045" contype="1" conaffinity="0" condim="3" friction="0.4 0.1 0.1" solref="0.02 1" solimp="0 0.8 0.01"/>
    <joint type="hinge" axis="0 1 0" armature="0.1" solreflimit="0.02 1" solimplimit="0 0.8 0.03"/>
    <motor ctrllimited="true" ctrlrange="-1 1"/>
    <default class="root"><joint armature="0" damping="0" stiffness="0" limited="false"/></default>
  </default>
  <worldbody>
    <geom name="ground" type="plane" size="50 50 1" contype="0" conaffinity="1"/>
    <body name="trunk" pos="0 0 0.7">
      <joint name="root-x" class="root" type="slide" axis="1 0 0"/>
      <joint name="root-z" class="root" type="slide" axis="0 0 1"/>
      <joint name="root-pitch" class="root"/>
      <geom name="trunk" fromto="-0.5 0 0 0.5 0 0"/>
      <geom name="head" fromto="0.5 0 0 0.68 0 0.19"/>
      <body name="back-thigh" pos="-0.5 0 0">
        <joint name="back-hip" range="-0.52 1.05" stiffness="240" damping="6"/>
        <geom name="back-thigh" fromto="0 0 0 0.16 0 -0.24"/>
        <body name="back-shin" pos="0.16 0 -0.24">
          <joint name="back-knee" range="-0.785 0.785" stiffness="180" damping="4.5"/>
          <geom name="back-shin" fromto="0 0 0 -0.27 0 -0.14"/>
          <body name="back-foot" pos="-0.27 0 -0.14">
            <joint name="back-ankle" range="-0.4 0.785" stiffness="120" damping="3"/>
            <geom name="back-foot" fromto="0 0 0 0.06 0 -0.19"/>
          </body>
        </body>
      </body>
      <body name="front-thigh" pos="0.5 0 0">
        <joint name="front-hip" range="-1 0.7" stiffness="180" damping="4.5"/>
        <geom name="front-thigh" fromto="0 0 0 -0.14 0 -0.24"/>
        <body name="front-shin" pos="-0.14 0 -0.24">
          <joint name="front-knee" range="-1.2 0.87" stiffness="120" damping="3"/>
          <geom name="front-shin" fromto="0 0 0 0.13 0 -0.18"/>
          <body name="front-foot" pos="0.13 0 -0.18">
            <joint name="front-ankle" range="-0.5 0.5" stiffness="60" damping="1.5"/>
            <geom name="front-foot" fromto="0 0 0 0.08 0 -0.13"/>
          </body>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor joint="back-hip" gear="120"/>
    <motor joint="back-knee" gear="90"/>
    <motor joint="back-ankle" gear="60"/>
    <motor joint="front-hip" gear="120"/>
    <motor joint="front-knee" gear="60"/>
    <motor joint="front-ankle" gear="30"/>
  </actuator>
</mujoco>`;

/**
 * Observation as in HalfCheetah-v5: joint positions without the root's x [8], then velocities [9]. Reset noise:
 * uniform ± 0.1 on positions, 0.1 × normal on velocities. An episode never ends by itself.
 */
export const halfCheetah = locomotionTask({
  name: 'half-cheetah',
  model,
  frameSkip: 5,
  timeStepSeconds: 0.01,
  rootCoordinatesHidden: 1,
  observationSize: 17,
  actionSize: 6,
  actionLimit: 1,
  reset: { positionNoise: 0.1, velocity: (random) => 0.1 * random.normal() },
  healthyHeight: null,
  observesBodies: false,
});
