import { locomotionTask } from './locomotion';

/**
 * A humanoid of 13 bodies: trunk, waist, pelvis, two legs of thigh, shin and foot, two arms of upper and lower
 * arm. Degrees of freedom, their order, joint ranges, gears, actuator limits and time step are comparable to
 * Gymnasium's Humanoid-v5; the shapes are this project's own, and there are no hip–knee tendons.
 */
const model = `
<mujoco model="humanoid">
  <compiler angle="degree" autolimits="true" inertiafromgeom="true"/>
  <option timestep="0.003" gravity="0 0 -9.81" integrator="RK4" iterations="50"><flag autoreset="disable"/></option>
  <default>
    <geom type="capsule" contype="1" conaffinity="1" condim="1" margin="0.001" friction="1 0.1 0.1"/>
    <joint type="hinge" armature="1" damping="1"/>
    <motor ctrllimited="true" ctrlrange="-0.4 0.4"/>
    <default class="hip"><joint damping="5" stiffness="10" armature="0.01"/></default>
    <default class="arm"><joint stiffness="1" armature="0.005"/></default>
  </default>
  <worldbody>
    <geom name="ground" type="plane" size="50 50 1" condim="3"/>
    <body name="trunk" pos="0 0 1.4">
      <freejoint name="root"/>
      <geom name="chest" fromto="0 -0.07 0 0 0.07 0" size="0.07"/>
      <geom name="head" type="sphere" pos="0 0 0.19" size="0.09"/>
      <geom name="belly" fromto="-0.01 -0.06 -0.12 -0.01 0.06 -0.12" size="0.06"/>
      <body name="waist" pos="-0.01 0 -0.26">
        <joint name="abdomen-z" axis="0 0 1" pos="0 0 0.065" range="-45 45" stiffness="20" damping="5" armature="0.02"/>
        <joint name="abdomen-y" axis="0 1 0" pos="0 0 0.065" range="-75 30" stiffness="10" damping="5" armature="0.02"/>
        <geom name="waist" fromto="0 -0.06 0 0 0.06 0" size="0.06"/>
        <body name="pelvis" pos="0 0 -0.165">
          <joint name="abdomen-x" axis="1 0 0" pos="0 0 0.1" range="-35 35" stiffness="10" damping="5" armature="0.02"/>
          <geom name="hips" fromto="-0.02 -0.07 0 -0.02 0.07 0" size="0.09"/>
          ${leg('right', -1)}
          ${leg('left', 1)}
        </body>
      </body>
      ${arm('right', -1)}
      ${arm('left', 1)}
    </body>
  </worldbody>
  <actuator>
    <motor joint="abdomen-y" gear="100"/>
    <motor joint="abdomen-z" gear="100"/>
    <motor joint="abdomen-x" gear="100"/>
    ${legMotors('right')}
    ${legMotors('left')}
    ${armMotors('right')}
    ${armMotors('left')}
  </actuator>
</mujoco>`;

function leg(side: string, sign: number): string {
  return `<body name="${side}-thigh" pos="0 ${0.1 * sign} -0.04">
    <joint name="${side}-hip-x" class="hip" axis="${-sign} 0 0" range="-25 5"/>
    <joint name="${side}-hip-z" class="hip" axis="0 0 ${-sign}" range="-60 35"/>
    <joint name="${side}-hip-y" class="hip" axis="0 1 0" range="-110 20" stiffness="20"/>
    <geom name="${side}-thigh" fromto="0 0 0 0 ${-0.01 * sign} -0.34" size="0.06"/>
    <body name="${side}-shin" pos="0 ${-0.01 * sign} -0.4">
      <joint name="${side}-knee" axis="0 -1 0" range="-160 -2" armature="0.006"/>
      <geom name="${side}-shin" fromto="0 0 0 0 0 -0.3" size="0.049"/>
      <body name="${side}-foot" pos="0 0 -0.42">
        <geom name="${side}-heel" type="sphere" size="0.075" pos="0 0 0.08"/>
      </body>
    </body>
  </body>`;
}

function arm(side: string, sign: number): string {
  return `<body name="${side}-upper-arm" pos="0 ${0.17 * sign} 0.06">
    <joint name="${side}-shoulder-1" class="arm" axis="2 ${-sign} ${-sign}" range="${sign < 0 ? '-85 60' : '-60 85'}"/>
    <joint name="${side}-shoulder-2" class="arm" axis="0 ${-sign} 1" range="${sign < 0 ? '-85 60' : '-60 85'}"/>
    <geom name="${side}-upper-arm" fromto="0 0 0 0.16 ${0.16 * sign} -0.16" size="0.04"/>
    <body name="${side}-lower-arm" pos="0.18 ${0.18 * sign} -0.18">
      <joint name="${side}-elbow" class="arm" axis="0 ${sign} ${-sign}" range="-90 50" stiffness="0"/>
      <geom name="${side}-lower-arm" fromto="0.01 ${-0.01 * sign} 0.01 0.17 ${-0.17 * sign} 0.17" size="0.031"/>
      <geom name="${side}-hand" type="sphere" pos="0.18 ${-0.18 * sign} 0.18" size="0.04"/>
    </body>
  </body>`;
}

function legMotors(side: string): string {
  return [['hip-x', 100], ['hip-z', 100], ['hip-y', 300], ['knee', 200]].map(([joint, gear]) => `<motor joint="${side}-${joint}" gear="${gear}"/>`).join('');
}

function armMotors(side: string): string {
  return ['shoulder-1', 'shoulder-2', 'elbow'].map((joint) => `<motor joint="${side}-${joint}" gear="25"/>`).join('');
}

/**
 * Observation as in Humanoid-v5, 348 numbers, the world body left out: qpos[2:] [22], qvel [23], cinert [13·10],
 * cvel [13·6], actuator forces of the joints [17], cfrc_ext [13·6]. Healthy while the trunk's height is in (1, 2).
 * Reset noise: uniform ± 0.01 on positions and velocities. Unlike Gymnasium's, `velocity` is that of the trunk
 * and not of the centre of mass, as in the paper's Brax humanoid.
 */
export const humanoid = locomotionTask({
  name: 'humanoid',
  model,
  frameSkip: 5,
  timeStepSeconds: 0.003,
  rootCoordinatesHidden: 2,
  observationSize: 348,
  actionSize: 17,
  actionLimit: 0.4,
  reset: { positionNoise: 0.01, velocity: (random) => random.uniform(-0.01, 0.01) },
  healthyHeight: [1, 2],
  observesBodies: true,
});
